from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.duty import Shift, Span
from agents.labels import SHIFT_COLOURS, WEEKDAYS
from agents.models.shop import Shop
from agents.models.sub_account import SubAccount


class ShiftKind(models.Model):
    """A shift 班次 of a shop: early, late, …; a split one has two spans."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="shift_kinds", verbose_name=_("shop"))
    name = models.CharField(_("name"), max_length=20)
    colour = models.CharField(_("colour"), max_length=10, choices=[(k.value, v) for k, v in SHIFT_COLOURS.items()])
    times = models.JSONField(_("times"))
    """[[start, end], …]: minutes from midnight of the day it begins on (agents.duty)."""

    class Meta:
        ordering = ["shop", "pk"]
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        constraints = [models.UniqueConstraint(fields=["shop", "name"], name="shift_kind_once_per_shop")]

    def __str__(self) -> str:
        return self.name

    @property
    def spans(self) -> Shift:
        return tuple(Span(start, end) for start, end in self.times)

    @property
    def told(self) -> str:
        """ "08:00–12:00、18:00–23:00"."""
        return "、".join(map(str, self.spans))


class ShiftPattern(models.Model):
    """The weekly pattern: somebody's shift on every such weekday; no row: free."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    sub_account = models.ForeignKey(
        SubAccount, models.CASCADE, related_name="shift_pattern", verbose_name=_("sub-account")
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=list(enumerate(WEEKDAYS)))
    kind = models.ForeignKey(ShiftKind, models.PROTECT, related_name="pattern", verbose_name=_("shift"))

    class Meta:
        ordering = ["shop", "sub_account", "weekday"]
        verbose_name = _("line of the weekly pattern")
        verbose_name_plural = _("weekly pattern of shifts")
        constraints = [
            models.UniqueConstraint(fields=["shop", "sub_account", "weekday"], name="shift_pattern_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="shift_pattern_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.sub_account_id} {self.weekday}"


class ShiftException(models.Model):
    """Another shift than the pattern's on one date; without a shift: free 休."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    sub_account = models.ForeignKey(
        SubAccount, models.CASCADE, related_name="shift_exceptions", verbose_name=_("sub-account")
    )
    date = models.DateField(_("date"))
    kind = models.ForeignKey(ShiftKind, models.PROTECT, null=True, related_name="exceptions", verbose_name=_("shift"))

    class Meta:
        ordering = ["-date", "sub_account"]
        verbose_name = _("shift on one date")
        verbose_name_plural = _("shifts on single dates")
        constraints = [models.UniqueConstraint(fields=["shop", "sub_account", "date"], name="shift_exception_once")]
        indexes = [models.Index(fields=["shop", "date"], name="shift_exception_date")]

    def __str__(self) -> str:
        return f"{self.sub_account_id} {self.date}"


class ShiftSettings(models.Model):
    """One per shop: whether the status follows the shift. No row: it does not. Locked by whatever changes the plan."""

    shop = models.OneToOneField(
        Shop, models.CASCADE, primary_key=True, related_name="shift_settings", verbose_name=_("shop")
    )
    follows = models.BooleanField(_("status follows the shift"), default=False)
    looked_at = models.DateTimeField(_("last looked at"), null=True)
    """Up to when the plan has been followed; null: from the next look on."""

    class Meta:
        verbose_name = _("settings of the shifts")
        verbose_name_plural = _("settings of the shifts")

    def __str__(self) -> str:
        return str(self.shop_id)


class ShiftMark(models.Model):
    """How far somebody's status has followed their shift: the boundary acted on last. Written by routing.services."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    sub_account = models.OneToOneField(
        SubAccount, models.CASCADE, primary_key=True, related_name="shift_mark", verbose_name=_("sub-account")
    )
    on = models.BooleanField(_("on duty"))
    boundary = models.DateTimeField(_("since"), null=True)
    leaving_since = models.DateTimeField(_("on a break to finish since"), null=True)
    """`status_since` of the break that the end of the shift set; offline follows when nothing is open any more."""

    class Meta:
        verbose_name = _("how far a status has followed")
        verbose_name_plural = _("how far statuses have followed")

    def __str__(self) -> str:
        return f"{self.sub_account_id} {self.on}"

    def still_leaving(self, status_since: datetime | None) -> bool:
        """Whether nobody has changed the status since the end of the shift set it."""
        return self.leaving_since is not None and self.leaving_since == status_since
