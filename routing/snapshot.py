"""A shop's state from the database, as much of it as an event can touch (DESIGN 3)."""

from collections.abc import Container, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from heapq import merge

from django.db.models import QuerySet

from agents.models import Shop
from agents.vocabulary import Status
from config.statements import Ahead
from conversations.models import Buyer
from conversations.models import Conversation as Row
from conversations.states import State
from routing.engine.settings import Settings, Silence
from routing.engine.state import ShopState
from routing.engine.types import Agent, Contact, Conversation
from routing.models import Lane
from routing.rows import (
    agents_of,
    named_buyer,
    named_conversation,
    open_conversation_of,
    read_roles,
    renamed_conversation,
)

FIRST_CHUNK, LATER_CHUNK = 50, 500
STATUSES = {status.value: status for status in Status}


@dataclass(slots=True)
class Loaded:
    """A conversation's row beside what the rules see of it."""

    row: Row
    seen: Conversation


class LaneState(ShopState):
    """The shop as `routing.services` sees it inside the lane, reading what is asked for. `ahead`: what has been read
    already, under the lane's lock."""

    def __init__(self, shop: Shop, lane: Lane, settings: Settings, ahead: Ahead | None = None) -> None:
        self.shop = shop
        self.ahead = ahead or Ahead()
        self.pk_of: dict[str, int] = {}
        self.name_of: dict[int, str] = {}
        today = None if lane.last_at is None else lane.last_at.astimezone(shop.zone).date()
        super().__init__(settings, shop.zone, shop.seed, self._load_agents(today))
        self.event = lane.seq
        self.assignments = lane.assignments
        self.loaded: dict[str, Loaded] = {}
        self.buyers: dict[str, Buyer] = {}
        self.changed_contacts: set[str] = set()
        self.new: list[Conversation] = []
        self.new_names: list[tuple[str, Conversation]] = []
        if lane.last_at is not None:
            self.advance(lane.last_at)

    def _load_agents(self, today: date | None) -> Iterable[Agent]:
        pk_of, name_of = self.pk_of, self.name_of
        for row in self.ahead.rows(agents_of, self.shop.pk):
            pk, name, roles, cap, app, enabled, login, status, *counts = row
            opened, replies, received, offline, counted_on, last = counts
            pk_of[name], name_of[pk] = pk, name
            if last is None:  # never counted
                opened = replies = received = offline = last = 0
            elif counted_on != today or today is None:
                received = offline = 0
            # Without a login nobody could answer: to the rules it is a disabled one.
            enabled = enabled and login is not None
            # By place: a shop may have a thousand, and by name each takes twice as long.
            yield Agent(
                name, read_roles(roles), cap, app, enabled, STATUSES[status], opened, replies, received, offline, last
            )

    # -- conversations: fetched when asked for -----------------------------------------------

    def known(self, name: str) -> bool:
        return self.find(name) is not None

    def find(self, name: str) -> Conversation | None:
        found = super().find(name)
        if found is not None:
            return found
        row = self.ahead.first(named_conversation, self.shop.pk, name)
        if row is not None:
            return self._take(row)
        row = self.ahead.first(renamed_conversation, self.shop.pk, name)
        if row is None:
            return None
        taken = self._take(row)
        self.names[name] = taken.id
        return taken

    def open_of(self, buyer: str) -> Conversation | None:
        found = super().open_of(buyer)
        if found is not None:
            return found
        known = self.buyer(buyer)
        if known.pk is None:
            return None
        row = open_conversation_of.first(self.shop.pk, known.pk)
        if row is None:
            return None
        row.buyer = known
        taken = self._take(row)
        return None if taken.state == State.CLOSED else taken

    def buyer(self, external_id: str) -> Buyer:
        """The buyer's row, an unsaved one if new."""
        if external_id not in self.buyers:
            found = self.ahead.first(named_buyer, self.shop.pk, external_id)
            self.buyers[external_id] = found or Buyer(shop=self.shop, external_id=external_id)
        return self.buyers[external_id]

    def contact_of(self, conversation: Conversation) -> Contact | None:
        buyer = self.buyer(conversation.buyer)
        if buyer.recent_agent_id is None or buyer.contact_at is None:
            return None
        return Contact(self.name_of[buyer.recent_agent_id], buyer.contact_at)

    def set_contact(self, conversation: Conversation, contact: Contact) -> None:
        buyer = self.buyer(conversation.buyer)
        buyer.recent_agent_id = self.pk_of[contact.agent]
        buyer.contact_at = contact.at
        self.changed_contacts.add(conversation.buyer)

    def add(self, conversation: Conversation) -> None:
        super().add(conversation)
        self.new.append(conversation)

    def add_name(self, name: str, conversation: Conversation) -> None:
        super().add_name(name, conversation)
        self.new_names.append((name, conversation))

    def backlog(self, refused: Container[Hashable]) -> Iterator[Conversation]:
        """As in the simulator, read in pieces: most passes end with the first few."""
        queued = Row.objects.for_shop(self.shop).filter(state=State.QUEUED)
        queues = [self._in_order(queued, "waiting_seq")]
        absent = [self.pk_of[agent.name] for agent in self.agents.values() if agent.absent and agent.waiting_replies]
        held = Row.objects.for_shop(self.shop).filter(state=State.OPEN)
        if absent and self.online:
            stranded = held.filter(holder__in=absent, unanswered_seq__isnull=False)
            queues.append(self._in_order(stranded, "unanswered_seq"))
        if self.settings.silence is not None and self.online:
            queues.append(self._in_order(held.filter(silence_stuck=True), "unanswered_seq"))
        return (c for c in merge(*queues, key=_waits_from) if self._still(c) and self.kind(c) not in refused)

    def _still(self, seen: Conversation) -> bool:
        """Whether it waits still: what this event has changed is not in its row yet."""
        if seen.state == State.QUEUED:
            return True
        if seen.state != State.OPEN or seen.unanswered_since is None or seen.agent is None:
            return False
        return self.agents[seen.agent].absent or (seen.stuck and self.passes_on(seen))

    def _in_order(self, rows: QuerySet[Row], by: str) -> Iterator[Conversation]:
        after, size = -1, FIRST_CHUNK
        while True:
            chunk = list(rows.filter(**{f"{by}__gt": after}).select_related("buyer").order_by(by)[:size])
            for row in chunk:
                yield self._take(row)
            if len(chunk) < size:
                return
            after, size = getattr(chunk[-1], by), LATER_CHUNK

    def next_timeout(self, until: datetime) -> tuple[datetime, Conversation] | None:
        rows = [row for row in (self._first_quiet(until), self._first_silent(until)) if row is not None]
        found = [(due, seen) for row in rows if (due := self.timeout_of(seen := self._take(row))) is not None]
        return min(found, key=lambda each: (each[0], each[1].opened_seq), default=None)

    def _first_quiet(self, until: datetime) -> Row | None:
        limit = self.settings.auto_close
        if limit is None:
            return None
        due = Row.objects.for_shop(self.shop).filter(quiet_since__lte=until - limit).select_related("buyer")
        return due.order_by("quiet_since", "opened_seq").first()

    def _first_silent(self, until: datetime) -> Row | None:
        rule = self.settings.silence
        if rule is None:
            return None
        holders = [
            self.pk_of[agent.name] for agent in self.agents.values() if agent.waiting_replies and not agent.absent
        ]
        due = silent_until(self.shop.pk, until, rule).filter(holder__in=holders).select_related("buyer")
        return due.order_by("silent_since", "opened_seq").first()

    def watch(self, conversation: Conversation) -> None:
        """Nothing to do: time-outs are found by the row's `quiet_since` and `silent_since`."""

    def unanswered_of(self, agent: Agent) -> Iterable[Conversation]:
        if not agent.waiting_replies:
            return ()
        held = Row.objects.for_shop(self.shop).filter(state=State.OPEN, holder=self.pk_of[agent.name])
        return [self._take(row) for row in held.filter(unanswered_seq__isnull=False).select_related("buyer")]

    def _take(self, row: Row) -> Conversation:
        """The rules' view of a row; one that is here already stays as it is."""
        if row.external_id in self.conversations:
            return self.conversations[row.external_id]
        buyer = self.buyers.setdefault(row.buyer.external_id, row.buyer)
        seen = Conversation(
            id=row.external_id,
            buyer=buyer.external_id,
            entry=row.entry or None,
            question=row.question or None,
            order_status=row.order_status or "none",
            state=State(row.state),
            agent=None if row.holder_id is None else self.name_of[row.holder_id],
            offline=row.offline,
            labels=tuple(row.labels),
            pool=row.pool or None,
            waiting_since=row.waiting_since,
            waiting_seq=row.waiting_seq or 0,
            unanswered_since=row.unanswered_since,
            unanswered_seq=row.unanswered_seq or 0,
            silent_since=row.silent_since,
            stuck=row.silence_stuck,
            taken_from=tuple(row.taken_from),
            answered_at=row.answered_at,
            assigned_at=row.assigned_at,
            opened_seq=row.opened_seq,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
            closed_by=row.closed_by or None,
            decisions=row.decision_count,
        )
        self.conversations[seen.id] = seen
        self.track(row, seen)
        return seen

    def track(self, row: Row, seen: Conversation) -> None:
        self.loaded[seen.id] = Loaded(row, seen)

    def write_to(self, row: Row, seen: Conversation) -> list[str]:
        """Copy what the rules changed to the row; the names of the columns that differ."""
        values = columns_of(seen, None if seen.agent is None else self.pk_of[seen.agent])
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, values[name])
        return changed


