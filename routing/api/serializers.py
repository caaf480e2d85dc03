"""Shapes of CONTRACT section 5."""

from typing import Any

from rest_framework import serializers

from agents.api.strict import StrictSerializer
from agents.api.telling import KeptFields
from agents.models import SubAccount
from agents.vocabulary import Role, Status
from conversations.models import Conversation, Message
from conversations.states import ClosedBy, Kind, Sender, State
from routing.models import RoutingVersion


def choices(of: Any) -> list[tuple[str, str]]:
    return [(item.value, item.value) for item in of]


class SubAccountSerializer(serializers.ModelSerializer[SubAccount]):
    account = serializers.CharField(source="name")
    display_name = serializers.CharField(source="account.display_name", default="")
    roles = serializers.ListField(child=serializers.ChoiceField(choices=choices(Role)))
    status = serializers.ChoiceField(choices=choices(Status))
    has_login = serializers.SerializerMethodField()
    suspension = serializers.CharField(help_text="Why it is suspended; enabling it lifts the suspension.")

    class Meta:
        model = SubAccount
        fields = [
            "account",
            "display_name",
            "roles",
            "max_concurrent",
            "enabled",
            "status",
            "status_since",
            "mobile_app",
            "has_login",
            "suspended_at",
            "suspension",
        ]

    def get_has_login(self, row: SubAccount) -> bool:
        """False for people that only imported history names."""
        return row.account_id is not None


class SubAccountChange(StrictSerializer):
    display_name = serializers.CharField(max_length=50, required=False, allow_blank=True)
    roles = serializers.ListField(child=serializers.CharField(max_length=20), required=False)
    max_concurrent = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1_000_000)
    enabled = serializers.BooleanField(required=False)
    password = serializers.CharField(max_length=200, required=False, trim_whitespace=False)


class NewSubAccount(SubAccountChange):
    account = serializers.CharField(max_length=50)
    password = serializers.CharField(max_length=200, trim_whitespace=False)


class PresenceRequest(StrictSerializer):
    status = serializers.CharField(max_length=10)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class OwnPresenceRequest(PresenceRequest):
    shop = serializers.CharField(max_length=50, required=False)


class PresenceSerializer(serializers.Serializer[Any]):
    account = serializers.CharField()
    status = serializers.ChoiceField(choices=choices(Status))
    status_since = serializers.DateTimeField(allow_null=True)


class DecisionSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    conversation = serializers.CharField()
    buyer = serializers.CharField()
    trigger = serializers.CharField()
    outcome = serializers.CharField()
    agent = serializers.CharField(allow_null=True)
    rule = serializers.CharField()
    pool = serializers.CharField(allow_null=True)
    labels = serializers.ListField(child=serializers.CharField())
    push = serializers.BooleanField()
    version = serializers.IntegerField()
    trace = serializers.ListField(child=serializers.DictField())


class QueuePlaceSerializer(serializers.Serializer[Any]):
    pool = serializers.CharField(source="conversation.pool")
    position = serializers.IntegerField()
    notice = serializers.CharField()


class QueueSerializer(QueuePlaceSerializer):
    id = serializers.IntegerField(source="conversation.pk")
    conversation = serializers.CharField(source="conversation.external_id")
    buyer = serializers.CharField(source="conversation.buyer.external_id")
    since = serializers.DateTimeField(source="conversation.waiting_since")


NAMESPACED = "Of another person's, their namespace stands in front."


class ConversationRequest(StrictSerializer):
    buyer = serializers.CharField(max_length=100)
    entry = serializers.CharField(max_length=50, required=False, allow_null=True)
    question = serializers.CharField(max_length=200, required=False, allow_null=True)
    order_status = serializers.CharField(max_length=20, required=False, allow_null=True)
    external_id = serializers.CharField(max_length=100, required=False, allow_null=True)
    robot = serializers.BooleanField(
        required=False, help_text="The robot answers first. Left out: as the shop has set."
    )


class ConversationSerializer(KeptFields, serializers.ModelSerializer[Conversation]):
    external_id = serializers.CharField(help_text=f"The id given at opening. {NAMESPACED}")
    buyer = serializers.CharField(source="buyer.external_id")
    agent = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=choices(State))
    labels = serializers.ListField(child=serializers.CharField())
    closed_by = serializers.CharField(help_text='"agent", "buyer", "system" or ""')

    class Meta:
        model = Conversation
        fields = [
            "id",
            "external_id",
            "state",
            "agent",
            "buyer",
            "entry",
            "question",
            "order_status",
            "labels",
            "offline",
            "pool",
            "waiting_since",
            "unanswered_since",
            "assigned_at",
            "opened_at",
            "last_message_at",
            "closed_at",
            "closed_by",
            "imported",
        ]

    def get_agent(self, row: Conversation) -> str | None:
        return None if row.holder is None else row.holder.name


class OpenedSerializer(ConversationSerializer):
    """With the decision it stands by, and its place where it waits."""

    decision = DecisionSerializer(allow_null=True, read_only=True)
    queue = QueuePlaceSerializer(allow_null=True, read_only=True)

    class Meta(ConversationSerializer.Meta):
        fields = [*ConversationSerializer.Meta.fields, "decision", "queue"]


class MessageRequest(StrictSerializer):
    sender = serializers.ChoiceField(choices=choices(Sender), required=False)
    agent = serializers.CharField(max_length=50, required=False, allow_null=True)
    kind = serializers.CharField(max_length=20, required=False)
    text = serializers.CharField(max_length=5000, required=False, allow_blank=True, trim_whitespace=False)
    image = serializers.FileField(required=False)
    sent_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="A time after the arrival counts as the arrival."
    )
    message_id = serializers.CharField(max_length=200, required=False, allow_null=True)
    hot_question = serializers.IntegerField(
        required=False, allow_null=True, help_text="The hot question that the buyer tapped; its words are the text."
    )


class MessageSerializer(KeptFields, serializers.ModelSerializer[Message]):
    message_id = serializers.CharField(source="identity", help_text=f"The id given when writing. {NAMESPACED}")
    sender = serializers.ChoiceField(choices=choices(Sender))
    kind = serializers.ChoiceField(choices=choices(Kind))
    agent = serializers.SerializerMethodField()
    image = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = ["id", "message_id", "sender", "agent", "kind", "text", "image", "automatic", "sent_at", "received_at"]

    def get_agent(self, row: Message) -> str | None:
        return None if row.author is None else row.author.name

    def get_image(self, row: Message) -> bool:
        """Whether there is an image, at `messages/{id}/image/`."""
        return bool(row.image)


class CloseRequest(StrictSerializer):
    by = serializers.ChoiceField(choices=choices(ClosedBy), required=False)


class TransferRequest(StrictSerializer):
    to = serializers.CharField(max_length=50)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class VersionSerializer(serializers.ModelSerializer[RoutingVersion]):
    version = serializers.IntegerField(source="number")
    created_by = serializers.CharField(source="created_by.account", default=None, allow_null=True)
    changes = serializers.ListField(child=serializers.DictField())

    class Meta:
        model = RoutingVersion
        fields = ["version", "created_at", "created_by", "restored_from", "changes"]
