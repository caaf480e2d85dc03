"""What buyers' programs may send; anything else is refused."""

from rest_framework import serializers

from agents.api.strict import StrictSerializer
from conversations.services.ratings import LONGEST_WORD

LONGEST_TEXT = 2000
MESSAGE_ID = r"\A[A-Za-z0-9_-]{8,40}\Z"


class OpeningShape(StrictSerializer):
    """Where the buyer comes from; what is not known counts as nothing said."""

    entry = serializers.CharField(max_length=50, required=False, allow_blank=True)
    order_status = serializers.CharField(max_length=20, required=False, allow_blank=True)


class CardShape(StrictSerializer):
    number = serializers.CharField(max_length=60)
    title = serializers.CharField(max_length=100, required=False, allow_blank=True)
    price = serializers.CharField(max_length=30, required=False, allow_blank=True)


class SayingShape(OpeningShape):
    message_id = serializers.RegexField(MESSAGE_ID)
    question = serializers.CharField(max_length=200, required=False, allow_blank=True)


class MessageShape(SayingShape):
    text = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)
    order = CardShape(required=False)
    hot_question = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class ImageShape(SayingShape):
    image = serializers.FileField()


class RatingShape(StrictSerializer):
    conversation = serializers.CharField(max_length=100)
    satisfied = serializers.BooleanField()
    word = serializers.CharField(max_length=LONGEST_WORD, required=False, allow_blank=True)
