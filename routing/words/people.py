from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as now

from agents.labels import STATUSES
from agents.vocabulary import AGENT_ROLES, Status


@lru_cache(maxsize=32)
def _status_word(status: str, language: str) -> str:
    """Looked up once a language: a page may say it of hundreds of people."""
    return str(STATUSES[Status(status)])


@dataclass(frozen=True)
class Person:
    """A sub-account as screens show it. `account` is its account name, `cap` the cap in force (None: no limit)."""

    account: str
    label: str
    roles: tuple[str, ...] = ()
    status: str = Status.OFFLINE
    load: int = 0
    cap: int | None = None
    enabled: bool = True
    mobile_app: bool = False

    @property
    def is_agent(self) -> bool:
        return not AGENT_ROLES.isdisjoint(self.roles)

    @property
    def full(self) -> bool:
        return self.cap is not None and self.load >= self.cap

    @property
    def status_word(self) -> str:
        return _status_word(self.status, get_language() or "")

    @property
    def standing(self) -> str:
        """What stands beside the name: the load, or why there is none to speak of."""
        if not self.enabled:
            return now("disabled")
        if self.status == Status.OFFLINE:
            return self.status_word
        load = f"{self.load}/{self.cap}" if self.cap else str(self.load)
        if self.full:
            return f"{load} {now('full')}"
        return load if self.status == Status.ONLINE else f"{load} {now('Break')}"

    @property
    def scarce(self) -> bool:
        """There, and full."""
        return self.full and self.status != Status.OFFLINE

    @property
    def free(self) -> bool:
        """Online and not full (ROUTING section 1)."""
        return self.enabled and self.status == Status.ONLINE and not self.full
