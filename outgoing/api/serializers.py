"""Shapes of a shop's webhooks and their deliveries (docs/webhooks.md)."""

from typing import Any

from rest_framework import serializers

from agents.api.strict import StrictSerializer
from outgoing.models import Delivery, Outlet
from outgoing.signing import standard_secret
from outgoing.vocabulary import DeliveryState, OffBecause, WebhookEvent


class WebhookRequest(StrictSerializer):
    name = serializers.CharField(max_length=50)
    url = serializers.CharField(max_length=1000, source="address")
    events = serializers.ListField(child=serializers.CharField(max_length=30))
    on = serializers.BooleanField(required=False)


class WebhookSerializer(serializers.ModelSerializer[Outlet]):
    url = serializers.CharField(source="address")
    events = serializers.ListField(child=serializers.ChoiceField(choices=[event.value for event in WebhookEvent]))
    off_because = serializers.ChoiceField(choices=[reason.value for reason in OffBecause])
    failing_since = serializers.DateTimeField(allow_null=True)

    class Meta:
        model = Outlet
        fields = ["id", "name", "url", "events", "on", "off_because", "seq", "failing_since", "created_at"]


class NewWebhookSerializer(WebhookSerializer):
    """With its secret, shown this once; `standard_secret`: the same as Standard Webhooks writes it."""

    secret = serializers.CharField()
    standard_secret = serializers.SerializerMethodField()

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret", "standard_secret"]

    def get_standard_secret(self, row: Outlet) -> str:
        return standard_secret(row.secret)


class AttemptSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    status = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    answer = serializers.CharField()
    ms = serializers.IntegerField()


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    state = serializers.ChoiceField(choices=[state.value for state in DeliveryState])
    log = AttemptSerializer(many=True)

    class Meta:
        model = Delivery
        fields = ["id", "event", "seq", "state", "attempts", "next_at", "created_at", "body", "log"]
