from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Shop
from core.secrets import EncryptedTextField
from outgoing.models.sending import Leased, Sending
from outgoing.vocabulary import DUE_STATES


class PushSubscription(Leased):
    """A browser that wants to be pushed to, for who has signed in there. It ends when they sign out, or their password
    changes."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_subscriptions", verbose_name=_("account")
    )
    endpoint = models.CharField(_("endpoint"), max_length=1000, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = EncryptedTextField()
    """The browser's keys, the first public, the second a secret: only it can read what is pushed."""
    session = models.CharField(max_length=40, editable=False)
    password = models.CharField(max_length=128, editable=False)
    """The session's key, and the hash that sessions are checked by (never the password)."""
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    user_agent = models.CharField(_("browser"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("push subscription")
        verbose_name_plural = _("push subscriptions")

    def __str__(self) -> str:
        return f"{self.account_id}: {self.user_agent[:40]}"


class PushCursor(models.Model):
    """How far a shop's events have been looked at for pushes."""

    shop = models.OneToOneField(
        Shop, models.CASCADE, primary_key=True, related_name="push_cursor", verbose_name=_("shop")
    )
    seq = models.BigIntegerField(_("event number"), default=0)

    class Meta:
        verbose_name = _("push cursor")
        verbose_name_plural = _("push cursors")

    def __str__(self) -> str:
        return f"{self.shop_id}: {self.seq}"


class Push(Sending):
    """One notice to one browser. `key` names it within the subscription, so that it is pushed once."""

    shop = models.ForeignKey(Shop, models.CASCADE, null=True, related_name="+", verbose_name=_("shop"))
    subscription = models.ForeignKey(
        PushSubscription, models.CASCADE, related_name="pushes", verbose_name=_("push subscription")
    )
    key = models.CharField(_("key"), max_length=100)
    body = models.TextField(_("content"))

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("push")
        verbose_name_plural = _("pushes")
        constraints = [models.UniqueConstraint(fields=["subscription", "key"], name="push_once")]
        indexes = [
            models.Index(
                fields=["subscription", "id"],
                condition=Q(state__in=[state.value for state in DUE_STATES]),
                name="push_due",
            ),
            models.Index(fields=["created_at"], name="push_old"),
        ]

    def __str__(self) -> str:
        return f"{self.key} → {self.subscription_id}"
