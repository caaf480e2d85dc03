"""What an event changed, into the shop's rows. Buyers and conversations at once, since other rows hang on their keys;
the rest at the end of the transaction, in one go."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from agents.models import Shop
from config.statements import insert, insert_both, insert_values, together, update
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

LANE = ("seq", "assignments", "last_at")
"""What every event changes of the lane; what settings change of it, their publishing writes."""
COUNTED = ("open", "waiting_replies", "received_today", "offline_today", "last_assigned")
COUNTER = ("shop_id", "sub_account_id", *COUNTED, "counted_on")
DECISION = (
    *("shop_id", "conversation_id", "number", "seq", "at", "trigger", "outcome", "agent_id", "rule", "pool", "labels"),
    *("push", "version", "trace", "by_id", "reason"),
)
EVENT = ("shop_id", "seq", "at", "kind", "data")


@dataclass(slots=True)
class Happened:
    """A `ShopEvent` that is not written yet: what else belongs to it may be added to `data`."""

    seq: int
    at: datetime
    kind: str
    data: dict[str, Any]


class Writing:
    """Of one transaction."""

    def __init__(self, shop: Shop, lane: Lane, state: LaneState) -> None:
        self.shop, self.lane, self.state = shop, lane, state
        self.rows: dict[str, Conversation] = {}
        """Of the conversations touched, by external id."""
        self._counts = list(map(_counts, state.agents.values()))
        """As they were last noted, in the order of the agents."""
        self._stale: dict[str, Agent] = {}
        """Whose counters are to be written."""
        self._decisions: list[tuple[Any, ...]] = []
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

    def flush(self, events: Sequence[Happened] = ()) -> None:
        """Everything that is not written yet, with the events, if they are complete."""
        if self.lane.seq == self._seq and not events:
            return
        with together():
            insert_values(AgentCounter, COUNTER, self._counters(), over=(*COUNTED, "counted_on"))
            insert_values(DecisionRow, DECISION, self._decisions)
            if self.lane.seq != self._seq:
                update(self.lane, LANE)
            told = ((self.shop.pk, event.seq, event.at, event.kind, event.data) for event in events)
            insert_values(ShopEvent, EVENT, told)
        self._seq = self.lane.seq
        self._stale.clear()
        self._decisions.clear()

    def _write_buyers(self) -> None:
        """Of those who are there: a new one goes in with the conversation."""
        for name in self.state.changed_contacts:
            buyer = self.state.buyer(name)
            if buyer.pk is not None:
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
            if row.buyer.pk is None:
                insert_both(row.buyer, row, "buyer_id")
            else:
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
        before, self._counts = self._counts, list(map(_counts, self.state.agents.values()))
        pairs = zip(self.state.agents.values(), before, self._counts, strict=True)
        changed = [agent for agent, was, now in pairs if was != now]
        self._stale |= {agent.name: agent for agent in changed}
        return [self.state.pk_of[agent.name] for agent in changed]

    def _counters(self) -> Iterator[tuple[Any, ...]]:
        for agent in self._stale.values():
            yield self.shop.pk, self.state.pk_of[agent.name], *_counts(agent), self.state.today

    def _note_decisions(self, decisions: list[Decision]) -> None:
        for decision in decisions:
            self._decisions.append(
                (
                    self.shop.pk,
                    self.state.loaded[decision.conversation].row.pk,
                    decision.number,
                    self.state.event,
                    decision.at,
                    decision.trigger.value,
                    decision.outcome.value,
                    None if decision.agent is None else self.state.pk_of[decision.agent],
                    decision.rule,
                    decision.pool or "",
                    list(decision.labels),
                    decision.push,
                    decision.version,
                    told_trace(decision.trace, self.state.zone),
                    None if decision.by is None else self.state.pk_of[decision.by],
                    decision.reason or "",
                )
            )


def standing(row: Conversation) -> list[Any]:
    """What decides who may see a conversation, as `ShopEvent.data` keeps it."""
    return [row.state, row.holder_id]


def unchanged(row: Conversation) -> dict[str, Any]:
    """Of a conversation that an event is about and did not change."""
    return {"id": row.pk, "was": standing(row), "now": standing(row)}


_counts = attrgetter(*COUNTED)
