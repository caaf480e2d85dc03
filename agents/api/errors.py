"""Every error of the API in one shape: {"code", "message", "fields"} (CONTRACT 5)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from agents.errors import Refused
from core.http.parameters import BadParameter


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. None for what is a fault of ours: that becomes a 500."""
    if isinstance(error, Refused):
        set_rollback()
        answer = _answer(error.status, error.code, str(error.message), _refused_fields(error))
        if error.retry_after:
            answer["Retry-After"] = str(error.retry_after)
        return answer
    if isinstance(error, BadParameter):
        return _answer(400, error.code, error.message, {error.name: [error.message]})
    response = exception_handler(error, context)
    if response is None:
        return None
    code, message = _worded(error)
    fields: dict[str, list[str]] = {}
    if isinstance(error, exceptions.ValidationError):
        fields = dict(_flat(error.detail))
        place, messages = next(iter(fields.items()), ("", [message]))
        message = f"{place}: {messages[0]}" if place else messages[0]
        fields.pop("", None)
    response.data = {"code": code, "message": message, "fields": fields}
    return response


def _answer(http_status: int, code: str, message: str, fields: dict[str, list[str]]) -> Response:
    return Response({"code": code, "message": message, "fields": fields}, status=http_status)


def _refused_fields(error: Refused) -> dict[str, list[str]]:
    return {error.field: [str(error.message)]} if error.field else {}


def _worded(error: Exception) -> tuple[str, str]:
    """The code and message of an error of Django's or DRF's own."""
    if isinstance(error, Http404):
        return "not_found", _("Not found.")
    if isinstance(error, PermissionDenied):
        return "forbidden", _("You may not do this.")
    if isinstance(error, exceptions.ValidationError):
        return "invalid", _("Invalid.")
    if isinstance(error, exceptions.PermissionDenied) and error.get_codes() == "permission_denied":
        return "forbidden", str(error.detail)
    if isinstance(error, exceptions.APIException):
        codes = error.get_codes()
        return (codes if isinstance(codes, str) else error.default_code), str(error.detail)
    return "error", str(error)


def _flat(detail: Any, place: str = "") -> list[tuple[str, list[str]]]:
    """[("members[0].weight", ["…"]), …] of DRF's nested errors; "" for what has no field."""
    if isinstance(detail, dict):
        rows: list[tuple[str, list[str]]] = []
        for name, inner in detail.items():
            key = "" if name == "non_field_errors" else str(name)
            rows += _flat(inner, f"{place}.{key}".strip("."))
        return rows
    if isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        return [row for n, item in enumerate(detail) if item for row in _flat(item, f"{place}[{n}]")]
    messages = detail if isinstance(detail, list) else [detail]
    return [(place, [str(message) for message in messages])]
