"""Counting decisions by platform, rule and outcome as they come, so that no scrape has to count them."""

from collections import Counter

from django.db import transaction
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from agents.models import Shop
from config.jobs import each
from config.models import DecisionTally, TallyCursor
from routing.models import Decision, Lane

STRETCH = 20_000
"""Event numbers of one shop that are counted in one transaction."""


def tally_decisions() -> int:
    """Add what has come since; how many decisions. Safe to run twice and at once: each shop's cursor is locked."""
    counted = TallyCursor.objects.filter(pk=OuterRef("pk")).values("seq")
    behind = Lane.objects.annotate(counted=Coalesce(Subquery(counted), 0)).filter(seq__gt=F("counted"))
    lanes = behind.select_related("shop").order_by("pk")
    return each("config.tally", lanes, lambda lane: _tally_shop(lane.shop), key=lambda lane: lane.pk)


def _tally_shop(shop: Shop) -> int:
    total = 0
    while (found := _next_stretch(shop)) is not None:
        total += found
    return total


@transaction.atomic
def _next_stretch(shop: Shop) -> int | None:
    """How many were added; None where there is nothing left."""
    TallyCursor.objects.get_or_create(shop=shop)
    cursor = TallyCursor.objects.select_for_update(of=("self",)).get(pk=shop.pk)
    last = Lane.objects.values_list("seq", flat=True).get(pk=shop.pk)
    if last <= cursor.seq:
        return None
    until = min(last, cursor.seq + STRETCH)
    rows = Decision.objects.filter(shop=shop, seq__gt=cursor.seq, seq__lte=until).order_by()
    counts = rows.values_list("rule", "outcome").annotate(Count("pk"))
    found = Counter({(rule, outcome): count for rule, outcome, count in counts})
    for (rule, outcome), count in sorted(found.items()):
        key = {"platform": shop.platform, "rule": rule, "outcome": outcome}
        DecisionTally.objects.get_or_create(**key)
        DecisionTally.objects.filter(**key).update(count=F("count") + count)
    cursor.seq = until
    cursor.save(update_fields=["seq"])
    return found.total()
