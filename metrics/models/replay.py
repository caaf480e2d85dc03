from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Account, Shop
from core.db.fields import OrderedJSONField

REPLAY_STATES = {
    "waiting": _("Waiting for its turn"),
    "running": _("Running"),
    "done": _("Done"),
    "failed": _("Failed"),
    "cancelled": _("Cancelled"),
}


class Replay(models.Model):
    """A past day under a draft of the settings: asked for on the settings page, run by a job, kept for a week."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    day = models.DateField(_("day"))
    document = OrderedJSONField(_("routing document"))
    asked_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+", verbose_name=_("who"))
    asked_at = models.DateTimeField(_("when"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=list(REPLAY_STATES.items()), default="waiting")
    done = models.PositiveIntegerField(_("events done"), default=0)
    total = models.PositiveIntegerField(_("events in all"), default=0)
    alive_at = models.DateTimeField(_("last heard of"), default=timezone.now)
    """A run that has not been heard of for a while was killed, and is begun anew."""
    result = models.JSONField(_("result"), null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("replay of a day")
        verbose_name_plural = _("replays of days")
        indexes = [models.Index(fields=["state", "alive_at"], name="replay_to_run")]

    def __str__(self) -> str:
        return f"{self.shop} {self.day}"

    @property
    def over(self) -> bool:
        return self.state in ("done", "failed", "cancelled")

    @property
    def percent(self) -> int:
        return min(99, 100 * self.done // self.total) if self.total else 0
