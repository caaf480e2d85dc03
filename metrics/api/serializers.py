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


class RangeSerializer(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"from": serializers.DateField(), "to": serializers.DateField()}


class FigureSerializer(serializers.Serializer[Any]):
    """What a key under `figures` is: seconds, a part of 1 (percent), a ratio, a count."""

    key = serializers.CharField()
    unit = serializers.ChoiceField(choices=["count", "seconds", "percent", "ratio"])
    label = serializers.CharField()  # type: ignore[assignment]
    definition = serializers.CharField()


class MetricNameSerializer(serializers.Serializer[Any]):
    metric = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class FigureValueSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True)
    before = serializers.FloatField(allow_null=True)


class RateValueSerializer(FiguresSerializer):
    before = FiguresSerializer()


class ReportLineSerializer(serializers.Serializer[Any]):
    """By the keys of `figures` and `metrics`."""

    figures = serializers.DictField(child=FigureValueSerializer())
    rates = serializers.DictField(child=RateValueSerializer())


class ReportRowSerializer(ReportLineSerializer):
    """`key`: a date, a weekday (Monday 0), an hour, an account name, a group, an entry, an order status or a shop's
    slug; null for what nobody held or has none."""

    key = serializers.JSONField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]


class ReportSerializer(serializers.Serializer[Any]):
    before = RangeSerializer()
    by = serializers.CharField()
    figures = FigureSerializer(many=True)
    metrics = MetricNameSerializer(many=True)
    total = ReportLineSerializer()
    rows = ReportRowSerializer(many=True)

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


class PenaltyPageSerializer(serializers.Serializer[Any]):
    """All of them: there is no next page."""

    next = serializers.CharField(allow_null=True)
    results = PenaltySerializer(many=True)


class BlackRoomRequest(StrictSerializer):
    kind = serializers.ChoiceField(choices=["black_room"], required=False)
    opened_on = serializers.DateField(required=False, help_text="the day on which the platform announced it")
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class MarkRequest(StrictSerializer):
    mark = serializers.ChoiceField(choices=["", "confirmed", "dismissed"])
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)
