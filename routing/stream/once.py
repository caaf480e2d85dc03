"""The stream's URL where Django itself answers (no ASGI): what is new since `Last-Event-ID`, then the end.

A browser comes again by itself after `retry`, so its pages stay live there too, only later.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from agents.api.access import IsPerson
from agents.models import Shop
from routing.stream.door import Entered, enter
from routing.stream.log import news, numbers, start
from routing.stream.sending import HEAD, RETRY, event, told_event
from routing.stream.subscriber import Subscriber


class AnyType(BaseContentNegotiation):
    """A browser asks for text/event-stream, which no renderer of ours makes: errors are JSON all the same."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        return next(iter(parsers), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


class EventSerializer(serializers.Serializer[Any]):
    """One event, by the names that its lines have."""

    id = serializers.CharField(help_text="Where one is after it: for `Last-Event-ID`.")
    event = serializers.CharField(required=False)
    data = serializers.CharField(help_text="JSON.")  # type: ignore[assignment]
    retry = serializers.IntegerField(required=False)


class StreamView(APIView):
    """What the caller may see, as it happens, as server-sent events.

    Each event's `data` is `{"shop", "seq", "at", "kind", "conversations", "message", "decisions", "agents", …}`;
    a conversation that the caller no longer sees is `{"id", "gone": true}`. `ready`: everything missed has been told;
    `reset`: too much was missed in `shop`, load it anew; `access`: the caller's rights have changed.
    """

    permission_classes = (IsPerson,)
    content_negotiation_class = AnyType

    @extend_schema(
        parameters=[OpenApiParameter("Last-Event-ID", location="header"), OpenApiParameter("last_event_id")],
        responses={(200, "text/event-stream"): EventSerializer},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        entered = enter(request)
        response = StreamingHttpResponse(pieces(entered))
        for name, value in HEAD:
            response[name.decode()] = value.decode()
        return response


def pieces(entered: Entered) -> Iterator[bytes]:
    """From the reader's place to now."""
    subscriber = Subscriber(entered.access, entered.views)
    begin = start(list(entered.views), entered.cursor, subscriber.most_replayed)
    subscriber.cursor = dict(begin.cursor)
    shops = Shop.objects.in_bulk(list(entered.views))
    yield f"retry: {RETRY}\n\n".encode()
    for shop in begin.reset:
        yield event("reset", {"shop": shops[shop].slug}, subscriber.cursor)
    for shop, last in numbers(list(entered.views)).items():
        after = begin.cursor[shop]
        while after < last and (piece := news(shops[shop], after, last)):
            for told in piece:
                if (words := told_event(subscriber, told)) is not None:
                    yield words
            after = piece[-1].seq
    yield event("ready", {}, subscriber.cursor)
