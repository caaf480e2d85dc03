"""What the installation remembers of its own running: its jobs, and how many decisions there have been."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.labels import PLATFORMS
from agents.models import Shop
from routing.labels import OUTCOMES


class JobRecord(models.Model):
    """A job of the registry: when it last went well and ill, how often, how long it took. One row a job."""

    name = models.CharField(_("job"), max_length=100, primary_key=True)
    since = models.DateTimeField(_("known since"), default=timezone.now)
    """What lateness counts from while the job has never gone well."""
    succeeded_at = models.DateTimeField(_("last went well"), null=True)
    failed_at = models.DateTimeField(_("last failed"), null=True)
    runs = models.BigIntegerField(_("went well (times)"), default=0)
    failures = models.BigIntegerField(_("failed (times)"), default=0)
    seconds = models.FloatField(_("seconds in all"), default=0)
    last_seconds = models.FloatField(_("seconds of the last time"), default=0)

    class Meta:
        ordering = ["name"]
        verbose_name = _("job record")
        verbose_name_plural = _("job records")

    def __str__(self) -> str:
        return self.name


class FailedItem(models.Model):
    """An item of a sweep that has failed: a shop, an outlet, an event. Its row goes when it has gone well."""

    sweep = models.CharField(_("sweep"), max_length=100)
    key = models.CharField(_("item"), max_length=200)
    attempts = models.PositiveIntegerField(_("failures in a row"), default=0)
    error = models.TextField(_("last error"), blank=True)
    first_failed_at = models.DateTimeField(_("first failed"), default=timezone.now)
    last_failed_at = models.DateTimeField(_("last failed"), default=timezone.now)
    next_at = models.DateTimeField(_("next attempt"), default=timezone.now)
    parked_at = models.DateTimeField(_("parked"), null=True)
    """Set once it has failed MAX_TRIES times; from then on it is tried once an hour."""

    class Meta:
        ordering = ["sweep", "key"]
        verbose_name = _("failed item")
        verbose_name_plural = _("failed items")
        constraints = [models.UniqueConstraint(fields=["sweep", "key"], name="failed_item_once")]

    def __str__(self) -> str:
        return f"{self.sweep} {self.key}"


class DecisionTally(models.Model):
    """How many decisions there have been, so that nobody has to count them. Kept up by a job; decisions that are
    dropped for their age stay counted."""

    platform = models.CharField(_("platform"), max_length=20, choices=[(k.value, v) for k, v in PLATFORMS.items()])
    rule = models.CharField(_("rule"), max_length=8)
    outcome = models.CharField(_("outcome"), max_length=10, choices=list(OUTCOMES.items()))
    count = models.BigIntegerField(_("decisions"), default=0)

    class Meta:
        ordering = ["platform", "rule", "outcome"]
        verbose_name = _("tally of decisions")
        verbose_name_plural = _("tallies of decisions")
        constraints = [models.UniqueConstraint(fields=["platform", "rule", "outcome"], name="decision_tally_once")]

    def __str__(self) -> str:
        return f"{self.platform} {self.rule} {self.outcome}: {self.count}"


class TallyCursor(models.Model):
    """How far a shop's decisions have been counted, by the number of the event."""

    shop = models.OneToOneField(Shop, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("shop"))
    seq = models.BigIntegerField(_("event number"), default=0)

    class Meta:
        verbose_name = _("cursor of the tally")
        verbose_name_plural = _("cursors of the tally")

    def __str__(self) -> str:
        return f"{self.shop_id}: {self.seq}"
