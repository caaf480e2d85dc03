from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api.access import IsPerson, ShopView, person
from agents.api.serializers import KeyRequest, KeySerializer, NewKeySerializer, ShopSerializer
from agents.errors import Refused
from agents.models import Shop, ShopKey
from agents.permissions import Permission
from agents.selectors import keys_of, visible_shops
from agents.services import create_key, create_shop, revoke_key, update_shop


class ShopsView(ListModelMixin, GenericAPIView[Shop]):
    """The shops that the caller may see; an operator makes new ones."""

    permission_classes = (IsPerson,)
    serializer_class = ShopSerializer
    ordering = "slug"
    queryset = Shop.objects.none()

    def get_queryset(self) -> QuerySet[Shop]:
        return visible_shops(person(self.request))

    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(responses={201: ShopSerializer})
    def post(self, request: Request) -> Response:
        if not person(request).is_operator:
            raise PermissionDenied(_("Only who runs the installation makes shops."))
        body = ShopSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(ShopSerializer(create_shop(**body.validated_data)).data, status=201)


class ShopDetailView(ShopView):
    permissions: ClassVar = {"GET": (Permission.SHOP_SEE,), "PATCH": (Permission.SHOP_EDIT,)}

    @extend_schema(responses=ShopSerializer)
    def get(self, request: Request, shop: str) -> Response:
        return Response(ShopSerializer(self.shop).data)

    @extend_schema(request=ShopSerializer(partial=True), responses=ShopSerializer)
    def patch(self, request: Request, shop: str) -> Response:
        body = ShopSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        given: dict[str, Any] = body.validated_data
        for fixed in ("slug", "platform"):
            if given.pop(fixed, getattr(self.shop, fixed)) != getattr(self.shop, fixed):
                raise Refused("cannot_change", _("This cannot be changed."), field=fixed)
        return Response(ShopSerializer(update_shop(shop=self.shop, **given)).data)


class KeysView(ShopView, ListModelMixin, GenericAPIView[ShopKey]):
    """Keys for other programs: made and revoked by the main account or an admin."""

    proofs = frozenset({"POST"})
    permissions: ClassVar = {"GET": (Permission.KEYS_EDIT,), "POST": (Permission.KEYS_EDIT,)}
    serializer_class = KeySerializer
    queryset = ShopKey.objects.none()

    def get_queryset(self) -> QuerySet[ShopKey]:
        return keys_of(self.shop)

    def get(self, request: Request, shop: str) -> Response:
        return self.list(request)

    @extend_schema(request=KeyRequest, responses={201: NewKeySerializer})
    def post(self, request: Request, shop: str) -> Response:
        body = KeyRequest(data=request.data)
        body.is_valid(raise_exception=True)
        key, secret = create_key(actor=self.actor, name=body.validated_data["name"])
        return Response({"id": key.pk, "name": key.name, "key": secret}, status=201)


class KeyDetailView(ShopView):
    proofs = frozenset({"DELETE"})
    permissions: ClassVar = {"DELETE": (Permission.KEYS_EDIT,)}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, shop: str, pk: int) -> Response:
        key = keys_of(self.shop).filter(pk=pk).first()
        if key is None:
            raise Http404
        revoke_key(actor=self.actor, key=key)
        return Response(status=204)
