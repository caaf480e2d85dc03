"""What the HTTP API offers across all apps (CONTRACT 5)."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api.access import ShopView
from agents.api.schema import ErrorSerializer
from agents.permissions import Permission
from config.erasing import erase_buyer


class ErasedSerializer(serializers.Serializer[Any]):
    conversations = serializers.IntegerField()
    messages = serializers.IntegerField()
    at = serializers.DateTimeField(help_text="When it was done; the first time, where it is asked for again.")


class BuyerView(ShopView):
    """A buyer, of whom nothing is to be kept but figures."""

    proofs = frozenset({"DELETE"})
    permissions: ClassVar = {"DELETE": (Permission.BUYERS_ERASE,)}

    @extend_schema(responses={200: ErasedSerializer, 409: ErrorSerializer})
    def delete(self, request: Request, shop: str, buyer: str) -> Response:
        """Deletes what is personal of this buyer for good. 409 while they have an open conversation; doing it again
        changes nothing."""
        return Response(ErasedSerializer(erase_buyer(shop=self.shop, buyer=buyer, now=timezone.now())).data)
