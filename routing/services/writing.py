"""What an event changed, into the shop's rows. Buyers and conversations at once, since other rows hang on their keys;
the rest at the end of the transaction, in one go."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model

from agents.models import Shop
from config.statements import insert, together, update
from conversations.models import Conversation, ConversationName
from conversations.states import State, check_change
from routing.engine.events import AgentChange, AppLogin, Event, Presence
from routing.engine.telling import told_trace
from routing.engine.types import Agent, Decision
from routing.models import AgentCounter, Lane, ShopEvent
from routing.models import Decision as DecisionRow
from routing.snapshot import LaneState

PRESENCE = (Presence, AppLogin, AgentChange)
"""Events about one sub-account, named in the event row also where no counter changed."""

Counts = tuple[int, int, int, int, int]

LANE = ("seq", "assignments", "last_at")
"""What every event changes of the lane; what settings change of it, their publishing writes."""
COUNTED = ("open", "waiting_replies", "received_today", "offline_today", "counted_on", "last_assigned")
FEW = 3
"""Rows that are sooner written one by one than by a statement that Django words anew for each number of them."""


class Writing:
    """Of one transaction."""

    def __init__(self, shop: Shop, lane: Lane, state: LaneState) -> None:
        self.shop, self.lane, self.state = shop, lane, state
        self.rows: dict[str, Conversation] = {}
        """Of the conversations touched, by external id."""
        self._counts = {name: _counts(agent) for name, agent in state.agents.items()}
        self._stale: dict[str, Agent] = {}
        """Whose counters are to be written."""
        self._decisions: list[DecisionRow] = []
        self._seq = lane.seq

    def take(self, event: Event, at: datetime, decisions: list[Decision]) -> dict[str, Any]:
        """What has just happened to the state; what `ShopEvent.data` says of it."""
        self._write_buyers()
        conversations = self._write_conversations(at)
        agents = self._note_counters()
        self._note_decisions(decisions)
        acting = getattr(event, "agent", None)
        if isinstance(event, PRESENCE) and acting is not None:
            agents = sorted({*agents, self.state.pk_of[acting]})
        return {"conversations": conversations, "agents": agents}

    def flush(self, events: Sequence[ShopEvent] = ()) -> None:
        """Everything that is not written yet, with the events, if they are complete."""
        if self.lane.seq == self._seq and not events:
            return
        with together():
            _insert_all(self._counters(), over=COUNTED)
            _insert_all(self._decisions)
            if self.lane.seq != self._seq:
                update(self.lane, LANE)
            _insert_all(events)
        self._seq = self.lane.seq
        self._stale.clear()
        self._decisions.clear()

    def _write_buyers(self) -> None:
        for name in {c.buyer for c in self.state.new} | self.state.changed_contacts:
            buyer = self.state.buyer(name)
            if buyer.pk is None:
                insert(buyer)
            elif name in self.state.changed_contacts:
                update(buyer, ("recent_agent_id", "contact_at"))
        self.state.changed_contacts.clear()

    def _write_conversations(self, at: datetime) -> list[dict[str, Any]]:
        """Insert the new, update the changed; what `ShopEvent.data` says of them."""
        touched: list[dict[str, Any]] = []
        for seen in self.state.new:
            row = Conversation(
                shop=self.shop,
                external_id=seen.id,
                buyer=self.state.buyer(seen.buyer),
                entry=seen.entry or "",
                question=seen.question or "",
                order_status=seen.order_status,
                opened_at=seen.opened_at or at,
                opened_seq=seen.opened_seq,
            )
            self.state.write_to(row, seen)
            insert(row)
            self.state.track(row, seen)
            self.rows[seen.id] = row
            touched.append({"id": row.pk, "was": None, "now": standing(row)})
        self.state.new.clear()
        for loaded in self.state.loaded.values():
            before, was = State(loaded.row.state), standing(loaded.row)
            changed = self.state.write_to(loaded.row, loaded.seen)
            if not changed:
                continue
            if "state" in changed:
                check_change(before, loaded.seen.state)
            update(loaded.row, changed)
            self.rows[loaded.seen.id] = loaded.row
            touched.append({"id": loaded.row.pk, "was": was, "now": standing(loaded.row)})
        for name, seen in self.state.new_names:
            ConversationName.objects.create(
                shop=self.shop, external_id=name, conversation=self.state.loaded[seen.id].row
            )
        self.state.new_names.clear()
        return touched

    def _note_counters(self) -> list[int]:
        """Whose counters changed, by key."""
        changed = [agent for name, agent in self.state.agents.items() if _counts(agent) != self._counts[name]]
        for agent in changed:
            self._counts[agent.name] = _counts(agent)
            self._stale[agent.name] = agent
        return [self.state.pk_of[agent.name] for agent in changed]

    def _counters(self) -> list[AgentCounter]:
        return [
            AgentCounter(
                shop=self.shop,
                sub_account_id=self.state.pk_of[agent.name],
                open=agent.open,
                waiting_replies=agent.waiting_replies,
                received_today=agent.received_today,
                offline_today=agent.offline_today,
                counted_on=self.state.today,
                last_assigned=agent.last_assigned,
            )
            for agent in self._stale.values()
        ]

    def _note_decisions(self, decisions: list[Decision]) -> None:
        self._decisions += [
            DecisionRow(
                shop=self.shop,
                conversation=self.state.loaded[decision.conversation].row,
                number=decision.number,
                seq=self.state.event,
                at=decision.at,
                trigger=decision.trigger.value,
                outcome=decision.outcome.value,
                agent_id=None if decision.agent is None else self.state.pk_of[decision.agent],
                rule=decision.rule,
                pool=decision.pool or "",
                labels=list(decision.labels),
                push=decision.push,
                version=decision.version,
                trace=told_trace(decision.trace, self.state.zone),
                by_id=None if decision.by is None else self.state.pk_of[decision.by],
                reason=decision.reason or "",
            )
            for decision in decisions
        ]


def standing(row: Conversation) -> list[Any]:
    """What decides who may see a conversation, as `ShopEvent.data` keeps it."""
    return [row.state, row.holder_id]


def unchanged(row: Conversation) -> dict[str, Any]:
    """Of a conversation that an event is about and did not change."""
    return {"id": row.pk, "was": standing(row), "now": standing(row)}


def _insert_all(rows: Sequence[Model], *, over: Sequence[str] = ()) -> None:
    """`over`: where a row of the same key is, these columns of it are replaced."""
    if len(rows) <= FEW:
        for row in rows:
            insert(row, over=over, key=False)
    elif over:
        key = type(rows[0])._meta.pk.name
        manager = type(rows[0])._default_manager
        manager.bulk_create(rows, update_conflicts=True, unique_fields=[key], update_fields=over)
    else:
        type(rows[0])._default_manager.bulk_create(rows)


def _counts(agent: Agent) -> Counts:
    return agent.open, agent.waiting_replies, agent.received_today, agent.offline_today, agent.last_assigned
