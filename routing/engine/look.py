"""One look at one conversation: everything that a rule may read, and the helpers that rules share."""

import random
from collections.abc import Iterable
from datetime import datetime
from enum import Enum, auto

from agents.vocabulary import Status
from routing.engine.settings import Settings
from routing.engine.state import ShopState
from routing.engine.types import Agent, Contact, Conversation, Finding, Load
from routing.engine.vocabulary import Excluded, Found


class Recent(Enum):
    """What the buyer's recent agent comes to when deciding."""

    NONE = auto()
    """Nobody, or as if there had been no contact (G13, G19, too old, switched off)."""
    AWAY = auto()
    """There is one, not online."""
    ONLINE = auto()
    """There is one, online, and the cap does not forbid it."""


class Look:
    """What a rule is given. `at` is the time of deciding, `number` the decision's (from 1)."""

    __slots__ = ("_rng", "at", "contact", "conversation", "found_recent", "number", "recent", "settings", "state")

    def __init__(self, state: ShopState, conversation: Conversation, at: datetime) -> None:
        self.state = state
        self.settings: Settings = state.settings
        self.conversation = conversation
        self.at = at
        self.number = conversation.decisions + 1
        self._rng: random.Random | None = None
        self.contact: Contact | None = state.contact_of(conversation)
        self.recent, self.found_recent = self._recent()

    @property
    def rng(self) -> random.Random:
        """The source of this decision's one draw (CONTRACT section 2, "Same file, same seed")."""
        if self._rng is None:
            self._rng = random.Random(f"{self.state.seed}:{self.conversation.id}:{self.number}")
        return self._rng

    def _recent(self) -> tuple[Recent, Found]:
        """G13, G19, G20: the recent agent as the rules may use it, and the code why."""
        rule = self.settings.recent_contact
        if not rule.enabled:
            return Recent.NONE, Found.RECENT_CONTACT_OFF
        if self.contact is None:
            return Recent.NONE, Found.NO_RECENT_CONTACT
        if rule.within is not None and self.at - self.contact.at > rule.within:
            return Recent.NONE, Found.CONTACT_TOO_OLD
        agent = self.state.agents.get(self.contact.agent)
        if agent is None or not self.state.is_participant(agent):
            return Recent.NONE, Found.RECENT_AGENT_GONE
        if agent.status != Status.ONLINE:
            return Recent.AWAY, Found.RECENT_AGENT_AWAY
        if rule.respect_max_concurrent and agent.full:
            return Recent.NONE, Found.RECENT_AGENT_FULL
        return Recent.ONLINE, Found.RECENT_AGENT_ONLINE

    def why_excluded(self, agent: Agent) -> Excluded | None:
        """Why `agent` is no candidate (G1, G2, G3), or None if it is free."""
        if not agent.enabled:
            return Excluded.DISABLED
        if not agent.has_agent_role:
            return Excluded.NOT_AGENT
        if agent.name in self.settings.never_route:
            return Excluded.NEVER_ROUTE
        if agent.status != Status.ONLINE:
            return Excluded.OFFLINE if agent.status == Status.OFFLINE else Excluded.BREAK
        return Excluded.FULL if agent.full else None

    def sift(self, names: Iterable[str]) -> tuple[list[Agent], dict[str, str]]:
        """The free among `names`, and why each other is not, in the order of the names."""
        free: list[Agent] = []
        excluded: dict[str, str] = {}
        agents = self.state.agents
        for name in names:
            agent = agents[name]
            why = self.why_excluded(agent)
            if why is None:
                free.append(agent)
            else:
                excluded[name] = why
        return free, excluded

    def nothing(self, rule: str, found: Found, excluded: dict[str, str] | None = None) -> Finding:
        """The finding of a rule that does not settle the matter."""
        return Finding(rule, found, excluded=excluded or {})


def loads(agents: Iterable[Agent]) -> dict[str, Load]:
    return {agent.name: Load(agent.open, agent.cap) for agent in agents}
