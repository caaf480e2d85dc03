from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Shop, SubAccount


class CounterDrift(models.Model):
    """A counter that was found to differ from what the conversations say, and was set right."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    sub_account = models.ForeignKey(SubAccount, models.CASCADE, related_name="+", verbose_name=_("agent"))
    at = models.DateTimeField(_("when"))
    counter = models.CharField(_("counter"), max_length=20)
    counted = models.IntegerField(_("counted"))
    truth = models.IntegerField(_("truth"))

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("counter drift")
        verbose_name_plural = _("counter drifts")

    def __str__(self) -> str:
        return f"{self.sub_account} {self.counter}: {self.counted}, {self.truth}"
