"""The parts of an agent's workbench beside a thread: the list with its clocks, own figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.models import Account, Shop, SubAccount
from agents.permissions import Actor, Permission, may
from agents.selectors import my_sub_accounts
from conversations.labels import KINDS
from conversations.models import Conversation, Message
from conversations.selectors import ORDER_BY_CARD
from conversations.states import Kind, Sender, State
from metrics.formulas.days import day_of
from metrics.formulas.definitions import Definition
from metrics.formulas.units import Figures
from metrics.selectors.clocks import Clock, reply_clocks, strictest
from metrics.selectors.rates import agents_on, metric_label
from routing.handover import cap_of
from routing.models import AgentCounter, Lane
from routing.selectors import visible_conversations

MOST_ROWS = 100
"""Rows of a tab; who has more open than this looks in the records."""

WRITTEN_BY_PEOPLE = Q(sender__in=(Sender.BUYER, Sender.AGENT), automatic="")
"""Messages that a preview may show: the question stays in sight behind a greeting, the robot or a pressed button."""

TABS = ("open", "queue", "offline", "recent")


@dataclass(frozen=True, slots=True)
class WorkRow:
    conversation: Conversation
    preview: str | Promise
    clock: Clock | None
    ours_last: bool
    order_by_card: bool = False
    """It was opened about no order, and the buyer has sent one since."""

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
    clocks: dict[int, Clock]
    """Of the opened one too, whatever the tab."""


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """An agent's own day: received, the strictest metric's passed and decided units, open and cap."""

    received: int
    metric: str | Promise
    rate: float | None
    open: int
    cap: int | None


def places_of(account: Account) -> list[SubAccount]:
    """The account's places in all shops, each with its counter."""
    return list(my_sub_accounts(account).select_related("shop", "counter"))


def answers_there(place: SubAccount) -> bool:
    """Whether somebody has conversations of their own there: one workbench shows those of all such shops."""
    return may(Actor(place.shop, sub_account=place), Permission.CONVERSATIONS_OWN)


def work_counts(places: Sequence[SubAccount]) -> dict[str, int]:
    """How many stand under each tab but the last, in one query."""
    mine = Q(state=State.OPEN, holder__in=places)
    return Conversation.objects.filter(shop__in=[me.shop_id for me in places]).aggregate(
        open=Count("pk", filter=mine & Q(offline=False)),
        offline=Count("pk", filter=mine & Q(offline=True)),
        queue=Count("pk", filter=Q(state=State.QUEUED)),
    )


def _rows_of(tab: str, places: Sequence[SubAccount]) -> QuerySet[Conversation]:
    shops = [me.shop_id for me in places]
    rows = Conversation.objects.filter(shop__in=shops).select_related("buyer", "holder", "shop")
    if tab == "queue":
        return rows.filter(state=State.QUEUED).order_by("waiting_since", "waiting_seq")
    if tab == "recent":
        return rows.filter(state=State.CLOSED, holder__in=places).order_by("-closed_at")
    mine = rows.filter(state=State.OPEN, holder__in=places, offline=tab == "offline")
    return mine.order_by("-last_message_at", "-pk")


def work_list(
    places: Sequence[SubAccount],
    tab: str,
    now: datetime,
    definitions: Mapping[int, Definition | None],
    opened: Conversation | None = None,
) -> WorkList:
    """The rows of `tab` with last words and clocks by each shop's strictest metric. A fixed number of queries a shop,
    however many rows."""
    latest = Message.objects.filter(conversation=OuterRef("pk")).order_by("-sent_at", "-pk")
    last = latest.filter(WRITTEN_BY_PEOPLE)
    rows = _rows_of(tab, places).annotate(
        last_text=Coalesce(Subquery(last.values("text")[:1]), Subquery(latest.values("text")[:1])),
        last_kind=Subquery(last.values("kind")[:1]),
        last_sender=Subquery(last.values("sender")[:1]),
        order_by_card=ORDER_BY_CARD,
    )
    found = list(rows[: MOST_ROWS + 1])
    shown = found[:MOST_ROWS]
    clocks: dict[int, Clock] = {}
    counted = {row.pk: row for row in (*shown, *([opened] if opened else []))}.values()
    for shop in {row.shop for row in counted}:
        own = [row for row in counted if row.shop == shop]
        clocks |= reply_clocks(shop, own, definitions.get(shop.pk), now)
    told = [_row(row, clocks.get(row.pk)) for row in shown]
    waiting = [row for row in told if row.waits]
    if tab != "queue":
        waiting.sort(key=_urgency)
    others = [row for row in told if not row.waits]
    return WorkList(tab, waiting, others, work_counts(places), len(found) > MOST_ROWS, clocks)


def _row(row: Conversation, clock: Clock | None) -> WorkRow:
    sender: str | None = row.last_sender  # type: ignore[attr-defined]
    preview = preview_of(row.last_kind or Kind.TEXT, row.last_text or "")  # type: ignore[attr-defined]
    order_by_card: bool = row.order_by_card  # type: ignore[attr-defined]
    return WorkRow(row, preview, clock, sender not in (None, Sender.BUYER), order_by_card)


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
        .select_related("buyer", "holder__account")
    )
    clocks = reply_clocks(shop, rows, definition, now)
    found = [WorkRow(row, "", clocks[row.pk], False) for row in rows if row.pk in clocks and not clocks[row.pk].late]
    return sorted(found, key=_urgency)[:most]


def own_figures(me: SubAccount, now: datetime, definition: Definition | None) -> OwnFigures:
    """The agent's own figures of today, as last counted."""
    today = day_of(now, me.shop.zone)
    counter: AgentCounter | None = getattr(me, "counter", None)
    rate = None
    if definition is not None:
        rate = agents_on(me.shop, today, definition.key).get(me.pk, Figures()).rate
    return OwnFigures(
        received=counter.received_today if counter and counter.counted_on == today else 0,
        metric=metric_label(definition.key, definition.platform) if definition else _("Reply rate"),
        rate=rate,
        open=counter.open if counter else 0,
        cap=cap_of(me),
    )


def find_visible(actor: Actor, pk: int) -> Conversation | None:
    """The conversation with `order_by_card` (ORDER_BY_CARD), None where the actor may not see it."""
    rows = visible_conversations(actor).select_related("shop").annotate(order_by_card=ORDER_BY_CARD)
    return rows.filter(pk=pk).first()


def lane_numbers(places: Sequence[SubAccount]) -> str:
    """The numbers of the shops' last events: while they stand, nothing has happened."""
    numbers = Lane.objects.filter(pk__in=[me.shop_id for me in places]).order_by("pk").values_list("seq", flat=True)
    return ".".join(map(str, numbers))
