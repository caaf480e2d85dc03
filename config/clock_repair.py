"""Repair of what was written while the clock was ahead: times in the future, and all that came after them."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Max

from agents.models import PresenceLog, Shop, SubAccount
from agents.services import record
from agents.vocabulary import AuditAction
from conversations.models import Buyer, Conversation, Message, Rating
from metrics.formulas.days import day_of
from metrics.services.following import mark_dirty
from routing.models import AgentCounter, Decision, Lane, ShopEvent

TOLERANCE = timedelta(minutes=1)
BATCH = 500
CONVERSATION_TIMES = (
    "waiting_since",
    "unanswered_since",
    "quiet_since",
    "silent_since",
    "answered_at",
    "assigned_at",
    "opened_at",
    "last_message_at",
    "closed_at",
)


@dataclass(frozen=True)
class Repaired:
    """Rows whose times were changed, by table; `since`: the last time that was right."""

    since: datetime | None
    rows: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.rows.values())


class _Spread:
    """New times for event numbers: evenly between the last right time and now, in the order of the numbers."""

    def __init__(self, numbers: Iterable[int], since: datetime, now: datetime) -> None:
        self.numbers, self.since, self.now = sorted(set(numbers)), since, now

    def at(self, number: int) -> datetime:
        share = bisect_right(self.numbers, number) / (len(self.numbers) + 1)
        return self.since + (self.now - self.since) * share


def repair_clock(*, shop: Shop, now: datetime, dry_run: bool = False) -> Repaired:
    """Give every row of `shop` whose time is later than `now` a time between the last right event and now.

    The true times are lost; their order is kept, and no answer takes 0 s. The days concerned are counted again. With
    `dry_run` nothing is changed. Run it once the clock is right and the processes have been started again.
    """
    with transaction.atomic():
        lane = Lane.objects.select_for_update().filter(pk=shop.pk).first()
        if lane is None:
            return Repaired(None, {})
        repaired = _repair(shop, lane, now)
        if dry_run:
            transaction.set_rollback(True)
        elif repaired.total:
            values = {"since": repaired.since.isoformat() if repaired.since else None, **repaired.rows}
            record(shop=shop, action=AuditAction.SHOP_CHANGED, subject="clock", after=values)
    return repaired


def _repair(shop: Shop, lane: Lane, now: datetime) -> Repaired:
    limit = now + TOLERANCE
    events = ShopEvent.objects.filter(shop=shop)
    last_right = events.filter(at__lte=limit).aggregate(at=Max("at"))["at"]
    since = min(last_right or shop.created_at, now)
    numbered: list[tuple[type[models.Model], tuple[str, ...]]] = [
        (ShopEvent, ("at",)),
        (Message, ("sent_at", "received_at")),
        (Decision, ("at",)),
    ]
    wrong: dict[type[models.Model], list[Any]] = {
        model: list(model._default_manager.filter(_any_after(names, limit), shop=shop).order_by("seq", "pk"))
        for model, names in numbered
    }
    spread = _Spread((row.seq for rows in wrong.values() for row in rows), since, now)
    days = {day_of(since, shop.zone), day_of(now, shop.zone)}
    found: dict[str, int] = {}
    for model, names in numbered:
        rows: list[Any] = wrong[model]
        for row in rows:
            for name in names:
                days |= {day_of(getattr(row, name), shop.zone)}
                if getattr(row, name) > limit:
                    setattr(row, name, spread.at(row.seq))
        model._default_manager.bulk_update(rows, names, batch_size=BATCH)
        found[model._meta.label] = len(rows)
    found |= _repair_conversations(shop, limit, spread, now)
    found |= _repair_people(shop, limit, now)
    if lane.last_at is not None and lane.last_at > limit:
        lane.last_at = now
        lane.save(update_fields=["last_at"])
        found["routing.Lane"] = 1
    if any(found.values()):
        mark_dirty(shop, days)
    return Repaired(since, {name: count for name, count in found.items() if count})


def _repair_conversations(shop: Shop, limit: datetime, spread: _Spread, now: datetime) -> dict[str, int]:
    """Times of conversations: of their opening by its number, the others of their last message or now."""
    rows = list(Conversation.objects.filter(_any_after(CONVERSATION_TIMES, limit), shop=shop))
    keys = [row.pk for row in rows]
    last = dict(
        Message.objects.filter(conversation__in=keys)
        .order_by()
        .values_list("conversation")
        .annotate(Max("received_at"))
    )
    for row in rows:
        opened = spread.at(row.opened_seq or 0) if row.opened_at > limit else row.opened_at
        later = max(opened, min(last.get(row.pk, opened), now))
        for name in CONVERSATION_TIMES:
            value = getattr(row, name)
            if value is not None and value > limit:
                setattr(row, name, opened if name == "opened_at" else later)
    Conversation.objects.bulk_update(rows, CONVERSATION_TIMES, batch_size=BATCH)
    return {"conversations.Conversation": len(rows)}


def _repair_people(shop: Shop, limit: datetime, now: datetime) -> dict[str, int]:
    """Times that stand alone become now; counters of a day to come are begun anew."""
    today = day_of(now, shop.zone)
    counters = AgentCounter.objects.filter(shop=shop, counted_on__gt=today)
    return {
        "conversations.Buyer": Buyer.objects.filter(shop=shop, contact_at__gt=limit).update(contact_at=now),
        "conversations.Rating": Rating.objects.filter(shop=shop, at__gt=limit).update(at=now),
        "agents.SubAccount": SubAccount.objects.filter(shop=shop, status_since__gt=limit).update(status_since=now),
        "agents.PresenceLog": PresenceLog.objects.filter(shop=shop, at__gt=limit).update(at=now),
        "routing.AgentCounter": counters.update(counted_on=today, received_today=0, offline_today=0),
    }


def _any_after(names: tuple[str, ...], limit: datetime) -> models.Q:
    found = models.Q()
    for name in names:
        found |= models.Q(**{f"{name}__gt": limit})
    return found
