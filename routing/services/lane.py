"""One lane per shop (DESIGN 3): lock, read after the lock, let the event happen, write all of it in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from agents import errors
from agents.models import Shop
from agents.vocabulary import Platform
from conversations.models import Conversation, ConversationName, Message
from conversations.states import State, check_change
from routing.engine.apply import due_time_outs, happen
from routing.engine.compile import compile_settings
from routing.engine.document import read_document
from routing.engine.events import AgentChange, AppLogin, Event, Presence, Refused
from routing.engine.settings import Settings
from routing.engine.telling import told_trace
from routing.engine.types import Agent, Decision
from routing.models import AgentCounter, Lane, RoutingVersion, ShopEvent
from routing.models import Decision as DecisionRow
from routing.snapshot import LaneState
from routing.waking import wake

REFUSALS = {"unknown_conversation": 404, "conversation_closed": 409, "duplicate_conversation": 409, "forbidden": 403}
"""What the HTTP API answers to a refused event; the others are 422."""

PRESENCE = (Presence, AppLogin, AgentChange)
"""Events about one sub-account, named in the event row also where no counter changed."""

Counts = tuple[int, int, int, int, int]


class Work:
    """What one transaction in a shop's lane does. `at` never goes back, whatever the clock does."""

    def __init__(self, shop: Shop, now: datetime | None) -> None:
        self.shop = shop
        self.lane = _locked(shop)
        now = now or timezone.now()
        self.at = now if self.lane.last_at is None else max(now, self.lane.last_at)
        self.state = LaneState(shop, self.lane, _settings(self.lane))
        self.decisions: list[Decision] = []
        self.rows: dict[str, Conversation] = {}
        """Rows of the conversations touched, by external id."""
        self.events: list[ShopEvent] = []
        """What has happened, written at the end: what else belongs to an event may be added until then."""
        self._counts = {name: _counts(agent) for name, agent in self.state.agents.items()}

    def time_out(self) -> None:
        """Let happen what fell due before (DY13)."""
        for closing, due in due_time_outs(self.state, self.at):
            self._happen(closing, due)

    def happen(self, event: Event) -> list[Decision]:
        """The event through the engine, and everything it changed into the database. Raises engine Refused."""
        return self._happen(event, self.at)

    def row(self, name: str) -> Conversation:
        """The row of a conversation that this work has found or made."""
        return self.rows.get(name) or self.state.loaded[name].row

    def _happen(self, event: Event, at: datetime) -> list[Decision]:
        number = self.state.event
        try:
            decisions = happen(self.state, event, at)
        except Refused:
            self.state.event = number
            raise
        self.decisions += decisions
        self._write(event, at, decisions)
        return decisions

    def _write(self, event: Event, at: datetime, decisions: list[Decision]) -> None:
        self._write_buyers()
        conversations = self._write_conversations()
        agents = self._write_counters()
        self._write_decisions(decisions)
        acting = getattr(event, "agent", None)
        if isinstance(event, PRESENCE) and acting is not None:
            agents = sorted({*agents, self.state.pk_of[acting]})
        self._note(type(event).__name__.lower(), at, {"conversations": conversations, "agents": agents})
        self.lane.seq = self.state.event
        self.lane.assignments = self.state.assignments
        self.lane.last_at = at
        self.lane.save()

    def announce(self, kind: str, data: dict[str, Any]) -> None:
        """An event that no rule looks at, for who follows the shop: it takes its number like all others."""
        self.state.event += 1
        self._note(kind, self.at, data)
        self.lane.seq, self.lane.last_at = self.state.event, self.at
        self.lane.save()

    def said(self, row: Conversation, message: Message) -> None:
        """The message belongs to the event that has just happened."""
        data = self.events[-1].data
        data["message"] = message.pk
        if all(change["id"] != row.pk for change in data["conversations"]):
            data["conversations"].append(unchanged(row))

    def finish(self) -> None:
        """Write the events; who follows the shop is told after the commit."""
        if self.events:
            ShopEvent.objects.bulk_create(self.events)
            transaction.on_commit(lambda: wake(self.shop.pk))

    def _note(self, kind: str, at: datetime, data: dict[str, Any]) -> None:
        self.events.append(ShopEvent(shop=self.shop, seq=self.state.event, at=at, kind=kind, data=data))

    def _write_buyers(self) -> None:
        for name in {c.buyer for c in self.state.new} | self.state.changed_contacts:
            buyer = self.state.buyer(name)
            if buyer.pk is None or name in self.state.changed_contacts:
                buyer.save()
        self.state.changed_contacts.clear()

    def _write_conversations(self) -> list[dict[str, Any]]:
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
                opened_at=seen.opened_at or self.at,
                opened_seq=seen.opened_seq,
            )
            self.state.write_to(row, seen)
            row.save(force_insert=True)
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
            loaded.row.save(update_fields=changed)
            self.rows[loaded.seen.id] = loaded.row
            touched.append({"id": loaded.row.pk, "was": was, "now": standing(loaded.row)})
        for name, seen in self.state.new_names:
            ConversationName.objects.create(
                shop=self.shop, external_id=name, conversation=self.state.loaded[seen.id].row
            )
        self.state.new_names.clear()
        return touched

    def _write_counters(self) -> list[int]:
        changed = [agent for name, agent in self.state.agents.items() if _counts(agent) != self._counts[name]]
        if not changed:
            return []
        AgentCounter.objects.bulk_create(
            [
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
                for agent in changed
            ],
            update_conflicts=True,
            unique_fields=["sub_account"],
            update_fields=[
                "open",
                "waiting_replies",
                "received_today",
                "offline_today",
                "counted_on",
                "last_assigned",
            ],
        )
        for agent in changed:
            self._counts[agent.name] = _counts(agent)
        return [self.state.pk_of[agent.name] for agent in changed]

    def _write_decisions(self, decisions: list[Decision]) -> None:
        DecisionRow.objects.bulk_create(
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
        )


