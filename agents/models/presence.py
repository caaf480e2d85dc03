from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.labels import STATUSES
from agents.models.account import Account
from agents.models.shop import Shop
from agents.models.sub_account import SubAccount


class PresenceLog(models.Model):
    """Each change of a sub-account's status: who, when, from which device, why."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    sub_account = models.ForeignKey(
        SubAccount, models.CASCADE, related_name="presence_log", verbose_name=_("sub-account")
    )
    status = models.CharField(_("status"), max_length=10, choices=[(k.value, v) for k, v in STATUSES.items()])
    previous = models.CharField(_("before"), max_length=10)
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+", verbose_name=_("who"))
    device = models.CharField(_("device"), max_length=200, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("status change")
        verbose_name_plural = _("status log")
        indexes = [models.Index(fields=["shop", "sub_account", "at"])]

    def __str__(self) -> str:
        return f"{self.sub_account} {self.status}"
