"""A shop's own values for a metric (METRICS 3)."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agents.errors import Refused
from agents.models import Account, Shop
from agents.services import record
from agents.vocabulary import AuditAction
from metrics.formulas.definitions import keys_of
from metrics.formulas.kinds import Kind
from metrics.models import DayRate, DefinitionOverride
from metrics.services.assessing import locked_state
from metrics.services.following import mark_dirty


@transaction.atomic
def set_override(
    *,
    shop: Shop,
    metric: str,
    valid_from: date,
    valid_to: date | None = None,
    counts_robot: bool | None = None,
    penalties: Collection[Kind] | None = None,
    by: Account | None = None,
) -> DefinitionOverride:
    """Let `metric` be counted by the shop's own values from `valid_from` to `valid_to`, both included; None leaves
    the preset's value. The days are counted again by the next assessment.

    Raises Refused for a metric that the platform does not have and for days the wrong way round.
    """
    if metric not in keys_of(shop.platform):
        raise Refused("unknown_metric", _("The platform has no such metric."), field="metric")
    if valid_to is not None and valid_to < valid_from:
        raise Refused("wrong_days", _("The last day lies before the first."), field="valid_to")
    locked_state(shop)
    row, _made = DefinitionOverride.objects.update_or_create(
        shop=shop,
        metric=metric,
        valid_from=valid_from,
        defaults={
            "valid_to": valid_to,
            "counts_robot": counts_robot,
            "penalties": None if penalties is None else [kind.value for kind in penalties],
            "created_by": by,
        },
    )
    after = {
        "valid_from": str(valid_from),
        "valid_to": None if valid_to is None else str(valid_to),
        "counts_robot": counts_robot,
        "penalties": row.penalties,
    }
    record(shop=shop, action=AuditAction.METRICS_CHANGED, subject=metric, after=after)
    # Not only the days of the new values: those that the row covered before are to be counted again too.
    counted = DayRate.objects.filter(shop=shop, metric=metric, date__gte=valid_from)
    mark_dirty(shop, counted.values_list("date", flat=True))
    return row
