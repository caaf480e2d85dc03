"""A shop at a glance: who is there with what, who waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Min, Q

from agents.models import Shop, SubAccount
from agents.vocabulary import Status
from conversations.models import Conversation
from conversations.states import State
from metrics.formulas.days import day_of
from routing.handover import cap_of
from routing.models import AgentCounter


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who takes conversations: status and since when, load and cap, still to answer, received today."""

    pk: int
    name: str
    label: str
    status: str
    since: datetime | None
    load: int
    cap: int | None
    waiting_replies: int
    received: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """The conversations nobody holds, the longest wait, and those held that wait for an answer."""

    in_line: int
    since: datetime | None
    unanswered: int
    open: int


def room_of(hands: Iterable[Hand]) -> int | None:
    """How many more the people online can take; None where somebody has no limit."""
    online = [hand for hand in hands if hand.status == Status.ONLINE]
    if any(hand.cap is None for hand in online):
        return None
    return sum(max(0, (hand.cap or 0) - hand.load) for hand in online)


ORDER = (Status.ONLINE.value, Status.BREAK.value, Status.OFFLINE.value)


def hands(shop: Shop, now: datetime) -> list[Hand]:
    """The enabled agents: online ones first, the fullest on top."""
    today = day_of(now, shop.zone)
    counters = {row.pk: row for row in AgentCounter.objects.filter(shop=shop)}
    rows = SubAccount.objects.for_shop(shop).select_related("account", "shop").filter(enabled=True)
    found = [_hand(row, counters.get(row.pk), today) for row in rows if row.is_agent]
    return sorted(found, key=lambda h: (ORDER.index(h.status), -(h.load / h.cap if h.cap else 0), -h.load, h.name))


def _hand(row: SubAccount, counter: AgentCounter | None, today: date) -> Hand:
    return Hand(
        pk=row.pk,
        name=row.name,
        label=row.label,
        status=row.status,
        since=row.status_since,
        load=counter.open if counter else 0,
        cap=cap_of(row),
        waiting_replies=counter.waiting_replies if counter else 0,
        received=counter.received_today if counter and counter.counted_on == today else 0,
    )


def waiting(shop: Shop) -> Waiting:
    queued = Q(state=State.QUEUED)
    found = (
        Conversation.objects.for_shop(shop)
        .filter(state__in=(State.QUEUED, State.OPEN))
        .aggregate(
            in_line=Count("pk", filter=queued),
            since=Min("waiting_since", filter=queued),
            unanswered=Count("pk", filter=Q(state=State.OPEN, unanswered_since__isnull=False)),
            open=Count("pk", filter=Q(state=State.OPEN)),
        )
    )
    return Waiting(**found)
