"""Serializers that refuse what they do not know (CONTRACT, head: unknown keys are refused, with their place)."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


class StrictSerializer(serializers.Serializer[Any]):
    """A misspelt key is an error of the caller's, not a wish to be passed over."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            known = {name for name, field in self.fields.items() if not field.read_only}
            unknown = [str(name) for name in data if name not in known]
            if unknown:
                raise serializers.ValidationError(
                    {name: [serializers.ErrorDetail(str(_("Unknown field.")), "unknown_field")] for name in unknown}
                )
        return super().to_internal_value(data)
