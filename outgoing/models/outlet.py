from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Shop
from core.secrets import EncryptedTextField
from outgoing.labels import OFF_BECAUSE, OUTLET_KINDS
from outgoing.models.sending import Leased, Sending
from outgoing.vocabulary import DUE_STATES


class Outlet(Leased):
    """Somewhere outside that a shop tells: a webhook, a group's robot, e-mail addresses.

    It follows the shop's events by `seq` like a reader of the stream: what lies after that number has not been looked
    at yet for it.
    """

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="outlets", verbose_name=_("shop"))
    kind = models.CharField(_("kind"), max_length=10, choices=list(OUTLET_KINDS.items()))
    name = models.CharField(_("name"), max_length=50)
    address = EncryptedTextField(_("address"))
    """A URL; for e-mail the addresses, one a line."""
    secret = EncryptedTextField(_("secret"), blank=True)
    """The key of the signatures. Encrypted and not a digest: signing needs it."""
    previous_secret = EncryptedTextField(_("previous secret"), blank=True, default="")
    previous_until = models.DateTimeField(_("previous secret until"), null=True)
    """Until then deliveries are signed with the previous secret too, so that a receiver can change over."""
    events = models.JSONField(_("events"), default=list)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    queue_longer = models.PositiveIntegerField(_("queue longer than"), null=True)
    waited_minutes = models.PositiveIntegerField(_("waited longer than"), null=True)
    cool_down = models.PositiveIntegerField(_("minutes until said again"), default=30)
    on = models.BooleanField(_("on"), default=True)
    off_because = models.CharField(_("off because"), max_length=10, blank=True, choices=list(OFF_BECAUSE.items()))
    seq = models.BigIntegerField(_("event number"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("outlet")
        verbose_name_plural = _("outlets")
        constraints = [
            models.CheckConstraint(
                condition=Q(on=True, off_because="") | Q(on=False) & ~Q(off_because=""),
                name="outlet_off_has_a_reason",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Recipient(models.Model):
    """An e-mail address of a shop's alert channels. Until somebody there has confirmed it, nothing else is sent to it.

    `wanted_at`: a confirmation mail is to go out and has not yet; `origin`: what its link begins with.
    """

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False, verbose_name=_("shop"))
    address = models.CharField(_("address"), max_length=254)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    wanted_at = models.DateTimeField(_("to be asked since"), null=True)
    asked_at = models.DateTimeField(_("last asked"), null=True)
    origin = models.CharField(max_length=200, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("alert recipient")
        verbose_name_plural = _("alert recipients")
        constraints = [models.UniqueConstraint(fields=["shop", "address"], name="recipient_once")]
        indexes = [
            models.Index(fields=["wanted_at"], condition=Q(wanted_at__isnull=False), name="recipient_wanted"),
        ]

    def __str__(self) -> str:
        return self.address


class ConfirmationMail(models.Model):
    """A confirmation mail that went out; counted for the limits, and dropped after a day."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    address = models.CharField(_("address"), max_length=254, db_index=True)
    sent_at = models.DateTimeField(_("sent"), db_index=True)

    class Meta:
        verbose_name = _("confirmation mail")
        verbose_name_plural = _("confirmation mails")

    def __str__(self) -> str:
        return self.address


class Delivery(Sending):
    """One thing told to one outlet. `key` names it within the outlet, so that it is told once."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    outlet = models.ForeignKey(Outlet, models.CASCADE, related_name="deliveries", verbose_name=_("outlet"))
    key = models.CharField(_("key"), max_length=100)
    event = models.CharField(_("event"), max_length=30)
    seq = models.BigIntegerField(_("event number"), null=True)
    body = models.TextField(_("content"))
    """For a webhook the JSON as it goes out; for the others the text, its first line the subject."""
    html = models.TextField(_("content as a page"), blank=True)
    """Of a mail that has one."""

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["shop", "outlet", "key"], name="delivery_once")]
        indexes = [
            models.Index(
                fields=["outlet", "id"],
                condition=Q(state__in=[state.value for state in DUE_STATES]),
                name="delivery_due",
            ),
            models.Index(fields=["outlet", "created_at"], name="delivery_recent"),
            models.Index(fields=["created_at"], name="delivery_old"),
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.outlet_id}"
