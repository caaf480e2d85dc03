"""What the API's own description says of every operation: the answers when it is refused (CONTRACT 5)."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from agents.api.strict import StrictSerializer

WITH_BODY = ("POST", "PUT", "PATCH")
BODY = {400, 409, 413, 415, 422}
"""How a body can be refused: it cannot be read, stands against what is there, is too large, is of a type that is not
read, says what the rules refuse."""


class ErrorSerializer(serializers.Serializer[Any]):
    """`code` is stable and for programs, `message` for people; `fields` names the places, where there are any."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]


class Described(AutoSchema):
    """Adds to each operation the refusals that it can answer with, and that bodies hold nothing unknown."""

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)  # type: ignore[arg-type]
        for status in sorted(self.refusals()):
            if str(status) not in responses:
                responses[str(status)] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                    ErrorSerializer, str(status), ["application/json"], direction
                )
        return responses

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(serializer, StrictSerializer):
            schema["additionalProperties"] = False
        return schema

    def refusals(self) -> set[int]:
        statuses = {400, 406}
        if not any(isinstance(permission, AllowAny) for permission in self.view.get_permissions()):
            statuses |= {401, 403}
        else:
            statuses |= {429}
        if "{" in self.path:
            statuses |= {404}
        if self.method in WITH_BODY:
            statuses |= BODY
        return statuses
