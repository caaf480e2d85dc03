"""The caches: each process's own, and the counts of calls, which all processes share where there is Redis."""

from typing import Any

from redis.backoff import NoBackoff
from redis.retry import Retry

IN_PROCESS = "django.core.cache.backends.locmem.LocMemCache"


def cache_settings(redis_url: str) -> dict[str, dict[str, Any]]:
    """Return Django's CACHES. `limits` counts how often buyers have called: without Redis each process its own."""
    return {"default": {"BACKEND": IN_PROCESS}, "limits": _shared(redis_url) if redis_url else _own()}


def _shared(redis_url: str) -> dict[str, Any]:
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_url,
        "KEY_PREFIX": "limits",
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)},
    }


def _own() -> dict[str, Any]:
    return {"BACKEND": IN_PROCESS, "OPTIONS": {"MAX_ENTRIES": 100_000}, "LOCATION": "limits"}
