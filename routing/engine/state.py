"""A shop as the rules see it. The simulator keeps all of it; the live path loads what an event can touch."""

from collections.abc import Container, Hashable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from heapq import heapify, heappop, heappush
from zoneinfo import ZoneInfo

from agents.vocabulary import Status
from conversations.states import State
from routing.engine.clocks import Clocks
from routing.engine.settings import Settings
from routing.engine.types import Agent, Contact, Conversation
from routing.engine.vocabulary import DEFAULT_CAP, Excluded


class ShopState(Clocks):
    """Agents, conversations, contacts, pools. `event` numbers the events, `assignments` the assignments.

    What is overridden by the live path is what it must fetch: `find`, `open_of`, `contact_of`,
    `backlog`, `next_timeout`, `unanswered_of`.
    """

    def __init__(self, settings: Settings, zone: ZoneInfo, seed: int | str, agents: Iterable[Agent]) -> None:
        super().__init__(settings)
        self.zone = zone
        self.seed = seed
        self.agents: dict[str, Agent] = {agent.name: agent for agent in sorted(agents, key=lambda a: a.name)}
        self.everyone: tuple[str, ...] = ()
        """Names of the enabled with an agent role, in order: whom "the whole shop" looks at."""
        self.online: set[str] = set()
        """Participants with status online."""
        self.conversations: dict[str, Conversation] = {}
        self.names: dict[str, str] = {}
        """Other names of conversations (G18)."""
        self.contacts: dict[str, Contact] = {}
        self.event = 0
        self.assignments = 0
        self._open: dict[str, Conversation] = {}
        self._waiting: dict[str, Conversation] = {}
        self._lines: dict[Hashable, dict[str, Conversation]] = {}
        """The waiting again, by what places them: within a line all are placed alike (`kind`)."""
        self._unanswered: dict[str, dict[str, Conversation]] = {}
        self._day_end: datetime | None = None
        self.today: date | None = None
        """The shop day that "received today" holds for (G14)."""
        self.agents_changed()

    # -- who ---------------------------------------------------------------------------------

    def agents_changed(self) -> None:
        """To be called when roles, enabling, caps or settings have changed."""
        default = DEFAULT_CAP.get(self.settings.platform)
        for agent in self.agents.values():
            agent.cap = agent.max_concurrent if agent.max_concurrent is not None else default
            agent.barred = self._barred(agent)
        self.everyone = tuple(a.name for a in self.agents.values() if a.enabled and a.has_agent_role)
        self.online = {a.name for a in self.agents.values() if a.barred is None and a.status == Status.ONLINE}

    def _barred(self, agent: Agent) -> Excluded | None:
        """G1."""
        if not agent.enabled:
            return Excluded.DISABLED
        if not agent.has_agent_role:
            return Excluded.NOT_AGENT
        return Excluded.NEVER_ROUTE if agent.name in self.settings.never_route else None

    def set_status(self, agent: Agent, status: Status) -> None:
        agent.status = status
        if status == Status.ONLINE and agent.barred is None:
            self.online.add(agent.name)
        else:
            self.online.discard(agent.name)

    # -- time --------------------------------------------------------------------------------

    def advance(self, at: datetime) -> None:
        """Go on to `at`; a new shop day sets "received today" back (G14, G16)."""
        if self._day_end is not None and at >= self._day_end:
            for agent in self.agents.values():
                agent.received_today = agent.offline_today = 0
            self._day_end = None
        if self._day_end is None:
            midnight = at.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
            self.today = midnight.date()
            self._day_end = (midnight + timedelta(days=1)).astimezone(UTC)

    def use_settings(self, settings: Settings) -> None:
        self.settings = settings
        self._timeouts = []
        for conversation in self._open.values():
            self.watch(conversation)
        self.agents_changed()

    # -- conversations -----------------------------------------------------------------------

    def known(self, name: str) -> bool:
        """Whether a conversation was opened under this id before."""
        return name in self.conversations or name in self.names

    def find(self, name: str) -> Conversation | None:
        return self.conversations.get(self.names.get(name, name))

    def open_of(self, buyer: str) -> Conversation | None:
        """The buyer's conversation that is not closed (G18)."""
        return self._open.get(buyer)

    def contact_of(self, conversation: Conversation) -> Contact | None:
        return self.contacts.get(conversation.buyer)

    def set_contact(self, conversation: Conversation, contact: Contact) -> None:
        self.contacts[conversation.buyer] = contact

    def add(self, conversation: Conversation) -> None:
        self.conversations[conversation.id] = conversation
        self._open[conversation.buyer] = conversation

    def add_name(self, name: str, conversation: Conversation) -> None:
        self.names[name] = conversation.id

    def backlog(self, refused: Container[Hashable]) -> Iterator[Conversation]:
        """Waiting conversations, the unanswered of absent holders and the stuck, in the order of waiting (G6, G9, G21).

        One whose `kind` is `refused` by the time its turn comes is left out: with the first of a line goes the line.
        """
        heads: list[tuple[int, int, Conversation, Iterator[Conversation] | None]] = []
        for number, line in enumerate(self._lines.values()):
            first = next(iter(line.values()))
            # Where the recent agent may take it each is a case of its own; the others go on with the line's new head.
            each = iter(list(line.values())[1:]) if self._recent_may_take(first) else None
            heads.append((first.waiting_seq, number, first, each))
        heads += [(c.unanswered_seq, -1 - i, c, iter(())) for i, c in enumerate(self._stranded())]
        heapify(heads)
        while heads:
            _, number, conversation, each = heappop(heads)
            kind, line = self.kind(conversation), self._lines.get(self._line_of(conversation), {})
            if kind not in refused:
                yield conversation
            if each is None and kind in refused:
                continue
            following = next(iter(line.values()), None) if each is None else next(each, None)
            if following is not None:
                heappush(heads, (following.waiting_seq, number, following, each))

    def _stranded(self) -> Iterator[Conversation]:
        """While somebody is online: the unanswered of absent holders (G9), and what G21 could not pass on yet."""
        if not self.online:
            return
        for name, of_agent in self._unanswered.items():
            if of_agent and self.agents[name].absent:
                yield from list(of_agent.values())
        if self._stuck:
            yield from [conversation for conversation in self._stuck.values() if self.passes_on(conversation)]

    def kind(self, conversation: Conversation) -> Hashable:
        """What decides whether the rules can place a conversation: the same for two, the same answer for both.

        The recent agent matters only where it may take the buyer: then the conversation is a case of its own. Away,
        full or forgotten, it changes who is picked and by which rule, not whether anybody can be.
        """
        place = conversation.pool, conversation.entry, conversation.question, conversation.order_status
        if conversation.stuck and self.passes_on(conversation):
            return (*place, frozenset((conversation.agent, *conversation.taken_from)))
        return conversation.id if self._recent_may_take(conversation) else (conversation.state, *place)

    def _recent_may_take(self, conversation: Conversation) -> bool:
        contact = self.contact_of(conversation)
        if contact is None or contact.agent not in self.online:
            return False
        return not (self.settings.recent_contact.respect_max_concurrent and self.agents[contact.agent].full)

    def _line_of(self, conversation: Conversation) -> Hashable:
        contact = self.contact_of(conversation)
        place = conversation.pool, conversation.entry, conversation.question, conversation.order_status
        return (*place, None if contact is None else contact.agent)

    def waiting(self) -> list[Conversation]:
        """The waiting conversations in order."""
        return list(self._waiting.values())

    # -- changes that keep the counters true -------------------------------------------------

    def wait(self, conversation: Conversation, pool: str, at: datetime) -> None:
        """Into a pool; one that waits already keeps its place in time (G6)."""
        if conversation.state != State.QUEUED:
            conversation.state = State.QUEUED
            conversation.waiting_since, conversation.waiting_seq = at, self.event
        else:
            self._leave_line(conversation)
        conversation.pool = pool
        self._waiting[conversation.id] = conversation
        self._lines.setdefault(self._line_of(conversation), {})[conversation.id] = conversation

    def _leave_line(self, conversation: Conversation) -> None:
        key = self._line_of(conversation)
        line = self._lines.get(key, {})
        line.pop(conversation.id, None)
        if not line:
            self._lines.pop(key, None)

    def hold(self, conversation: Conversation, agent: Agent, at: datetime) -> None:
        """Give the conversation to `agent`, taking it from whoever or wherever it was."""
        self._let_go(conversation)
        conversation.state = State.OPEN
        conversation.agent = agent.name
        conversation.assigned_at = at
        agent.open += 1
        self.assignments += 1
        agent.last_assigned = self.assignments
        if conversation.unanswered_since is not None:
            agent.waiting_replies += 1
            self._unanswered.setdefault(agent.name, {})[conversation.id] = conversation
        self.set_contact(conversation, Contact(agent.name, at))
        waits_since = conversation.unanswered_since
        self.listen(conversation, None if waits_since is None else max(waits_since, at))
        self.watch(conversation)

    def close(self, conversation: Conversation, at: datetime, by: str) -> None:
        """End it; its last holder stays named (G7)."""
        self._let_go(conversation)
        self.listen(conversation, None)
        conversation.state = State.CLOSED
        conversation.closed_at, conversation.closed_by = at, by
        self._open.pop(conversation.buyer, None)

    def _let_go(self, conversation: Conversation) -> None:
        if conversation.state == State.QUEUED:
            self._waiting.pop(conversation.id, None)
            self._leave_line(conversation)
            conversation.pool = conversation.waiting_since = None
            conversation.waiting_seq = 0
        elif conversation.state == State.OPEN and conversation.agent is not None:
            holder = self.agents[conversation.agent]
            holder.open -= 1
            if conversation.unanswered_since is not None:
                holder.waiting_replies -= 1
                self._unanswered.get(holder.name, {}).pop(conversation.id, None)

    def buyer_wrote(self, conversation: Conversation, at: datetime) -> None:
        """A buyer message that waits for an answer."""
        if conversation.unanswered_since is not None:
            return
        conversation.unanswered_since, conversation.unanswered_seq = at, self.event
        if conversation.state == State.OPEN and conversation.agent is not None:
            self.agents[conversation.agent].waiting_replies += 1
            self._unanswered.setdefault(conversation.agent, {})[conversation.id] = conversation
            self.listen(conversation, at)
            self.watch(conversation)

    def answered(self, conversation: Conversation) -> None:
        """A human or robot answer ends what was unanswered."""
        if conversation.unanswered_since is None:
            return
        conversation.unanswered_since = None
        conversation.unanswered_seq = 0
        conversation.taken_from = ()
        self.listen(conversation, None)
        if conversation.state == State.OPEN and conversation.agent is not None:
            self.agents[conversation.agent].waiting_replies -= 1
            self._unanswered.get(conversation.agent, {}).pop(conversation.id, None)
