from dataclasses import dataclass

from agents.vocabulary import AGENT_ROLES, Status


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
    def free(self) -> bool:
        """Online and not full (ROUTING section 1)."""
        return self.enabled and self.status == Status.ONLINE and not self.full
