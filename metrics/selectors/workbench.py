"""What an agent's workbench shows: the list with its clocks, a thread with its answers' times, own figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.models import Shop, SubAccount
from agents.permissions import Actor
from conversations.labels import KINDS
from conversations.models import Conversation, Message
from conversations.states import Kind, Sender, State
from metrics.formulas.days import day_of
from metrics.formulas.definitions import Definition
from metrics.models import AgentDayRate
from metrics.selectors.clocks import Clock, Took, answer_times, reply_clocks, strictest
from metrics.selectors.rates import metric_label
from routing.handover import cap_of
from routing.models import AgentCounter, Decision, Lane
from routing.selectors import decisions_of, thread, visible_conversations

MOST_ROWS = 100
"""Rows of a tab; who has more open than this looks in the records."""

MOST_MESSAGES = 200
"""Messages of a thread in the workbench, which is drawn anew with each; the whole one is in the record."""

TABS = ("open", "queue", "offline", "recent")


@dataclass(frozen=True, slots=True)
class WorkRow:
    conversation: Conversation
    preview: str | Promise
    clock: Clock | None
    ours_last: bool

    @property
    def waits(self) -> bool:
        return self.conversation.unanswered_since is not None and self.conversation.state != State.CLOSED


@dataclass(frozen=True, slots=True)
class WorkList:
    """A tab: those who wait for an answer, least time left first; then the others, the latest first."""

    tab: str
    waiting: list[WorkRow]
    others: list[WorkRow]
    counts: dict[str, int]
    more: bool


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """An agent's own day: received, the strictest metric's passed and decided units, open and cap."""

    received: int
    metric: str | Promise
    rate: float | None
    open: int
    cap: int | None


def work_counts(me: SubAccount) -> dict[str, int]:
    """How many stand under each tab but the last, in one query."""
    mine = Q(state=State.OPEN, holder=me)
    return Conversation.objects.for_shop(me.shop).aggregate(
        open=Count("pk", filter=mine & Q(offline=False)),
        offline=Count("pk", filter=mine & Q(offline=True)),
        queue=Count("pk", filter=Q(state=State.QUEUED)),
    )


def _rows_of(tab: str, me: SubAccount) -> QuerySet[Conversation]:
    rows = Conversation.objects.for_shop(me.shop).select_related("buyer", "holder")
    if tab == "queue":
        return rows.filter(state=State.QUEUED).order_by("waiting_seq")
    if tab == "recent":
        return rows.filter(state=State.CLOSED, holder=me).order_by("-closed_at")
    return rows.filter(state=State.OPEN, holder=me, offline=tab == "offline").order_by("-last_message_at", "-pk")


def work_list(me: SubAccount, tab: str, now: datetime) -> WorkList:
    """The rows of `tab` with last words and clocks. A fixed number of queries, however many rows."""
    last = Message.objects.filter(conversation=OuterRef("pk")).order_by("-sent_at", "-pk")
    rows = _rows_of(tab, me).annotate(
        last_text=Subquery(last.values("text")[:1]),
        last_kind=Subquery(last.values("kind")[:1]),
        last_sender=Subquery(last.values("sender")[:1]),
    )
    found = list(rows[: MOST_ROWS + 1])
    shown = found[:MOST_ROWS]
    clocks = reply_clocks(me.shop, shown, strictest(me.shop, now), now)
    told = [_row(row, clocks.get(row.pk)) for row in shown]
    waiting = [row for row in told if row.waits]
    if tab != "queue":
        waiting.sort(key=_urgency)
    others = [row for row in told if not row.waits]
    return WorkList(tab, waiting, others, work_counts(me), len(found) > MOST_ROWS)


def _row(row: Conversation, clock: Clock | None) -> WorkRow:
    sender: str | None = row.last_sender  # type: ignore[attr-defined]
    preview = preview_of(row.last_kind or Kind.TEXT, row.last_text or "")  # type: ignore[attr-defined]
    return WorkRow(row, preview, clock, sender not in (None, Sender.BUYER))


def preview_of(kind: str, text: str) -> str | Promise:
    """A message in one line."""
    if kind == Kind.TEXT or (text and kind != Kind.IMAGE):
        return text
    return f"[{KINDS[Kind(kind)]}]"


def _urgency(row: WorkRow) -> tuple[int, float]:
    """Those that can still be saved, least time left first; then the late ones; then those no clock runs for."""
    since = row.conversation.unanswered_since
    if row.clock is None:
        return 2, since.timestamp() if since else 0
    return (1, row.clock.over) if row.clock.late else (0, row.clock.left)


def urgent(shop: Shop, now: datetime, most: int = 8) -> list[WorkRow]:
    """The shop's questions that can still be answered in time, least time left first (P7, "still to be saved")."""
    definition = strictest(shop, now)
    if definition is None:
        return []
    since = now - timedelta(seconds=definition.threshold_seconds)
    # A question of the night gets its clock with the next message, so the last message decides what to look at.
    rows = list(
        Conversation.objects.for_shop(shop)
        .filter(state__in=(State.OPEN, State.QUEUED), unanswered_since__isnull=False, last_message_at__gte=since)
        .select_related("buyer", "holder")
    )
    clocks = reply_clocks(shop, rows, definition, now)
    found = [WorkRow(row, "", clocks[row.pk], False) for row in rows if row.pk in clocks and not clocks[row.pk].late]
    return sorted(found, key=_urgency)[:most]


