"""The buyers' interface, JSON in and out (docs/chat.md). A buyer is who their token says, and sees nothing else."""

from typing import Any, ClassVar

from django.conf import settings
from django.http import FileResponse, Http404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from chat.limits import IMAGES, MESSAGES, NEW_BUYERS, RATINGS
from chat.opening import entry_of
from chat.selectors import messages_of
from chat.services import Card, Opening, ask_human, close, rate, say
from chat.telling import menu_labels, told_history, told_message, told_start, told_state, told_updates
from chat.tokens import make_token, new_visitor
from chat.views.access import ChatView, spend
from chat.views.shapes import ImageShape, MessageShape, OpeningShape, RatingShape
from conversations.models import Message
from conversations.selectors import answers_of
from core.http.parameters import query
from routing.api.conversations import image_response


class StartView(ChatView):
    """Enter: who is new gets a name and a token, who comes back their history."""

    token_needed = False

    def post(self, request: Request, shop: str) -> Response:
        body = OpeningShape(data=request.data)
        body.is_valid(raise_exception=True)
        entry = entry_of(self.shop.platform, body.validated_data.get("entry", ""))
        token = None
        if self.identity is None:
            spend(NEW_BUYERS, self.door.network)
            self.buyer = new_visitor()
        if self.identity is None or self.identity.old:
            token = make_token(self.shop, self.buyer)
        return Response({"token": token, "entry": entry} | told_start(self.shop, self.buyer, entry))


class UpdatesView(ChatView):
    """What is new since a cursor: for who cannot listen to the stream."""

    def get(self, request: Request, shop: str) -> Response:
        after = query(request).number("after")
        return Response(told_updates(self.shop, self.buyer, 0 if after is None else after))


class SayingView(ChatView):
    """The base of what brings a message: the answer is the message with the state after it."""

    def said(self, given: dict[str, Any], **what: Any) -> Response:
        opening = Opening(
            entry=entry_of(self.shop.platform, given.get("entry", "")),
            question=given.get("question", ""),
            order_status=given.get("order_status", ""),
            network=self.door.network,
        )
        message, new = say(shop=self.shop, buyer=self.buyer, message_id=given["message_id"], opening=opening, **what)
        row = messages_of(self.shop, self.buyer).get(pk=message.pk)
        told = told_message(row, menu_labels(answers_of(self.shop)) if row.automatic else frozenset())
        answer = told_state(self.shop, self.buyer) | {"message": told}
        return Response(answer, status=201 if new else 200)


class StreamView(ChatView):
    """Where Django itself answers and not chat.stream there is none to listen to: the caller asks for updates."""

    def get(self, request: Request, shop: str) -> Response:
        return Response(status=204)


class MessagesView(SayingView):
    limits: ClassVar = {"POST": MESSAGES}

    def get(self, request: Request, shop: str) -> Response:
        """Earlier ones, before one of the buyer's own."""
        told = told_history(self.shop, self.buyer, query(request).number("before"))
        if told is None:
            raise Http404
        return Response(told)

    def post(self, request: Request, shop: str) -> Response:
        body = MessageShape(data=request.data)
        body.is_valid(raise_exception=True)
        given: dict[str, Any] = body.validated_data
        card = Card(**given["order"]) if "order" in given else None
        return self.said(given, text=given.get("text", ""), card=card, hot_question=given.get("hot_question"))


class ImagesView(SayingView):
    limits: ClassVar = {"POST": IMAGES}
    parser_classes = (MultiPartParser,)
    largest: ClassVar = settings.MAX_IMAGE_BYTES + 16 * 1024

    def post(self, request: Request, shop: str) -> Response:
        body = ImageShape(data=request.data)
        body.is_valid(raise_exception=True)
        # One byte more than is allowed is enough to see that it is too large.
        return self.said(body.validated_data, image=body.validated_data["image"].read(settings.MAX_IMAGE_BYTES + 1))


class ImageView(ChatView):
    """An image of the buyer's own conversations, never as anything that a browser would run."""

    def get(self, request: Request, shop: str, message: int) -> FileResponse:
        row: Message | None = messages_of(self.shop, self.buyer).filter(pk=message).exclude(image="").first()
        if row is None:
            raise Http404
        return image_response(row)


class AskHumanView(ChatView):
    limits: ClassVar = {"POST": MESSAGES}

    def post(self, request: Request, shop: str) -> Response:
        ask_human(shop=self.shop, buyer=self.buyer)
        return Response(told_state(self.shop, self.buyer))


class CloseView(ChatView):
    limits: ClassVar = {"POST": MESSAGES}

    def post(self, request: Request, shop: str) -> Response:
        close(shop=self.shop, buyer=self.buyer)
        return Response(told_state(self.shop, self.buyer))


class RatingView(ChatView):
    limits: ClassVar = {"POST": RATINGS}

    def post(self, request: Request, shop: str) -> Response:
        body = RatingShape(data=request.data)
        body.is_valid(raise_exception=True)
        rate(shop=self.shop, buyer=self.buyer, **body.validated_data)
        return Response(told_state(self.shop, self.buyer), status=201)
