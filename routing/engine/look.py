"""One look at one conversation: everything that a rule may read, and the helpers that rules share."""

import random
from collections.abc import Iterable
from datetime import datetime
from enum import Enum, auto

from agents.vocabulary import Status
from routing.engine.settings import Settings
from routing.engine.state import ShopState
from routing.engine.types import Agent, Contact, Conversation, Load
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

    __slots__ = (
        "_rng",
        "at",
        "contact",
        "conversation",
        "found_recent",
        "number",
        "recent",
        "settings",
        "state",
        "without",
    )

    def __init__(
        self, state: ShopState, conversation: Conversation, at: datetime, without: frozenset[str] = frozenset()
    ) -> None:
        self.state = state
        self.settings: Settings = state.settings
        self.conversation = conversation
        self.at = at
        self.without = without
        """Who is left out: the silent (G21)."""
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
        if self.contact.agent in self.without:
            return Recent.NONE, Found.RECENT_AGENT_SILENT
        agent = self.state.agents.get(self.contact.agent)
        if agent is None or agent.barred is not None:
            return Recent.NONE, Found.RECENT_AGENT_GONE
        if agent.status != Status.ONLINE:
            return Recent.AWAY, Found.RECENT_AGENT_AWAY
        if rule.respect_max_concurrent and agent.full:
            return Recent.NONE, Found.RECENT_AGENT_FULL
        return Recent.ONLINE, Found.RECENT_AGENT_ONLINE

    def sift(self, names: Iterable[str]) -> tuple[list[Agent], dict[str, str]]:
        """The free among `names` (G1, G2, G3), and why each other is not, in the order of the names."""
        free: list[Agent] = []
        excluded: dict[str, str] = {}
        agents = self.state.agents
        for name in names:
            agent = agents[name]
            if agent.barred is not None:
                excluded[name] = agent.barred
            elif name in self.without:
                excluded[name] = Excluded.SILENT
            elif (away := AWAY.get(agent.status)) is not None:
                excluded[name] = away
            elif agent.cap is not None and agent.open >= agent.cap:
                excluded[name] = Excluded.FULL
            else:
                free.append(agent)
        return free, excluded


AWAY = {Status.BREAK: Excluded.BREAK, Status.OFFLINE: Excluded.OFFLINE}


def loads(agents: Iterable[Agent]) -> dict[str, Load]:
    return {agent.name: Load(agent.open, agent.cap) for agent in agents}
