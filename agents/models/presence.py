from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.labels import STATUSES
from agents.models.account import Account
from agents.models.shop import Shop
from agents.models.sub_account import SubAccount


class PresenceLease(models.Model):
    """Who is there because their open pages say so: while they go on saying it, the status stands.

    Written when somebody switches on a page; a status that a program sets has none and stands by itself.
    """

    sub_account = models.OneToOneField(
        SubAccount, models.CASCADE, primary_key=True, related_name="lease", verbose_name=_("sub-account")
    )
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    beat_at = models.DateTimeField(_("last sign of life"), default=timezone.now)
    session_key = models.CharField(_("session"), max_length=40, blank=True)
    """The session whose page switched it on: the lease ends with it. Empty: of no session that is known."""

    class Meta:
        verbose_name = _("presence lease")
        verbose_name_plural = _("presence leases")
        indexes = [models.Index(fields=["beat_at"], name="lease_beat")]

    def __str__(self) -> str:
        return f"{self.sub_account_id} {self.beat_at}"


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
