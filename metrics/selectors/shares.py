"""Why some get many and some none (ROUTING 7): each agent's share in a range with what explains it, in figures."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Q, Subquery

from agents.models import Shop, SubAccount
from agents.vocabulary import Status
from conversations.models import Conversation
from conversations.states import State
from metrics.formulas.days import day_end, day_start
from metrics.formulas.presence import Presence
from metrics.formulas.shares import Share
from metrics.selectors.dealt import DealtRange, dealt_between, weights_of
from metrics.selectors.presence import Switches, switches_between
from metrics.selectors.taking_part import times_taking_part
from routing.engine.vocabulary import Trigger
from routing.handover import cap_of
from routing.models import Decision
from routing.selectors import current_document

IDLE = timedelta(hours=1)
"""So long without a message: a conversation that only keeps a place (G7)."""


@dataclass(frozen=True, slots=True)
class Open:
    """What somebody had open: on average while online, of it idle, and now."""

    mean: float = 0.0
    idle: float = 0.0
    now: int = 0


@dataclass(frozen=True, slots=True)
class AgentShare:
    """`met`: the part of the buyers who came while they were online; None where no statuses were kept."""

    share: Share
    label: str
    offline: int
    moved_in: int
    moved_out: int
    online: timedelta
    on_break: timedelta
    met: float | None
    open: Open
    cap: int | None
    weight: int | None
    busy: int

    @property
    def idle_part(self) -> float:
        """How much of the cap idle conversations took; 0 without a cap."""
        return self.open.idle / self.cap if self.cap else 0.0


@dataclass(frozen=True, slots=True)
class Shares:
    """`recent`, `shared`: conversations that recent contact decided, and the others; of the sample where there is one
    (`every` > 1). `aside`: labels of agents who take no part (G1), and the code why."""

    first: date
    last: date
    total: int
    recent: int
    shared: int
    every: int
    rows: tuple[AgentShare, ...]
    aside: tuple[tuple[str, str], ...]
    presence_known: bool

    @property
    def even(self) -> float:
        """The even share of somebody who took part all the time."""
        people = sum(row.share.due.took_part for row in self.rows)
        return self.total / people if people else 0.0


def shares(shop: Shop, first: date, last: date, now: datetime) -> Shares:
    """A fixed number of queries, however many agents and conversations; the traces are read as a stream."""
    start, end = day_start(first, shop.zone), min(now, day_end(last, shop.zone))
    people = {row.pk: row for row in SubAccount.objects.for_shop(shop).select_related("account", "shop")}
    dealt = dealt_between(shop, start, end, {pk: row.name for pk, row in people.items()})
    switches = switches_between(shop, start, end)
    spans = times_taking_part(shop, people, switches, start, end)
    took_part, fair = dealt.took_part({row.name: spans[pk] for pk, row in people.items()})
    taking, aside = _taking(people.values(), set(current_document(shop)["never_route"]))
    found = _scaled(dealt.tally.shares(took_part if dealt.total else dict.fromkeys(taking, 0), fair), dealt, people)
    presences = _presences(switches, people, start, end)
    opens = _opens(shop, presences or {}, start, end)
    moved_in, moved_out = _moved(shop, start, end)
    weights = weights_of(dealt.documents[max(dealt.documents)]) if dealt.documents else {}
    shown = {share.name for share in found}
    by_name = {row.name: row for row in people.values()}
    rows = []
    for share in found:
        row = by_name[share.name]
        presence = presences.get(row.pk) if presences is not None else None
        rows.append(
            AgentShare(
                share=share,
                label=row.label,
                offline=dealt.counted.offline[row.pk],
                moved_in=moved_in[row.pk],
                moved_out=moved_out[row.pk],
                online=presence.lasted(Status.ONLINE) if presence else timedelta(),
                on_break=presence.lasted(Status.BREAK) if presence else timedelta(),
                met=presence.count(dealt.arrived) / len(dealt.arrived) if presence and dealt.arrived else None,
                open=opens.get(row.pk, Open()),
                cap=cap_of(row),
                weight=weights.get(row.name),
                busy=round(dealt.busy[row.name] * dealt.factor),
            )
        )
    return Shares(
        first=first,
        last=last,
        total=dealt.total,
        recent=dealt.tally.recent,
        shared=dealt.tally.shared,
        every=dealt.every,
        rows=tuple(rows),
        aside=tuple((row.label, why) for row, why in aside if row.name not in shown),
        presence_known=presences is not None,
    )


def _taking(people: Iterable[SubAccount], never: set[str]) -> tuple[list[str], list[tuple[SubAccount, str]]]:
    """The names of the agents who take part now; and why one may have had no part in the range."""
    taking, aside = [], []
    for row in people:
        if not row.is_agent:
            continue
        if row.enabled and row.name not in never:
            taking.append(row.name)
            aside.append((row, "later"))
        else:
            aside.append((row, "never_route" if row.enabled else "disabled"))
    return taking, aside


def _scaled(found: Sequence[Share], dealt: DealtRange, people: Mapping[int, SubAccount]) -> list[Share]:
    """Of a sample: what was received exactly, the parts as the sample stands for all."""
    if dealt.every == 1:
        return list(found)
    received = {people[pk].name: count for pk, count in dealt.counted.received.items()}
    exact = [
        replace(
            share,
            received=received.get(share.name, 0),
            even=dealt.total * share.due.even,
            parts={cause: part * dealt.factor for cause, part in share.parts.items()},
            usual=share.usual * dealt.factor,
        )
        for share in found
    ]
    return sorted(exact, key=lambda share: (-share.received, share.name))


def _presences(
    switches: Switches, people: Mapping[int, SubAccount], start: datetime, end: datetime
) -> dict[int, Presence] | None:
    """By sub-account key; None where no statuses were kept up to the end of the range."""
    return {pk: Presence(*switches.of(pk), start, end) for pk in people} if switches.known else None


def _opens(shop: Shop, presences: Mapping[int, Presence], start: datetime, end: datetime) -> dict[int, Open]:
    """By the last holder of each conversation that was open within the range, over the time that they were online."""
    rows = Conversation.objects.for_shop(shop).filter(
        Q(closed_at__isnull=True) | Q(closed_at__gt=start), imported=False, holder__isnull=False, assigned_at__lt=end
    )
    held: defaultdict[int, timedelta] = defaultdict(timedelta)
    idle: defaultdict[int, timedelta] = defaultdict(timedelta)
    current: Counter[int] = Counter()
    fields = ("holder_id", "state", "assigned_at", "last_message_at", "closed_at")
    for holder, state, assigned, last, closed in rows.order_by().values_list(*fields).iterator():
        current[holder] += state == State.OPEN
        presence, until = presences.get(holder), min(closed or end, end)
        if presence is not None:
            held[holder] += presence.online_between(max(start, assigned), until)
            idle[holder] += presence.online_between(max(start, max(assigned, last or assigned) + IDLE), until)
    found = {}
    for holder in current:
        online = presences[holder].lasted(Status.ONLINE) if holder in presences else timedelta()
        mean, quiet = (held[holder] / online, idle[holder] / online) if online else (0.0, 0.0)
        found[holder] = Open(mean, quiet, current[holder])
    return found


def _moved(shop: Shop, start: datetime, end: datetime) -> tuple[Counter[int], Counter[int]]:
    """By sub-account key: given to them by hand, and taken from them by hand (G8)."""
    before = Decision.objects.filter(
        shop=shop, conversation=OuterRef("conversation"), number__lt=OuterRef("number")
    ).order_by("-number")
    rows = Decision.objects.filter(shop=shop, at__gte=start, at__lt=end, trigger=Trigger.TRANSFERRED).order_by()
    gained: Counter[int] = Counter()
    lost: Counter[int] = Counter()
    for agent, giver in rows.annotate(giver=Subquery(before.values("agent")[:1])).values_list("agent_id", "giver"):
        gained[agent] += 1
        if giver is not None:
            lost[giver] += 1
    return gained, lost
