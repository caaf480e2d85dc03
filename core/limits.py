"""Limits on calls: so many in a fixed window, counted in Django's cache `limits`.

With Redis all processes count together, without it each counts its own. A cache that is away limits nobody: what must
hold then too (failed sign-ins) is counted in the database.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured

from core.breaker import Breaker

logger = logging.getLogger(__name__)
breaker = Breaker(5)
"""A Redis that hangs costs its time-out once in 5 s, not with each call."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`name`: a key of the setting `table`, there (how many, in how many seconds)."""

    table: str
    name: str

    def spend(self, who: str, cost: int = 1) -> int:
        """Count `cost` calls of `who`; seconds until the next window if that is more than the limit, else 0."""
        return self._count(who, "", cost)

    def spend_once(self, who: str, what: str) -> int:
        """The same, but each `what` counts once in a window."""
        return self._count(who, what, 1)

    def wait(self, who: str) -> int:
        """Seconds until the next window if the limit is reached already, else 0. Counts nothing."""
        most, left, key = self._window(who)
        count = _asking(lambda cache: cache.get(key), 0)
        return left if int(count or 0) >= most else 0

    def _count(self, who: str, what: str, cost: int) -> int:
        most, left, key = self._window(who)

        def count(cache: Any) -> int:
            if what and not cache.add(f"{key}:{_digest(what)}", 1, left + 1):
                return int(cache.get(key) or 0)
            cache.add(key, 0, left + 1)
            return int(cache.incr(key, cost))

        return left if _asking(count, 0) > most else 0

    def _window(self, who: str) -> tuple[int, int, str]:
        """The limit, the seconds left of this window, the key of its count."""
        most, seconds = getattr(settings, self.table)[self.name]
        window, gone = divmod(int(time.time()), seconds)
        return most, seconds - gone, f"{self.name}:{_digest(who)}:{window}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def _asking(ask: Callable[[Any], Any], otherwise: int) -> Any:
    if not breaker.allows():
        return otherwise
    try:
        answer = ask(caches["limits"])
    except ImproperlyConfigured:
        raise
    except Exception:
        breaker.failed()
        logger.exception("The cache that counts calls is away")
        return otherwise
    breaker.succeeded()
    return answer