def own_figures(me: SubAccount, now: datetime) -> OwnFigures:
    """The agent's own figures of today, as last counted."""
    today = day_of(now, me.shop.zone)
    counter = AgentCounter.objects.filter(pk=me.pk).first()
    definition = strictest(me.shop, now)
    rate = None
    if definition is not None:
        day = AgentDayRate.objects.filter(shop=me.shop, agent=me, date=today, metric=definition.key).first()
        rate = day.figures.rate if day else None
    return OwnFigures(
        received=counter.received_today if counter and counter.counted_on == today else 0,
        metric=metric_label(definition.key, definition.platform) if definition else _("Reply rate"),
        rate=rate,
        open=counter.open if counter else 0,
        cap=cap_of(me),
    )


@dataclass(frozen=True, slots=True)
class ThreadItem:
    """A message with what it took, or a decision, in order of time; `day` where a new shop day begins."""

    at: datetime
    message: Message | None = None
    took: Took | None = None
    decision: Decision | None = None
    new_day: bool = False


@dataclass(frozen=True, slots=True)
class Visits:
    """How often the buyer has come to this shop, and since when."""

    count: int
    first_at: datetime | None


def thread_items(
    conversation: Conversation, definition: Definition | None, most: int | None = None
) -> list[ThreadItem]:
    """The thread, messages and decisions, in two queries; with `most` only so many messages, the latest."""
    rows = thread(conversation)
    messages = list(rows) if most is None else list(rows.order_by("-sent_at", "-pk")[:most])[::-1]
    times = answer_times(conversation.shop, messages, definition)
    items = [ThreadItem(m.sent_at, message=m, took=times.get(m.pk)) for m in messages]
    items += [ThreadItem(d.at, decision=d) for d in decisions_of(conversation)]
    return _with_days(sorted(items, key=lambda i: (i.at, i.decision is None)), conversation.shop)


def _with_days(items: Sequence[ThreadItem], shop: Shop) -> list[ThreadItem]:
    found, day = [], None
    for item in items:
        own = day_of(item.at, shop.zone)
        found.append(ThreadItem(item.at, item.message, item.took, item.decision, own != day))
        day = own
    return found


def visits_of(conversation: Conversation) -> Visits:
    rows = Conversation.objects.for_shop(conversation.shop).filter(buyer=conversation.buyer)
    found = rows.aggregate(count=Count("pk"), first=Min("opened_at"))
    return Visits(found["count"], found["first"])


def find_visible(actor: Actor, pk: int) -> Conversation | None:
    """The conversation, None where the actor may not see it."""
    return visible_conversations(actor).select_related("shop").filter(pk=pk).first()


def lane_number(shop: Shop) -> int:
    """The number of the shop's last event: while it stands, nothing has happened."""
    return Lane.objects.filter(pk=shop.pk).values_list("seq", flat=True).first() or 0
