"""One lane per shop (DESIGN 3): lock, read after the lock, let the event happen, write all of it in one transaction."""

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import errors
from agents.models import Shop
from agents.vocabulary import Platform
from config.statements import Ahead, Question
from conversations.models import Conversation, Message
from core.clock import ClockJumped, guard
from core.db.time import database_time
from routing.engine.apply import due_time_outs, happen
from routing.engine.compile import compile_settings
from routing.engine.document import read_document
from routing.engine.events import Event, Refused
from routing.engine.settings import Settings
from routing.engine.types import Decision
from routing.models import Lane, RoutingVersion
from routing.rows import agents_of, locked_lane, named_buyer, named_conversation, renamed_conversation
from routing.services.writing import Happened, Writing, unchanged
from routing.snapshot import LaneState
from routing.waking import wake

logger = logging.getLogger(__name__)

REFUSALS = {"unknown_conversation": 404, "conversation_closed": 409, "duplicate_conversation": 409, "forbidden": 403}
"""What the HTTP API answers to a refused event; the others are 422."""


class Work:
    """What one transaction in a shop's lane does. `at` never goes back, whatever the clock does."""

    def __init__(self, shop: Shop, now: datetime | None, ahead: Ahead) -> None:
        self.shop, self.ahead = shop, ahead
        self.lane = _locked(shop, ahead)
        now = now or timezone.now()
        self.at = now if self.lane.last_at is None else max(now, self.lane.last_at)
        self.state = LaneState(shop, self.lane, _settings(self.lane), ahead)
        self.decisions: list[Decision] = []
        self.events: list[Happened] = []
        """What has happened, written at the end: what else belongs to an event may be added until then."""
        self._writing = Writing(shop, self.lane, self.state)

    def time_out(self) -> None:
        """Let happen what fell due before (DY13). What comes after finds it written."""
        for closing, due in due_time_outs(self.state, self.at):
            self._happen(closing, due)
        self._writing.flush()

    def happen(self, event: Event) -> list[Decision]:
        """The event through the engine, and everything it changed into the database. Raises engine Refused."""
        return self._happen(event, self.at)

    def row(self, name: str) -> Conversation:
        """The row of a conversation that this work has found or made."""
        return self._writing.rows.get(name) or self.state.loaded[name].row

    def _happen(self, event: Event, at: datetime) -> list[Decision]:
        number = self.state.event
        try:
            decisions = happen(self.state, event, at)
        except Refused:
            self.state.event = number
            raise
        self.decisions += decisions
        self._note(type(event).__name__.lower(), at, self._writing.take(event, at, decisions))
        return decisions

    def announce(self, kind: str, data: dict[str, Any]) -> None:
        """An event that no rule looks at, for who follows the shop: it takes its number like all others."""
        self.state.event += 1
        self._note(kind, self.at, data)

    def said(self, row: Conversation, message: Message) -> None:
        """The message belongs to the event that has just happened."""
        data = self.events[-1].data
        data["message"] = message.pk
        if all(change["id"] != row.pk for change in data["conversations"]):
            data["conversations"].append(unchanged(row))

    def finish(self) -> None:
        """Write what is left, and the events; who follows the shop is told after the commit."""
        self._writing.flush(self.events)
        if self.events:
            transaction.on_commit(lambda: wake(self.shop.pk))

    def _note(self, kind: str, at: datetime, data: dict[str, Any]) -> None:
        self.lane.seq, self.lane.assignments, self.lane.last_at = self.state.event, self.state.assignments, at
        self.events.append(Happened(self.state.event, at, kind, data))


@contextmanager
def in_lane(
    shop: Shop,
    now: datetime | None = None,
    *,
    conversation: str | None = None,
    opens_for: str | None = None,
    also: Iterable[Question] = (),
) -> Iterator[Work]:
    """The shop's lane, locked; time-outs due before have happened.

    `conversation`: the name of the one that it will be about; `opens_for`: the buyer for whom it will be opened, if it
    is to be; `also`: what else will be wanted, of `Work.ahead`. They are read together with what the lane itself needs.

    An event that the engine refuses is told as `agents.errors.Refused` with its code; what timed out before
    it stays done. `now` is for tests and replays; it must be UTC.
    """
    refused: Refused | None = None
    with _in_turn(), transaction.atomic(durable=True):
        if now is None:
            now = believed_now()
        work = Work(shop, now, Ahead(*_questions(shop, conversation, opens_for), *also))
        work.time_out()
        try:
            yield work
        except Refused as error:
            refused = error
        work.finish()
    if refused is not None:
        raise errors.Refused(refused.code, refused.message, status=REFUSALS.get(refused.code, 422))


def believed_now() -> datetime:
    """Read the clock. Raises Refused `clock_jumped` (503) where it is not to be believed.

    What is written with a wrong time stays wrong.
    """
    now = timezone.now()
    try:
        guard.check(now, lambda: database_time(connection))
    except ClockJumped as jump:
        logger.error("clock jumped", extra={"seconds": round(jump.seconds), "witness": jump.witness})
        message = _("The server's clock is wrong. Nothing is accepted until it is set right.")
        raise errors.Refused("clock_jumped", message, status=503) from jump
    return now


_turn = threading.Lock()


def _in_turn() -> AbstractContextManager[object]:
    """SQLite has one writer, and who finds it busy looks again after ever longer pauses: the threads of a process stand
    in a line of their own, or some wait for seconds."""
    return _turn if connection.vendor == "sqlite" else nullcontext()


def _questions(shop: Shop, conversation: str | None, buyer: str | None) -> Iterator[Question]:
    """The lock before all: the others are read under it."""
    yield locked_lane, shop.pk
    yield agents_of, shop.pk
    if conversation is not None:
        yield named_conversation, shop.pk, conversation
    if conversation is not None and buyer is not None:
        # Most are new: then it is looked for under all names.
        yield renamed_conversation, shop.pk, conversation
        yield named_buyer, shop.pk, buyer


def check_known(work: Work, **named: str) -> None:
    """Raise Refused `unknown_agent` for the first field whose account name is no sub-account of the shop."""
    for field, name in named.items():
        if name not in work.state.agents:
            raise errors.Refused("unknown_agent", f'no sub-account "{name}"', field=field)


def _locked(shop: Shop, ahead: Ahead) -> Lane:
    """The shop's lane row, locked; made with the shop's first settings version if there is none yet."""
    lane = ahead.first(locked_lane, shop.pk)
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