def silent_until(shop: int, until: datetime, rule: Silence) -> QuerySet[Row]:
    """Whose holder's silence is due by `until` (G21), the holder being there or not."""
    rows = Row.objects.filter(shop=shop, silent_since__lte=until - rule.after, silence_stuck=False)
    return rows.filter(silence_times__lt=rule.times)


def columns_of(seen: Conversation, holder_id: int | None) -> dict[str, object]:
    """The columns of a conversation's row that events change."""
    return {
        "state": seen.state.value,
        "holder_id": holder_id,
        "offline": seen.offline,
        "labels": list(seen.labels),
        "pool": seen.pool or "",
        "waiting_since": seen.waiting_since,
        "waiting_seq": seen.waiting_seq or None,
        "unanswered_since": seen.unanswered_since,
        "unanswered_seq": seen.unanswered_seq or None,
        "quiet_since": seen.quiet_since,
        "silent_since": seen.silent_since,
        "silence_stuck": seen.stuck,
        "silence_times": len(seen.taken_from),
        "taken_from": list(seen.taken_from),
        "answered_at": seen.answered_at,
        "assigned_at": seen.assigned_at,
        "closed_at": seen.closed_at,
        "closed_by": seen.closed_by or "",
        "decision_count": seen.decisions,
    }


def _waits_from(seen: Conversation) -> int:
    """The place in the order of waiting: the event since which it waits (G6) or is unanswered (G9)."""
    return seen.waiting_seq if seen.state == State.QUEUED else seen.unanswered_seq
