"""Sub-accounts and presence: what frees somebody goes through the shop's lane, so it stands here and not in agents."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agents.api.access import IsPerson, ShopView, person
from agents.api.schema import ErrorSerializer
from agents.errors import Forbidden, Refused
from agents.models import SubAccount
from agents.permissions import Permission, may_edit_sub_account, may_set_cap, may_set_status
from agents.selectors import my_sub_accounts, sub_accounts_of
from routing import services
from routing.api import serializers as shapes
from routing.permissions import keeps_a_status


class SubAccountsView(ShopView, ListModelMixin, GenericAPIView[SubAccount]):
    proofs = frozenset({"POST"})
    permissions: ClassVar = {"GET": (Permission.SUB_ACCOUNTS_SEE,), "POST": (Permission.SUB_ACCOUNTS_EDIT,)}
    serializer_class = shapes.SubAccountSerializer
    ordering = "name"
    queryset = SubAccount.objects.none()

    def get_queryset(self) -> QuerySet[SubAccount]:
        return sub_accounts_of(self.shop)

    def get(self, request: Request, shop: str) -> Response:
        return self.list(request)

    @extend_schema(request=shapes.NewSubAccount, responses={201: shapes.SubAccountSerializer})
    def post(self, request: Request, shop: str) -> Response:
        body = shapes.NewSubAccount(data=request.data)
        body.is_valid(raise_exception=True)
        if not may_edit_sub_account(self.actor, body.validated_data.get("roles", [])):
            raise Forbidden("forbidden", _("Only the main account may do this."), field="roles")
        made = services.add_sub_account(shop=self.shop, known_to_others=True, **body.validated_data)
        return Response(shapes.SubAccountSerializer(made).data, status=201)


class SubAccountView(ShopView):
    proofs = frozenset(("PATCH",))
    permissions: ClassVar = {
        "GET": (Permission.SUB_ACCOUNTS_SEE,),
        "PATCH": (Permission.SUB_ACCOUNTS_EDIT, Permission.CAPS_OTHERS),
        "DELETE": (Permission.SUB_ACCOUNTS_EDIT,),
    }

    def row(self, account: str) -> SubAccount:
        row = sub_accounts_of(self.shop).filter(name=account).first()
        if row is None:
            raise Http404
        return row

    def refuse_unless_editable(self, row: SubAccount, changes: dict[str, Any]) -> None:
        if changes and changes.keys() <= {"max_concurrent"} and may_set_cap(self.actor, row.roles):
            return
        if not may_edit_sub_account(self.actor, row.roles, changes.get("roles", row.roles)):
            raise Forbidden("forbidden", _("Only the main account may do this."))

    @extend_schema(responses=shapes.SubAccountSerializer)
    def get(self, request: Request, shop: str, account: str) -> Response:
        return Response(shapes.SubAccountSerializer(self.row(account)).data)

    @extend_schema(request=shapes.SubAccountChange, responses=shapes.SubAccountSerializer)
    def patch(self, request: Request, shop: str, account: str) -> Response:
        row = self.row(account)
        body = shapes.SubAccountChange(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        changes: dict[str, Any] = body.validated_data
        self.refuse_unless_editable(row, changes)
        password = changes.pop("password", None)
        if password is not None:
            services.reset_password(actor=self.actor, sub_account=row, password=password)
        if changes:
            services.change_member(shop=self.shop, agent=row.name, by=self.actor.account, **changes)
        return Response(shapes.SubAccountSerializer(self.row(account)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, shop: str, account: str) -> Response:
        """Disables; nothing is deleted."""
        row = self.row(account)
        self.refuse_unless_editable(row, {})
        services.change_member(shop=self.shop, agent=row.name, by=self.actor.account, enabled=False)
        return Response(status=204)


class PresenceView(ShopView):
    permissions: ClassVar = {"PUT": (Permission.STATUS_OWN, Permission.STATUS_OTHERS)}

    @extend_schema(request=shapes.PresenceRequest, responses=shapes.PresenceSerializer)
    def put(self, request: Request, shop: str, account: str) -> Response:
        row = sub_accounts_of(self.shop).filter(name=account).first()
        if row is None:
            raise Http404
        if not may_set_status(self.actor, row):
            raise Forbidden("forbidden", _("You may set only your own status."))
        body = shapes.PresenceRequest(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(set_status(request, row, body.validated_data))


class OwnPresenceView(APIView):
    """One's own status, in one shop or, with none named, in every shop where one has a status."""

    permission_classes = (IsPerson,)

    @extend_schema(
        request=shapes.OwnPresenceRequest,
        responses={200: shapes.PresenceSerializer(many=True), 404: ErrorSerializer},
    )
    def put(self, request: Request) -> Response:
        body = shapes.OwnPresenceRequest(data=request.data)
        body.is_valid(raise_exception=True)
        given: dict[str, Any] = body.validated_data
        mine = my_sub_accounts(person(request))
        if "shop" in given:
            mine = mine.filter(shop__slug=given["shop"])
            if not mine.exists():
                raise Refused("unknown_shop", _("You have no place in this shop."), field="shop", status=404)
        rows = [row for row in mine if keeps_a_status(row)]
        if not rows:
            raise Forbidden("forbidden", _("Your role keeps no status."))
        return Response([set_status(request, row, given) for row in rows])


def set_status(request: Request, row: SubAccount, given: dict[str, Any]) -> dict[str, Any]:
    """Through the lane, with who and from where."""
    services.set_presence(
        shop=row.shop,
        agent=row.name,
        status=given["status"],
        by=person(request),
        device=request.headers.get("User-Agent", "")[:200],
        reason=given.get("reason", ""),
        lease=False,
    )
    row.refresh_from_db()
    return {"account": row.name, "status": row.status, "status_since": row.status_since}
