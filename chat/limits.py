"""How often somebody may call: so many times in a fixed window, counted in Django's cache.

A cache that is away limits nobody: a chat that answers is worth more than one that counts.
"""

import logging
import time
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import ImproperlyConfigured

from agents.errors import Refused
from core.breaker import Breaker

logger = logging.getLogger(__name__)
breaker = Breaker(5)
"""A Redis that hangs costs its time-out once in 5 s, not with each call."""


class TooMany(Refused):
    """Come back after `wait` seconds."""

    status = 429

    def __init__(self, message: str, wait: int) -> None:
        super().__init__("too_many", message)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Limit:
    """`name`: a key of settings.CHAT_LIMITS, there (how many, in how many seconds)."""

    name: str

    def spend(self, who: str) -> int:
        """Count a call of `who`; seconds until the next window if it is one too many, else 0."""
        most, seconds = settings.CHAT_LIMITS[self.name]
        now = int(time.time())
        window, gone = divmod(now, seconds)
        key = f"{self.name}:{sha256(who.encode()).hexdigest()[:32]}:{window}"
        if not breaker.allows():
            return 0
        try:
            cache = caches["limits"]
            cache.add(key, 0, seconds + 1)
            count = cache.incr(key)
        except ImproperlyConfigured:
            raise
        except Exception:
            breaker.failed()
            logger.exception("The cache that counts calls is away")
            return 0
        breaker.succeeded()
        return seconds - gone if count > most else 0


CALLS, NEW_BUYERS = Limit("calls"), Limit("new_buyers")
"""By address: many buyers may share one, behind a company's or a provider's gateway."""

READS, MESSAGES, IMAGES, RATINGS = Limit("reads"), Limit("messages"), Limit("images"), Limit("ratings")
"""By buyer."""
