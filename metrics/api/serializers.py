"""Shapes of CONTRACT section 5: reply rates and penalties."""

from typing import Any

from rest_framework import serializers

from agents.api.strict import StrictSerializer


class FiguresSerializer(serializers.Serializer[Any]):
    """`rate` is passed ÷ (passed + failed), null where nothing is decided."""

    passed = serializers.IntegerField()
    failed = serializers.IntegerField()
    pending = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)


class RateRowSerializer(FiguresSerializer):
    """`date` with by=day, `agent` with by=agent (null: what nobody held)."""

    date = serializers.DateField(required=False)
    agent = serializers.CharField(required=False, allow_null=True)


class MetricSerializer(FiguresSerializer):
    metric = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    rows = RateRowSerializer(many=True)


class ReplyRatesSerializer(serializers.Serializer[Any]):
    by = serializers.ChoiceField(choices=["day", "agent"])
    metrics = MetricSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` and `to` are no names that Python would take."""
        return {"from": serializers.DateField(), "to": serializers.DateField()} | super().get_fields()


class ReasonSerializer(serializers.Serializer[Any]):
    metric = serializers.CharField()
    window = FiguresSerializer()
    own = FiguresSerializer()


class PenaltySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(choices=["open", "ended", "withdrawn"])
    opened_on = serializers.DateField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    passing_days_missing = serializers.IntegerField()
    prolonged_on = serializers.ListField(child=serializers.DateField())
    reasons = ReasonSerializer(many=True)
    mark = serializers.CharField()
    mark_reason = serializers.CharField()


class BlackRoomRequest(StrictSerializer):
    kind = serializers.ChoiceField(choices=["black_room"], required=False)
    opened_on = serializers.DateField(required=False, help_text="the day on which the platform announced it")
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class MarkRequest(StrictSerializer):
    mark = serializers.ChoiceField(choices=["", "confirmed", "dismissed"])
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)
