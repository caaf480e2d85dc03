"""What reports read instead of messages, and the buyers' days that it is made of. Written by metrics.services alone.

All of it follows from other tables, so the database does not check each row's keys, nor index them singly.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Shop, SubAccount
from conversations.models import Buyer
from metrics.formulas.measures import MEASURES
from metrics.formulas.tally import DIMENSIONS, WHOLE_DAY
from metrics.labels import MEASURES as LABELS


class BuyerDay(models.Model):
    """One buyer's shop day as it was last counted: what it adds to the rollups follows from it."""

    shop = models.ForeignKey(
        Shop, models.CASCADE, related_name="+", db_constraint=False, db_index=False, verbose_name=_("shop")
    )
    date = models.DateField(_("shop day"))
    buyer = models.ForeignKey(
        Buyer, models.CASCADE, related_name="+", db_constraint=False, db_index=False, verbose_name=_("buyer")
    )
    facts = models.JSONField(_("facts"))
    """metrics.formulas.facts_json."""
    counted_at = models.DateTimeField(_("counted as of"), default=timezone.now)
    changes_at = models.DateTimeField(_("changes by itself at"), null=True)
    """When time alone will change what it adds; null: it is final until something comes."""

    class Meta:
        verbose_name = _("buyer's day")
        verbose_name_plural = _("buyers' days")
        constraints = [models.UniqueConstraint(fields=["shop", "date", "buyer"], name="buyer_day_once")]
        indexes = [
            models.Index(
                fields=["shop", "changes_at"], condition=Q(changes_at__isnull=False), name="buyer_day_changing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.buyer_id} {self.date}"


class Line(models.Model):
    """One line of the rollups: of a shop day an hour (or the whole day) of the shop, an agent, an entry, an order
    status."""

    shop = models.ForeignKey(
        Shop, models.CASCADE, related_name="+", db_constraint=False, db_index=False, verbose_name=_("shop")
    )
    date = models.DateField(_("shop day"))
    hour = models.SmallIntegerField(_("hour"), help_text=f"{WHOLE_DAY}: whole day")
    dimension = models.CharField(_("by"), max_length=12, choices=[(name, name) for name in DIMENSIONS])
    key = models.CharField(_("of"), max_length=50, blank=True)
    """The sub-account's key, the entry, the order status; empty: the shop, nobody, none."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.date} {self.hour} {self.dimension} {self.key}"


class Rollup(Line):
    """Amounts of metrics.formulas.measures, a column each."""

    class Meta(Line.Meta):
        verbose_name = _("rollup")
        verbose_name_plural = _("rollups")
        constraints = [
            models.UniqueConstraint(fields=["shop", "dimension", "date", "key", "hour"], name="rollup_once"),
        ]


for _measure in MEASURES:
    Rollup.add_to_class(_measure, models.IntegerField(LABELS[_measure], default=0))


class RateRollup(Line):
    """Units of one metric."""

    metric = models.CharField(_("metric"), max_length=30)
    passed = models.IntegerField(_("passed"), default=0)
    failed = models.IntegerField(_("failed"), default=0)
    pending = models.IntegerField(_("pending"), default=0)

    class Meta(Line.Meta):
        verbose_name = _("rollup of a metric")
        verbose_name_plural = _("rollups of metrics")
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "dimension", "date", "key", "hour", "metric"], name="rate_rollup_once"
            ),
        ]


class Attendance(models.Model):
    """An hour of an agent: seconds online and on a break, the most conversations held at once, and how many at its
    end."""

    shop = models.ForeignKey(
        Shop, models.CASCADE, related_name="+", db_constraint=False, db_index=False, verbose_name=_("shop")
    )
    agent = models.ForeignKey(
        SubAccount, models.CASCADE, related_name="+", db_constraint=False, db_index=False, verbose_name=_("agent")
    )
    date = models.DateField(_("shop day"))
    hour = models.SmallIntegerField(_("hour"))
    online_seconds = models.IntegerField(_("seconds online"), default=0)
    break_seconds = models.IntegerField(_("seconds on a break"), default=0)
    most_open = models.IntegerField(_("most at once"), default=0)

    class Meta:
        verbose_name = _("hour of attendance")
        verbose_name_plural = _("hours of attendance")
        constraints = [models.UniqueConstraint(fields=["shop", "date", "agent", "hour"], name="attendance_once")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.date} {self.hour}"


class RollupDrift(models.Model):
    """A shop day whose rollups were found to differ from its messages, and was marked to be counted again."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", verbose_name=_("shop"))
    date = models.DateField(_("shop day"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    lines = models.PositiveIntegerField(_("lines that differ"))
    sample = models.JSONField(_("some of them"), default=list)
    """[[the line, what stands there, what its messages say]…], a few."""

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("rollup drift")
        verbose_name_plural = _("rollup drifts")

    def __str__(self) -> str:
        return f"{self.shop_id} {self.date}: {self.lines}"
