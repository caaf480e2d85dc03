from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Shop, SubAccount


class Lane(models.Model):
    """One per shop, locked by everything that routes (DESIGN 3); numbers the shop's events."""

    shop = models.OneToOneField(Shop, models.CASCADE, primary_key=True, related_name="lane", verbose_name=_("shop"))
    seq = models.BigIntegerField(_("event number"), default=0)
    assignments = models.BigIntegerField(_("assignments"), default=0)
    """How many assignments of any kind there have been: their order, for G15."""
    last_at = models.DateTimeField(_("last event"), null=True)
    """The time of the last event: a clock set back does not send the lane back."""
    version = models.PositiveIntegerField(_("version"), default=1)
    settings_token = models.CharField(_("settings token"), max_length=32, blank=True)
    """Names the settings in force across databases: what a process has compiled is kept under it."""
    settings_at = models.DateTimeField(_("settings at"), null=True)
    """When the settings in force took effect; null for a shop's first ones."""

    class Meta:
        verbose_name = _("lane")
        verbose_name_plural = _("lanes")

    def __str__(self) -> str:
        return f"{self.shop_id}: {self.seq}"


class AgentCounter(models.Model):
    """What the rules count for a sub-account. Written only inside the lane; a job compares it with the truth."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    sub_account = models.OneToOneField(
        SubAccount, models.CASCADE, primary_key=True, related_name="counter", verbose_name=_("sub-account")
    )
    open = models.PositiveIntegerField(_("open"), default=0)
    waiting_replies = models.PositiveIntegerField(_("waiting for a reply"), default=0)
    received_today = models.PositiveIntegerField(_("received today"), default=0)
    offline_today = models.PositiveIntegerField(_("offline ones today"), default=0)
    counted_on = models.DateField(_("counted on"), null=True)
    last_assigned = models.BigIntegerField(_("last assigned"), default=0)
    """The lane's number of the last assignment of any kind (G15); 0 = never."""

    class Meta:
        verbose_name = _("counter")
        verbose_name_plural = _("counters")
        constraints = [
            models.CheckConstraint(
                condition=Q(waiting_replies__lte=models.F("open")), name="counter_waiting_at_most_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sub_account_id}: {self.open}"


class ShopEvent(models.Model):
    """What happened in the lane, for the screens: without gaps in `seq`, one row an event."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False, verbose_name=_("shop"))
    seq = models.BigIntegerField(_("event number"))
    at = models.DateTimeField(_("time"))
    kind = models.CharField(_("kind"), max_length=20)
    data = models.JSONField(_("data"), default=dict)
    """What changed, so that who reads it later is told what they might see then:
    {"conversations": [{"id": pk, "was": [state, holder's pk] or null, "now": [state, holder's pk]}…],
    "agents": [pk…], "message": pk}; an announced one carries its own keys."""

    class Meta:
        verbose_name = _("shop event")
        verbose_name_plural = _("shop events")
        constraints = [models.UniqueConstraint(fields=["shop", "seq"], name="event_once_per_seq")]

    def __str__(self) -> str:
        return f"{self.shop_id}/{self.seq} {self.kind}"
