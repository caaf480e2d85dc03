"""What another program needs of a shop's automatic answers to show a buyer: the hot questions."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api.access import ShopView
from agents.permissions import Permission
from conversations.selectors import hot_questions


class HotQuestionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk", help_text="Posted as a message's `hot_question` when the buyer taps it.")
    question = serializers.CharField(source="ask")


class HotQuestionsSerializer(serializers.Serializer[Any]):
    results = HotQuestionSerializer(many=True)


class HotQuestionsView(ShopView):
    """The hot questions in their order; none while they are off."""

    permissions: ClassVar = {"GET": (Permission.CONVERSATIONS_OPEN, Permission.ANSWERS_SEE)}

    @extend_schema(responses=HotQuestionsSerializer)
    def get(self, request: Request, shop: str) -> Response:
        return Response({"results": HotQuestionSerializer(hot_questions(self.shop), many=True).data})
