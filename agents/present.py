"""The request that is being answered. Knows no model, so that logging, which is set up before them, can ask."""

from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

present: ContextVar[HttpRequest | None] = ContextVar("fenliu_request", default=None)


def who_and_where(request: HttpRequest | None = None) -> dict[str, str]:
    """{"shop": slug, "account": name, or `key 12` for a program}, as far as it is known. Asks no database: it is no
    reason to find out who somebody is that a line is logged."""
    request = request or present.get()
    found: dict[str, str] = {}
    if request is None:
        return found
    if request.resolver_match is not None and "shop" in request.resolver_match.kwargs:
        found["shop"] = str(request.resolver_match.kwargs["shop"])
    if who := _account(request):
        found["account"] = who
    return found


def _account(request: HttpRequest) -> str:
    key: Any = getattr(request, "auth", None)
    if hasattr(key, "revoked_at"):
        return f"key {key.pk}"
    user = getattr(request, "_cached_user", None) or request.__dict__.get("user")
    return "" if isinstance(user, SimpleLazyObject) else str(getattr(user, "account", ""))