def _counts(agent: Agent) -> Counts:
    return agent.open, agent.waiting_replies, agent.received_today, agent.offline_today, agent.last_assigned


@contextmanager
def in_lane(shop: Shop, now: datetime | None = None) -> Iterator[Work]:
    """The shop's lane, locked; time-outs due before have happened.

    An event that the engine refuses is told as `agents.errors.Refused` with its code; what timed out before
    it stays done. `now` is for tests and replays; it must be UTC.
    """
    refused: Refused | None = None
    with transaction.atomic(durable=True):
        work = Work(shop, now)
        work.time_out()
        try:
            yield work
        except Refused as error:
            refused = error
        work.finish()
    if refused is not None:
        raise errors.Refused(refused.code, refused.message, status=REFUSALS.get(refused.code, 422))


def standing(row: Conversation) -> list[Any]:
    """What decides who may see a conversation, as `ShopEvent.data` keeps it."""
    return [row.state, row.holder_id]


def unchanged(row: Conversation) -> dict[str, Any]:
    """Of a conversation that an event is about and did not change."""
    return {"id": row.pk, "was": standing(row), "now": standing(row)}


def check_known(work: Work, **named: str) -> None:
    """Raise Refused `unknown_agent` for the first field whose account name is no sub-account of the shop."""
    for field, name in named.items():
        if name not in work.state.agents:
            raise errors.Refused("unknown_agent", f'no sub-account "{name}"', field=field)


def _locked(shop: Shop) -> Lane:
    """The shop's lane row, locked; made with the shop's first settings version if there is none yet."""
    lane = Lane.objects.select_for_update().filter(pk=shop.pk).first()
    if lane is not None:
        return lane
    Lane.objects.bulk_create([Lane(shop=shop)], ignore_conflicts=True)
    lane = Lane.objects.select_for_update().get(pk=shop.pk)
    if not lane.settings_token:
        document = read_document({}, Platform(shop.platform), ())
        RoutingVersion.objects.create(shop=shop, number=1, document=document)
        lane.settings_token = uuid4().hex
        lane.save(update_fields=["settings_token"])
    return lane


def _settings(lane: Lane) -> Settings:
    return compiled(lane.shop_id, lane.version, lane.settings_token)


@lru_cache(maxsize=4096)
def compiled(shop_id: int, version: int, token: str) -> Settings:
    """Published settings, compiled once per version and kept in the process; `token` tells databases apart."""
    row = RoutingVersion.objects.select_related("shop").get(shop_id=shop_id, number=version)
    lane = Lane.objects.get(pk=shop_id)
    return compile_settings(row.document, Platform(row.shop.platform), version, lane.settings_at)
