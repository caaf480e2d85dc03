from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Shop
from conversations.models import Buyer


class AssessmentState(models.Model):
    """One per shop: the row that an assessment locks, and how far it has read the shop's messages."""

    shop = models.OneToOneField(
        Shop, models.CASCADE, primary_key=True, related_name="assessment_state", verbose_name=_("shop")
    )
    cursor = models.BigIntegerField(_("cursor"), default=-1)
    """The last `Message.seq` whose shop day has been looked at; -1 reads what was there before, imports (0) too."""
    assessed_at = models.DateTimeField(_("last assessed"), null=True)
    counted_by = models.CharField(_("counted by"), max_length=64, blank=True)
    """What the shop's rollups were counted by (metrics.services.rebuilding): another value means from the beginning."""

    class Meta:
        verbose_name = _("state of the assessment")
        verbose_name_plural = _("states of the assessment")

    def __str__(self) -> str:
        return f"{self.shop_id}: {self.cursor}"


class DirtyDay(models.Model):
    """A shop day to be counted again, of one buyer or (null) whole. Only ever added and, once counted, deleted by key:
    a day that is marked while it is being counted keeps its new mark, so rows of one day may repeat."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    date = models.DateField(_("shop day"))
    buyer = models.ForeignKey(Buyer, models.CASCADE, null=True, related_name="+", verbose_name=_("buyer"))

    class Meta:
        verbose_name = _("day to be counted again")
        verbose_name_plural = _("days to be counted again")
        indexes = [models.Index(fields=["shop", "date"], name="dirty_day")]

    def __str__(self) -> str:
        return f"{self.shop_id} {self.date}"


class DefinitionOverride(models.Model):
    """A shop's own values for a metric between two days, both included (METRICS 3); null leaves the preset's."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="metric_overrides", verbose_name=_("shop"))
    metric = models.CharField(_("metric"), max_length=30)
    counts_robot = models.BooleanField(_("robot's answers count"), null=True)
    penalties = models.JSONField(_("penalties"), null=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True)
    created_at = models.DateTimeField(_("set at"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("made by")
    )

    class Meta:
        ordering = ["metric", "valid_from"]
        verbose_name = _("shop's own metric value")
        verbose_name_plural = _("shop's own metric values")
        constraints = [models.UniqueConstraint(fields=["shop", "metric", "valid_from"], name="override_once_per_day")]

    def __str__(self) -> str:
        return f"{self.metric} {self.valid_from}"
