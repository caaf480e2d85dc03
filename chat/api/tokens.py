"""A shop's own program says who its buyer is, so that who is signed in there keeps their name and history here."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api.access import ShopView
from agents.api.strict import StrictSerializer
from agents.permissions import Permission
from chat.tokens import LASTS, make_token


class ChatTokenRequest(StrictSerializer):
    buyer = serializers.CharField(max_length=100)


class ChatTokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="For the script's `data-token`; it opens this buyer's conversations alone.")
    seconds = serializers.IntegerField(help_text="How long it is good for.")


class ChatTokensView(ShopView):
    """A token of the buyers' chat for a buyer whom the caller has signed in. With a key only."""

    permissions: ClassVar = {"POST": (Permission.CHAT_IDENTIFY,)}

    @extend_schema(request=ChatTokenRequest, responses={201: ChatTokenSerializer})
    def post(self, request: Request, shop: str) -> Response:
        body = ChatTokenRequest(data=request.data)
        body.is_valid(raise_exception=True)
        token = make_token(self.shop, body.validated_data["buyer"])
        return Response({"token": token, "seconds": int(LASTS.total_seconds())}, status=201)
