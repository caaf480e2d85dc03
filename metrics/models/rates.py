from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Shop, SubAccount
from metrics.formulas.units import Figures


class Counted(models.Model):
    """Units of one metric on one shop day."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    metric = models.CharField(_("metric"), max_length=30)
    date = models.DateField(_("shop day"))
    passed = models.PositiveIntegerField(_("passed"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    pending = models.PositiveIntegerField(_("pending"), default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.metric} {self.date}: {self.passed}/{self.passed + self.failed}"

    @property
    def figures(self) -> Figures:
        return Figures(self.passed, self.failed, self.pending)


class DayRate(Counted):
    """A metric on a shop day: its own figures, its window's, and the assessment (P1). Written by metrics.services."""

    window_passed = models.PositiveIntegerField(_("passed in the window"), default=0)
    window_failed = models.PositiveIntegerField(_("failed in the window"), default=0)
    window_pending = models.PositiveIntegerField(_("pending in the window"), default=0)
    assessed = models.BooleanField(_("assessed"), default=False)
    passes = models.BooleanField(_("passes"), null=True)
    """The window's rate against the line; null while the day is not assessed."""
    own_passes = models.BooleanField(_("passes on its own"), null=True)
    settled = models.BooleanField(_("settled"), default=False)
    """Counted when the day was over and with nothing pending: time alone changes it no more."""
    counted_at = models.DateTimeField(_("counted at"), default=timezone.now)

    class Meta(Counted.Meta):
        verbose_name = _("day's rate")
        verbose_name_plural = _("daily rates")
        ordering = ["-date", "metric"]
        constraints = [models.UniqueConstraint(fields=["shop", "metric", "date"], name="day_rate_once")]
        indexes = [
            models.Index(fields=["shop", "date"], name="day_rate_day"),
            models.Index(fields=["shop", "date"], condition=Q(settled=False), name="day_rate_unsettled"),
        ]

    @property
    def window(self) -> Figures:
        return Figures(self.window_passed, self.window_failed, self.window_pending)


class AgentDayRate(Counted):
    """One agent's own streaks of a metric on a shop day; without an agent, those that nobody held (METRICS 2)."""

    agent = models.ForeignKey(SubAccount, models.CASCADE, null=True, related_name="+", verbose_name=_("agent"))

    class Meta(Counted.Meta):
        verbose_name = _("agent's day")
        verbose_name_plural = _("agents' days")
        constraints = [
            models.UniqueConstraint(fields=["shop", "metric", "date", "agent"], name="agent_day_rate_once"),
            models.UniqueConstraint(
                fields=["shop", "metric", "date"], condition=Q(agent__isnull=True), name="nobody_day_rate_once"
            ),
        ]
        indexes = [models.Index(fields=["shop", "agent", "date"], name="agent_day_rate_day")]
