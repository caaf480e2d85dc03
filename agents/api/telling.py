"""Serializers that only tell, and are asked for at every message."""

from typing import Any

from rest_framework import serializers

_KEPT: dict[type, list[Any]] = {}


class KeptFields:
    """The fields are worked out once a class, not once a row: that takes longer than the row. For serializers whose
    fields look at nothing but the row: no request, no context."""

    @property
    def _readable_fields(self) -> list["serializers.Field[Any, Any, Any, Any]"]:
        kept = _KEPT.get(type(self))
        if kept is None:
            fields: Any = type(self)()
            kept = _KEPT[type(self)] = [field for field in fields.fields.values() if not field.write_only]
        return kept
