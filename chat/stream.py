"""`GET /chat/<shop>/stream/` as a bare ASGI endpoint: a buyer's own conversations, as it happens.

A message comes whole. Of everything else a buyer is only told to look (`look`): where they stand takes the database,
which the event loop does not ask, and it is said in one place (chat.telling).
"""

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.utils import timezone
from rest_framework.exceptions import MethodNotAllowed

from chat.models import ChatSettings
from chat.selectors import latest_conversation
from chat.telling import told_message
from chat.views.access import CORS, Door
from conversations.answering import Part
from conversations.services.blocks import blocked_among
from conversations.states import State, Unwritten
from core.http.parameters import query
from routing.stream.caps import counted, stream_of_address
from routing.stream.cursor import Cursor
from routing.stream.door import given_cursor
from routing.stream.endpoint import at_the_door, send_error
from routing.stream.readers import Views
from routing.stream.sending import HEAD, Receive, Scope, Send, send_stream
from routing.stream.subscriber import Subscriber
from routing.stream.telling import Changed, Told

PATH = re.compile(r"/chat/([-a-zA-Z0-9_]{1,50})/stream/")
ABOUT_PEOPLE = frozenset({"presence", "agent", "app_login"})
"""Kinds of events after which somebody may be online who was not, or the other way round."""
LONGEST_NUMBER = 18


NOT_SENT = (Part.MENU, Unwritten.TAKEN_OVER)
"""Messages that are not sent as they stand: the menu is read with its choices, the other the buyer did not say."""


@dataclass(slots=True)
class BuyerView:
    """What one buyer may see of a shop. `state` and `holder`: how their conversation stands, kept up by what they see;
    two views of one buyer are the same whatever they stand at."""

    buyer: str
    state: str = field(default="", compare=False)
    holder: int | None = field(default=None, compare=False)

    def see(self, told: Told) -> dict[str, Any] | None:
        mine = [change for change in told.changed if self._mine(change)]
        if mine:
            return self._own(told, mine)
        if self.state == State.QUEUED and any(_waits(change) for change in told.changed):
            return _look("line")
        if told.kind not in ABOUT_PEOPLE:
            return None
        if self.state == State.OPEN:
            return _look("you") if self.holder in told.agents else None
        return _look("people")

    def _own(self, told: Told, mine: list[Changed]) -> dict[str, Any]:
        last = mine[-1]
        stands = any(change.was == change.now for change in mine)
        self.state, self.holder = last.now
        message = told.message
        owner = next((c.row for c in mine if message is not None and c.pk == message.conversation_id), None)
        if message is None or owner is None or message.automatic in NOT_SENT:
            return _look("you")
        message.conversation = owner
        return {"kind": "message", "message": told_message(message), "look": not stands}

    def _mine(self, change: Changed) -> bool:
        return change.row is not None and change.row.buyer.external_id == self.buyer


def _look(about: str) -> dict[str, Any]:
    """`about`: `you`, the `line`, or `people` who come and go. What concerns one buyer is looked at at once; what
    all are told, each looks at in a moment of their own, or a step of the line would bring all who wait together."""
    return {"kind": "look", "about": about}


def _waits(change: Changed) -> bool:
    return State.QUEUED in (change.now[0], change.was and change.was[0])


@dataclass(frozen=True, slots=True)
class BuyerAccess:
    """A buyer with a good token, while the shop's chat is on and neither they nor their network are blocked."""

    shop: int
    buyer: str
    network: str = ""

    @staticmethod
    def views_of(many: Sequence["BuyerAccess"]) -> list[Views | None]:
        shops = {one.shop for one in many}
        on = set(ChatSettings.objects.filter(shop__in=shops, on=True).values_list("shop", flat=True))
        pairs = {(one.shop, one.buyer, one.network) for one in many}
        blocked = blocked_among(pairs=pairs, now=timezone.now())
        return [
            {one.shop: BuyerView(one.buyer)}
            if one.shop in on and (one.shop, one.buyer, one.network) not in blocked
            else None
            for one in many
        ]


@dataclass(frozen=True, slots=True)
class Entered:
    access: BuyerAccess
    view: BuyerView
    cursor: Cursor | None
    head: list[tuple[bytes, bytes]]


async def buyer_stream(scope: Scope, receive: Receive, send: Send) -> None:
    with ExitStack() as places:
        try:
            places.enter_context(stream_of_address(scope))
            entered = await at_the_door(lambda: _enter(scope))
            buyer = ("buyer", f"{entered.access.shop}:{entered.access.buyer}")
            places.enter_context(counted(buyer, settings.STREAMS_PER_BUYER))
        except Exception as error:
            await send_error(send, error)
            return
        subscriber = Subscriber(entered.access, {entered.access.shop: entered.view}, settings.MAX_BUYER_REPLAY)
        await send_stream(receive, send, subscriber, entered.cursor, entered.head)


def _enter(scope: Scope) -> Entered:
    """The same door as the rest of the buyers' interface; `after`: the cursor of a state, where there is no event yet
    to go on from. Raises DisallowedHost."""
    request = ASGIRequest(scope, BytesIO())
    request.get_host()
    if request.method != "GET":
        raise MethodNotAllowed(request.method or "")
    found = PATH.fullmatch(scope["path"])
    door = Door(request, found[1] if found else "")
    identity = door.buyer()
    row = latest_conversation(door.shop, identity.buyer)
    view = BuyerView(identity.buyer)
    if row is not None:
        view.state, view.holder = row.state, row.holder_id
    cursor = given_cursor(request) or _after(request, door.shop.pk)
    head = HEAD if not door.origin else [*HEAD, *_cors(door.origin)]
    return Entered(BuyerAccess(door.shop.pk, identity.buyer, door.network), view, cursor, head)


def _after(request: ASGIRequest, shop: int) -> Cursor | None:
    after = query(request).number("after", most=10**LONGEST_NUMBER - 1)
    return None if after is None else {shop: after}


def _cors(origin: str) -> list[tuple[bytes, bytes]]:
    names = {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} | CORS
    return [(name.lower().encode(), value.encode()) for name, value in names.items()]
