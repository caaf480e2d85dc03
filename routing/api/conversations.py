"""Conversations, messages, closing, handing over (CONTRACT 5)."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api.access import ShopView
from agents.errors import Forbidden, Refused
from agents.models import SubAccount
from agents.permissions import Permission, may
from agents.services import record_readings
from conversations.identities import person_namespace, qualify_id, refuse_reserved
from conversations.models import Conversation, Message
from conversations.states import ClosedBy, Kind, Sender, State
from core.http.parameters import query
from core.uploads.files import open_file
from routing import services
from routing.api import serializers as shapes
from routing.models import Decision
from routing.selectors import (
    Filters,
    decisions_of,
    filtered,
    last_decision,
    place_of,
    places_of,
    thread,
    told_decision_row,
    visible_conversation,
    visible_conversations,
    waiting_conversations,
)

FILTERS = [
    OpenApiParameter("state", enum=[state.value for state in State]),
    OpenApiParameter("agent", description="account name of the holder"),
    OpenApiParameter("buyer"),
    OpenApiParameter("from", OpenApiTypes.DATE, description="opened on or after this shop day"),
    OpenApiParameter("to", OpenApiTypes.DATE, description="opened on or before this shop day"),
]


class OwnIdsView(ShopView):
    """The base of what shows ids that clients chose: a person's own ones as they gave them."""

    @property
    def namespace(self) -> str:
        own = self.actor.sub_account
        return "" if own is None else person_namespace(own.pk)

    def as_given(self, row: dict[str, Any], field: str) -> dict[str, Any]:
        """The told row with an id of the reader's own as they gave it."""
        return row | {field: row[field].removeprefix(self.namespace)}


