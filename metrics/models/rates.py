from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Shop
from metrics.formulas.units import Figures


class DayRate(models.Model):
    """A metric on a shop day: its own figures, its window's, and the assessment (P1). Written by metrics.services."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    metric = models.CharField(_("metric"), max_length=30)
    date = models.DateField(_("shop day"))
    passed = models.PositiveIntegerField(_("passed"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    pending = models.PositiveIntegerField(_("pending"), default=0)
    window_passed = models.PositiveIntegerField(_("passed in the window"), default=0)
    window_failed = models.PositiveIntegerField(_("failed in the window"), default=0)
    window_pending = models.PositiveIntegerField(_("pending in the window"), default=0)
    assessed = models.BooleanField(_("assessed"), default=False)
    passes = models.BooleanField(_("passes"), null=True)
    """The window's rate against the line; null while the day is not assessed."""
    own_passes = models.BooleanField(_("passes on its own"), null=True)
    counted_at = models.DateTimeField(_("counted at"), default=timezone.now)

    class Meta:
        verbose_name = _("day's rate")
        verbose_name_plural = _("daily rates")
        ordering = ["-date", "metric"]
        constraints = [models.UniqueConstraint(fields=["shop", "metric", "date"], name="day_rate_once")]
        indexes = [models.Index(fields=["shop", "date"], name="day_rate_day")]

    def __str__(self) -> str:
        return f"{self.metric} {self.date}: {self.passed}/{self.passed + self.failed}"

    @property
    def figures(self) -> Figures:
        return Figures(self.passed, self.failed, self.pending)

    @property
    def window(self) -> Figures:
        return Figures(self.window_passed, self.window_failed, self.window_pending)
