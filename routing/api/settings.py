"""The routing document and its versions."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api.access import ShopView
from agents.api.parsing import TextJSONParser
from agents.errors import Refused
from agents.permissions import Permission
from routing import services
from routing.api.serializers import VersionSerializer
from routing.models import RoutingVersion
from routing.selectors import current_version, versions


def told(version: RoutingVersion) -> dict[str, Any]:
    """The routing document, with `version`."""
    document: dict[str, Any] = version.document
    return {"version": version.number} | document


class RoutingView(ShopView):
    parser_classes = (TextJSONParser,)
    permissions: ClassVar = {
        "GET": (Permission.ROUTING_SEE,),
        "PUT": (Permission.ROUTING_EDIT, Permission.ROUTING_EDIT_QUEUEING),
    }

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, shop: str) -> Response:
        return Response(told(current_version(self.shop)))

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def put(self, request: Request, shop: str) -> Response:
        """Publishes. With the `version` that the caller saw, a newer one in force answers 409."""
        if request.stream is None:
            # `{}` is a document, which leaves everything at its default; no body is none.
            raise Refused("required", _("The routing document is missing: the body is empty."))
        if not isinstance(request.data, dict):
            raise Refused("malformed", _("The routing document is an object."))
        document = dict(request.data)
        expected = document.pop("version", None)
        if expected is not None and (isinstance(expected, bool) or not isinstance(expected, int)):
            raise Refused("malformed", _("The version is a whole number."), field="version")
        version = services.publish(shop=self.shop, document=document, actor=self.actor, expected_version=expected)
        return Response(told(version))


class VersionsView(ShopView, ListModelMixin, GenericAPIView[RoutingVersion]):
    permissions: ClassVar = {"GET": (Permission.ROUTING_SEE,)}
    serializer_class = VersionSerializer
    ordering = "-number"
    queryset = RoutingVersion.objects.none()

    def get(self, request: Request, shop: str) -> Response:
        self.queryset = versions(self.shop)
        return self.list(request)


class RestoreView(ShopView):
    permissions: ClassVar = {"POST": (Permission.ROUTING_EDIT, Permission.ROUTING_EDIT_QUEUEING)}

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, shop: str, number: int) -> Response:
        return Response(told(services.restore(shop=self.shop, number=number, actor=self.actor)))
