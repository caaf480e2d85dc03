from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Shop
from metrics.labels import ALERT_EVENTS, KINDS, MARKS, WINDOW_STATES

KIND_CHOICES = [(kind.value, label) for kind, label in KINDS.items()]


class PenaltyWindow(models.Model):
    """A penalty that Fenliu expects (P8). Its identity is its kind and the day that opened it; never deleted (P5)."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="penalty_windows", verbose_name=_("shop"))
    kind = models.CharField(_("penalty"), max_length=30, choices=KIND_CHOICES)
    opened_on = models.DateField(_("opened by"))
    starts_at = models.DateTimeField(_("in force from"))
    not_before = models.DateTimeField(_("not over before"))
    ends_at = models.DateTimeField(_("in force until"), null=True)
    """Null while it is not known yet (P3)."""
    run = models.PositiveIntegerField(_("days passed in a row"), default=0)
    reasons = models.JSONField(_("because of"), default=list)
    """[{"metric", "passed", "failed", "own_passed", "own_failed"}]; empty for one that a person entered."""
    state = models.CharField(_("state"), max_length=10, choices=list(WINDOW_STATES.items()), default="open")
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    mark = models.CharField(_("marked"), max_length=10, blank=True, choices=list(MARKS.items()))
    mark_reason = models.CharField(_("reason"), max_length=500, blank=True)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("marked by")
    )
    marked_at = models.DateTimeField(_("marked at"), null=True)
    created_at = models.DateTimeField(_("found at"), default=timezone.now)

    class Meta:
        ordering = ["-opened_on", "kind"]
        verbose_name = _("penalty")
        verbose_name_plural = _("penalties")
        constraints = [models.UniqueConstraint(fields=["shop", "kind", "opened_on"], name="penalty_once_per_day")]
        indexes = [models.Index(fields=["shop", "state"], name="penalty_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.opened_on}"


class Prolongation(models.Model):
    """A failing day that prolonged a window (P2); marked when late messages cured that day."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    window = models.ForeignKey(PenaltyWindow, models.CASCADE, related_name="prolongations", verbose_name=_("window"))
    date = models.DateField(_("shop day"))
    until = models.DateTimeField(_("in force until"))
    reasons = models.JSONField(_("because of"), default=list)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    class Meta:
        ordering = ["date"]
        verbose_name = _("prolongation")
        verbose_name_plural = _("prolongations")
        constraints = [models.UniqueConstraint(fields=["shop", "window", "date"], name="prolongation_once")]

    def __str__(self) -> str:
        return f"{self.window_id} {self.date}"


class PenaltyEntry(models.Model):
    """A penalty that a person entered because the platform announced it, with its day (P4)."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    kind = models.CharField(_("penalty"), max_length=30, choices=KIND_CHOICES)
    date = models.DateField(_("shop day"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered"), default=timezone.now)

    class Meta:
        ordering = ["-date"]
        verbose_name = _("penalty entered by hand")
        verbose_name_plural = _("penalties entered by hand")
        constraints = [models.UniqueConstraint(fields=["shop", "kind", "date"], name="penalty_entry_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.date}"


class Alert(models.Model):
    """Something that people are to be told about a window, once each (P5, P6)."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="penalty_alerts", verbose_name=_("shop"))
    window = models.ForeignKey(PenaltyWindow, models.CASCADE, related_name="alerts", verbose_name=_("window"))
    event = models.CharField(_("event"), max_length=10, choices=list(ALERT_EVENTS.items()))
    date = models.DateField(_("shop day"))
    """The day that opened the window, or the one that prolonged it."""
    created_at = models.DateTimeField(_("when"), default=timezone.now)
    announced_at = models.DateTimeField(_("announced"), null=True)
    """When it became one of the shop's events; null: not yet."""

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [models.UniqueConstraint(fields=["shop", "window", "event", "date"], name="alert_once")]
        indexes = [
            models.Index(fields=["shop", "created_at"], name="alert_recent"),
            models.Index(fields=["shop"], condition=models.Q(announced_at=None), name="alert_unannounced"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.window_id}"


class Heading(models.Model):
    """A day of which people were told, while it ran, that a metric would fail at its pace (P7): once each."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    metric = models.CharField(_("metric"), max_length=30)
    date = models.DateField(_("shop day"))
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        ordering = ["-date", "metric"]
        verbose_name = _("warning before a fail")
        verbose_name_plural = _("warnings before a fail")
        constraints = [models.UniqueConstraint(fields=["shop", "metric", "date"], name="heading_once")]

    def __str__(self) -> str:
        return f"{self.metric} {self.date}"