class ConversationsView(OwnIdsView, ListModelMixin, GenericAPIView[Conversation]):
    permissions: ClassVar = {
        "GET": (Permission.CONVERSATIONS_OWN, Permission.CONVERSATIONS_OPEN),
        "POST": (Permission.CONVERSATIONS_OPEN,),
    }
    serializer_class = shapes.ConversationSerializer
    ordering = "-pk"
    queryset = Conversation.objects.none()

    def get_queryset(self) -> QuerySet[Conversation]:
        params = query(self.request)
        asked = Filters(
            state=params.text("state"),
            agent=params.text("agent"),
            buyer=params.text("buyer"),
            date_from=params.day("from"),
            date_to=params.day("to"),
        )
        if asked.state and asked.state not in set(State):
            raise Refused("invalid_state", _("Unknown state “%(state)s”.") % {"state": asked.state}, field="state")
        return filtered(visible_conversations(self.actor), self.shop, asked)

    @extend_schema(parameters=FILTERS)
    def get(self, request: Request, shop: str) -> Response:
        response = self.list(request)
        response.data["results"] = [self.as_given(row, "external_id") for row in response.data["results"]]
        return response

    @extend_schema(
        request=shapes.ConversationRequest,
        responses={200: shapes.OpenedSerializer, 201: shapes.OpenedSerializer},
    )
    def post(self, request: Request, shop: str) -> Response:
        body = shapes.ConversationRequest(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        given["external_id"] = self._external_id(given.get("external_id"))
        opened = services.open_conversation(shop=self.shop, again=True, **given)
        answer = self.as_given(told(opened.conversation), "external_id")
        return Response(answer, status=201 if opened.created else 200)

    def _external_id(self, given: str | None) -> str | None:
        """The stored id: a program's is the platform's own, a person's stands in their namespace."""
        if self.namespace:
            return qualify_id(given, self.namespace) if given else None
        refuse_reserved(given, field="external_id")
        return given


def told(conversation: Conversation) -> dict[str, Any]:
    """A conversation with its last decision and its place."""
    decision = last_decision(conversation)
    answer: dict[str, Any] = dict(shapes.ConversationSerializer(conversation).data)
    answer["decision"] = None if decision is None else told_decision_row(decision, conversation.shop)
    place = place_of(conversation)
    answer["queue"] = None if place is None else shapes.QueuePlaceSerializer(place).data
    return answer


class ConversationView(OwnIdsView):
    """The base of what hangs on one conversation: 404 for one that the caller may not see."""

    permissions: ClassVar = {"GET": (Permission.CONVERSATIONS_OWN, Permission.CONVERSATIONS_OPEN)}

    def conversation(self, pk: int) -> Conversation:
        row = visible_conversation(self.actor, pk)
        if row is None:
            raise Http404
        return row

    def read(self, pk: int) -> Conversation:
        """The conversation, to tell what was said in it: noted for who does not hold it."""
        row = self.conversation(pk)
        record_readings(actor=self.actor, conversations=[(row.pk, row.holder_id)])
        return row

    def refuse_unless_mine(self, row: Conversation) -> None:
        """An agent acts in conversations that they hold; leaders may act in all (DESIGN 8)."""
        if self.actor.key is None and not may(self.actor, Permission.CONVERSATIONS_ALL):
            self.refuse_unless_holder(row)

    def refuse_unless_holder(self, row: Conversation) -> None:
        mine = self.actor.sub_account is not None and row.holder_id == self.actor.sub_account.pk
        if not mine:
            raise Forbidden("not_holder", _("You do not hold this conversation."))


class ConversationDetailView(ConversationView):
    @extend_schema(responses=shapes.OpenedSerializer)
    def get(self, request: Request, shop: str, pk: int) -> Response:
        return Response(self.as_given(told(self.read(pk)), "external_id"))


class DecisionsView(ConversationView, GenericAPIView[Decision]):
    serializer_class = shapes.DecisionSerializer
    ordering = "number"
    queryset = Decision.objects.none()

    @extend_schema(responses=shapes.DecisionSerializer(many=True))
    def get(self, request: Request, shop: str, pk: int) -> Response:
        page = self.paginate_queryset(decisions_of(self.conversation(pk)))
        return self.get_paginated_response([told_decision_row(row, self.shop) for row in page or []])


class MessagesView(ConversationView, GenericAPIView[Message]):
    permissions: ClassVar = {"GET": (Permission.MESSAGES_SEE,), "POST": (Permission.MESSAGES_WRITE,)}
    serializer_class = shapes.MessageSerializer
    ordering = ("sent_at", "pk")
    queryset = Message.objects.none()

    @extend_schema(responses=shapes.MessageSerializer(many=True))
    def get(self, request: Request, shop: str, pk: int) -> Response:
        page = self.paginate_queryset(thread(self.read(pk)))
        rows = shapes.MessageSerializer(page, many=True).data
        return self.get_paginated_response([self.as_given(row, "message_id") for row in rows])

    @extend_schema(
        request=shapes.MessageRequest, responses={200: shapes.MessageSerializer, 201: shapes.MessageSerializer}
    )
    def post(self, request: Request, shop: str, pk: int) -> Response:
        conversation = self.conversation(pk)
        body = shapes.MessageRequest(data=request.data)
        body.is_valid(raise_exception=True)
        given: dict[str, Any] = body.validated_data
        said = self._said_by_key(given) if self.actor.key else self._said_by_person(conversation, given)
        image = given.get("image")
        message, new = services.post_message(
            shop=self.shop,
            conversation=conversation.external_id,
            kind=given.get("kind") or (Kind.IMAGE if image else Kind.TEXT),
            text=given.get("text", ""),
            image=None if image is None else image.read(settings.MAX_IMAGE_BYTES + 1),
            message_id=given.get("message_id"),
            **said,
        )
        answer = self.as_given(shapes.MessageSerializer(message).data, "message_id")
        return Response(answer, status=201 if new else 200)

    def _said_by_key(self, given: dict[str, Any]) -> dict[str, Any]:
        """A program says who wrote, and when."""
        if not given.get("sender"):
            raise Refused("required", _("This field is required."), field="sender")
        author = None
        if given.get("agent"):
            author = SubAccount.objects.for_shop(self.shop).filter(name=given["agent"]).first()
            if author is None:
                raise Refused("unknown_agent", f'no sub-account "{given["agent"]}"', field="agent")
        tapped = given.get("hot_question")
        if tapped is not None and given["sender"] != Sender.BUYER:
            raise Refused("only_buyers_tap", _("Only a buyer taps a hot question."), field="hot_question")
        return {
            "sender": Sender(given["sender"]),
            "author": author,
            "sent_at": given.get("sent_at"),
            "hot_question": tapped,
        }

    def _said_by_person(self, conversation: Conversation, given: dict[str, Any]) -> dict[str, Any]:
        """A person writes as themselves, now, in a conversation that they hold."""
        self.refuse_unless_holder(conversation)
        own = self.actor.sub_account
        claims = given.get("sender", Sender.AGENT) != Sender.AGENT or given.get("sent_at") is not None
        if (
            claims
            or given.get("hot_question") is not None
            or given.get("agent", own and own.name) not in (None, own and own.name)
        ):
            raise Forbidden("forbidden", _("Only a key may say who wrote and when."))
        return {"sender": Sender.AGENT, "author": own, "namespace": self.namespace}


class ImageView(ConversationView):
    """A message's image, never as anything that a browser would run."""

    permissions: ClassVar = {"GET": (Permission.MESSAGES_SEE,)}

    @extend_schema(responses={(200, "image/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, shop: str, pk: int, message: int) -> FileResponse:
        row = thread(self.read(pk)).filter(pk=message).exclude(image="").first()
        if row is None:
            raise Http404
        return image_response(row)


def image_response(message: Message) -> FileResponse:
    """The file with the type that its content was found to have (the ending is ours, not the sender's); 404 where it
    is missing, which the nightly comparison lists."""
    name = str(message.image.name)
    ending = name.rpartition(".")[2]
    try:
        content = open_file(name)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, filename=f"{message.pk}.{ending}")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response


class CloseView(ConversationView):
    permissions: ClassVar = {"POST": (Permission.CONVERSATIONS_CLOSE,)}

    @extend_schema(request=shapes.CloseRequest, responses=shapes.OpenedSerializer)
    def post(self, request: Request, shop: str, pk: int) -> Response:
        conversation = self.conversation(pk)
        self.refuse_unless_mine(conversation)
        body = shapes.CloseRequest(data=request.data)
        body.is_valid(raise_exception=True)
        by = ClosedBy(body.validated_data.get("by", ClosedBy.AGENT))
        if by != ClosedBy.AGENT and self.actor.key is None:
            raise Forbidden("forbidden", _("Only a key may say who closed it."), field="by")
        services.close_conversation(shop=self.shop, conversation=conversation.external_id, by=by)
        return Response(self.as_given(told(self.conversation_again(pk)), "external_id"))

    def conversation_again(self, pk: int) -> Conversation:
        return Conversation.objects.for_shop(self.shop).select_related("buyer", "holder", "shop").get(pk=pk)


class AskHumanView(CloseView):
    """The buyer asks the robot for a human."""

    permissions: ClassVar = {"POST": (Permission.CONVERSATIONS_OPEN,)}

    @extend_schema(request=None, responses=shapes.OpenedSerializer)
    def post(self, request: Request, shop: str, pk: int) -> Response:
        services.ask_human(shop=self.shop, conversation=self.conversation(pk).external_id)
        return Response(self.as_given(told(self.conversation_again(pk)), "external_id"))


class TransferView(CloseView):
    permissions: ClassVar = {"POST": (Permission.TRANSFER_OWN, Permission.TRANSFER_ALL)}

    @extend_schema(request=shapes.TransferRequest, responses=shapes.OpenedSerializer)
    def post(self, request: Request, shop: str, pk: int) -> Response:
        conversation = self.conversation(pk)
        body = shapes.TransferRequest(data=request.data)
        body.is_valid(raise_exception=True)
        own = self.actor.sub_account
        services.transfer_conversation(
            shop=self.shop,
            conversation=conversation.external_id,
            by="" if own is None else own.name,
            to=body.validated_data["to"],
            reason=body.validated_data.get("reason"),
        )
        return Response(self.as_given(told(self.conversation_again(pk)), "external_id"))


class QueueView(ShopView, GenericAPIView[Conversation]):
    """The waiting conversations in order, with place and notice."""

    permissions: ClassVar = {"GET": (Permission.QUEUE_SEE,)}
    serializer_class = shapes.QueueSerializer
    ordering = ("waiting_seq", "pk")
    queryset = Conversation.objects.none()

    @extend_schema(responses=shapes.QueueSerializer(many=True))
    def get(self, request: Request, shop: str) -> Response:
        page = self.paginate_queryset(waiting_conversations(self.shop)) or []
        return self.get_paginated_response(shapes.QueueSerializer(places_of(self.shop, page), many=True).data)
