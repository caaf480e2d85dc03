"""One look at one conversation: everything that a rule may read, and the helpers that rules share."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from random import Random

from routing.engine.crews import Crew, Scope
from routing.engine.orders import Shares
from routing.engine.recents import recent_agent
from routing.engine.sources import seeded
from routing.engine.state import ShopState
from routing.engine.types import Agent, Conversation, Load

NOBODY: tuple[Mapping[str, Load], Mapping[str, str]] = {}, {}


class Look:
    """What a rule is given. `at` is the time of deciding, `number` the decision's (from 1)."""

    __slots__ = ("at", "contact", "conversation", "found_recent", "number", "recent", "settings", "state", "without")

    def __init__(
        self, state: ShopState, conversation: Conversation, at: datetime, without: frozenset[str] = frozenset()
    ) -> None:
        self.state = state
        self.settings = state.settings
        self.conversation = conversation
        self.at = at
        self.without = without
        """Who is left out: the silent (G21)."""
        self.number = conversation.decisions + 1
        self.contact = contact = state.contact_of(conversation)
        rule = state.settings.recent_contact
        self.recent, self.found_recent = recent_agent(rule, state.agents, contact, at, without)

    def crew(self, scope: Scope) -> Crew:
        """The people of `scope` as they stand."""
        return Crew(self.state.people(scope), self.without) if self.without else self.state.crew(scope)

    def seen(self, crew: Crew) -> tuple[Mapping[str, Load], Mapping[str, str]]:
        """Candidates and left out, for the trace; of nobody where no traces are wanted."""
        return crew.seen() if self.state.traced else NOBODY

    def one_of(self, free: Sequence[Agent]) -> Agent:
        """The decision's one draw, each as likely as another."""
        return self._source().choice(free)

    def by_share(self, free: Sequence[Agent], shares: Shares) -> Agent:
        """The decision's one draw, in proportion to the shares of the free."""
        return self._source().choices(free, cum_weights=shares.sums())[0]

    def _source(self) -> Random:
        """CONTRACT section 2, "Same file, same seed"."""
        state = self.state
        text = f"{state.seed}:{self.conversation.id}:{self.number}"
        if state.source is None:
            state.source = Random(text)
            return state.source
        return seeded(state.source, text)


def loads(agents: Iterable[Agent]) -> dict[str, Load]:
    return {agent.name: Load(agent.open, agent.cap) for agent in agents}
