from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Account

SIMULATION_STATES = {
    "waiting": _("Waiting for its turn"),
    "running": _("Running"),
    "done": _("Done"),
    "failed": _("Failed"),
}


class Simulation(models.Model):
    """A scenario too large for one request: run by a job in a bounded process, its result kept for a day."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="+", verbose_name=_("account"))
    scenario = models.BinaryField(_("scenario"))
    """JSON, compressed by zlib; so is `result`."""
    traces = models.BooleanField(_("with traces"), default=True)
    asked_at = models.DateTimeField(_("when"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=list(SIMULATION_STATES.items()), default="waiting")
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    alive_at = models.DateTimeField(_("last heard of"), default=timezone.now)
    result = models.BinaryField(_("result"), null=True)
    error = models.CharField(_("error"), max_length=1000, blank=True)
    """A code, a colon, and the place and words of a malformed scenario."""

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("simulation")
        verbose_name_plural = _("simulations")
        indexes = [
            models.Index(fields=["state", "alive_at"], name="simulation_to_run"),
            models.Index(fields=["asked_at"], name="simulation_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.asked_at:%Y-%m-%d %H:%M}"
