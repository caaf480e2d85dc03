"""A shop's webhooks over HTTP, as its screen has them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api.access import ShopView
from agents.errors import Refused
from agents.models import Shop
from agents.permissions import Permission
from core.http.parameters import query
from outgoing import services
from outgoing.api.serializers import DeliverySerializer, NewWebhookSerializer, WebhookRequest, WebhookSerializer
from outgoing.models import Delivery, Outlet
from outgoing.selectors import deliveries_of, webhooks_of
from outgoing.vocabulary import DeliveryState, OutletKind


class WebhooksView(ShopView, ListModelMixin, GenericAPIView[Outlet]):
    """The shop's webhooks; a new one answers with its secret, this once."""

    proofs = frozenset({"POST"})
    permissions: ClassVar = {"GET": (Permission.OUTGOING_EDIT,), "POST": (Permission.OUTGOING_EDIT,)}
    serializer_class = WebhookSerializer
    queryset = Outlet.objects.none()

    def get_queryset(self) -> QuerySet[Outlet]:
        return webhooks_of(self.shop)

    def get(self, request: Request, shop: str) -> Response:
        return self.list(request)

    @extend_schema(request=WebhookRequest, responses={201: NewWebhookSerializer})
    def post(self, request: Request, shop: str) -> Response:
        body = WebhookRequest(data=request.data)
        body.is_valid(raise_exception=True)
        with named_as_here():
            outlet = services.create_outlet(shop=self.shop, kind=OutletKind.WEBHOOK.value, **body.validated_data)
        return Response(NewWebhookSerializer(outlet).data, status=201)


class WebhookView(ShopView):
    proofs = frozenset({"PATCH"})
    permissions: ClassVar = {"PATCH": (Permission.OUTGOING_EDIT,), "DELETE": (Permission.OUTGOING_EDIT,)}

    @extend_schema(request=WebhookRequest(partial=True), responses=WebhookSerializer)
    def patch(self, request: Request, shop: str, pk: int) -> Response:
        outlet = found_webhook(self.shop, pk)
        body = WebhookRequest(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        with named_as_here():
            changed = services.change_outlet(outlet=outlet, **body.validated_data)
        return Response(WebhookSerializer(changed).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, shop: str, pk: int) -> Response:
        services.remove_outlet(outlet=found_webhook(self.shop, pk))
        return Response(status=204)


class DeliveriesView(ShopView, ListModelMixin, GenericAPIView[Delivery]):
    """What went to a webhook in the last thirty days, the newest first."""

    permissions: ClassVar = {"GET": (Permission.OUTGOING_EDIT,)}
    serializer_class = DeliverySerializer
    queryset = Delivery.objects.none()
    ordering = ("-pk",)

    def get_queryset(self) -> QuerySet[Delivery]:
        state = query(self.request).text("state")
        return deliveries_of(found_webhook(self.shop, self.kwargs["pk"]), state)

    @extend_schema(parameters=[OpenApiParameter("state", enum=[state.value for state in DeliveryState])])
    def get(self, request: Request, shop: str, pk: int) -> Response:
        return self.list(request)


class RepeatView(ShopView):
    permissions: ClassVar = {"POST": (Permission.OUTGOING_EDIT,)}

    @extend_schema(request=None, responses=DeliverySerializer)
    def post(self, request: Request, shop: str, pk: int, delivery: int) -> Response:
        """Send a delivery once more, under its own id; the answer says what became of it."""
        row = deliveries_of(found_webhook(self.shop, pk)).filter(pk=delivery).select_related("outlet__shop").first()
        if row is None:
            raise Http404
        return Response(DeliverySerializer(services.repeat_delivery(delivery=row)).data)


@contextmanager
def named_as_here() -> Iterator[None]:
    """A refused address is called url here."""
    try:
        yield
    except Refused as refused:
        if refused.field == "address":
            refused.field = "url"
        raise


def found_webhook(shop: Shop, pk: int) -> Outlet:
    outlet = webhooks_of(shop).filter(pk=pk).first()
    if outlet is None:
        raise Http404
    return outlet
