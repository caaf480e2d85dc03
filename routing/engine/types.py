"""What the rules read and what they return. Times are aware datetimes."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple

from agents.vocabulary import AGENT_ROLES, Status
from conversations.states import State
from routing.engine.vocabulary import Excluded, Outcome, Trigger

_OFFLINE, _OPEN = Status.OFFLINE, State.OPEN


@dataclass(slots=True, eq=False)
class Agent:
    """A sub-account as the rules see it; `name` is its account name.

    `last_assigned` orders assignments of any kind (G15), 0 = never. `received_today` and
    `offline_today` hold for the state's day (G14, G16).
    """

    name: str
    roles: frozenset[str] = frozenset({"agent"})
    max_concurrent: int | None = None
    mobile_app: bool = False
    enabled: bool = True
    status: Status = Status.OFFLINE
    open: int = 0
    waiting_replies: int = 0
    received_today: int = 0
    offline_today: int = 0
    last_assigned: int = 0
    cap: int | None = None
    """The cap in force: `max_concurrent`, else the platform's own, else None (no limit)."""
    barred: Excluded | None = None
    """Why it takes no part whatever its status: disabled, no agent role, never-route (G1); None = a participant."""
    watchers: list[set["Agent"]] = field(default_factory=list, repr=False)
    """Where to note that something of the above has changed: one set for each crew that it is in."""

    @property
    def has_agent_role(self) -> bool:
        return not AGENT_ROLES.isdisjoint(self.roles)

    @property
    def full(self) -> bool:
        """Load has reached the cap (ROUTING section 1)."""
        return self.cap is not None and self.open >= self.cap

    @property
    def absent(self) -> bool:
        """Offline or disabled: its unanswered conversations are decided again (G9)."""
        return self.status == _OFFLINE or not self.enabled


class Contact(NamedTuple):
    """The recent agent of a buyer and the time of contact (ROUTING section 1, "recent agent")."""

    agent: str
    at: datetime


Stand = tuple[Hashable, int]
"""A line of the waiting, and since which event somebody waits in it: their place in time (G6, G9)."""


@dataclass(slots=True, eq=False)
class Conversation:
    """A conversation as the rules see it; `id` is its external id."""

    id: str
    buyer: str
    entry: str | None = None
    question: str | None = None
    order_status: str = "none"
    state: State = State.ROBOT
    agent: str | None = None
    """The holder; of a closed conversation the last one."""
    offline: bool = False
    labels: tuple[str, ...] = ()
    pool: str | None = None
    waiting_since: datetime | None = None
    waiting_seq: int = 0
    unanswered_since: datetime | None = None
    """Time of the oldest buyer message without human or robot answer."""
    unanswered_seq: int = 0
    silent_since: datetime | None = None
    """What G21 counts from: the later of the oldest unanswered message, the assignment, the holder's coming back."""
    stuck: bool = False
    """G21 fell due and nobody else could take it: tried again when somebody may be free (G6)."""
    taken_from: tuple[str, ...] = ()
    """Whom G21 has taken it from since the buyer was last answered."""
    answered_at: datetime | None = None
    """Our last message: agent, robot or auto."""
    assigned_at: datetime | None = None
    opened_seq: int = 0
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    decisions: int = 0
    stand: Stand | None = None
    """Where it waits to be decided again (`lines`), if it does."""

    @property
    def quiet_since(self) -> datetime | None:
        """What DY13 counts from, or None while it does not count."""
        if self.state != _OPEN or self.unanswered_since is not None:
            return None
        times = [at for at in (self.answered_at, self.assigned_at) if at is not None]
        return max(times, default=None)


class Load(NamedTuple):
    load: int
    max_concurrent: int | None


class Recent(Enum):
    """What the buyer's recent agent comes to when deciding."""

    NONE = auto()
    """Nobody, or as if there had been no contact (G13, G19, too old, switched off)."""
    AWAY = auto()
    """There is one, not online."""
    ONLINE = auto()
    """There is one, online, and the cap does not forbid it."""


class Finding(NamedTuple):
    """What one rule found: a step of the trace (G12), and what it settles, if it does."""

    rule: str
    found: str | None = None
    candidates: Mapping[str, Load] = {}
    excluded: Mapping[str, str] = {}
    outcome: Outcome | None = None
    """Set when this rule settles the matter."""
    agent: str | None = None
    pool: str | None = None
    label: str | None = None
    contact: Contact | None = None
    holder: str | None = None
    """Who has not answered, `since` when (G21)."""
    since: datetime | None = None


class Decision(NamedTuple):
    """One decision with its trace; never changed afterwards (G12). Where none is wanted (`traced`) it is empty."""

    at: datetime
    conversation: str
    buyer: str
    trigger: Trigger
    outcome: Outcome
    agent: str | None
    rule: str
    pool: str | None
    labels: tuple[str, ...]
    push: bool
    version: int
    number: int
    trace: tuple[Finding, ...]
    by: str | None = None
    reason: str | None = None
