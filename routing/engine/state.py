"""A shop as the rules see it. The simulator keeps all of it; the live path loads what an event can touch."""

from collections.abc import Collection, Hashable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from random import Random
from zoneinfo import ZoneInfo

from agents.vocabulary import Status
from routing.engine.clocks import Clocks
from routing.engine.crews import Crew, Scope
from routing.engine.lines import Lines
from routing.engine.members import (
    EXCLUDED_NEVER_ROUTE,
    RECENT_ONLINE,
    STATE_CLOSED,
    STATE_OPEN,
    STATE_QUEUED,
    STATUS_ONLINE,
)
from routing.engine.recents import recent_agent
from routing.engine.settings import Settings
from routing.engine.types import Agent, Contact, Conversation, Stand
from routing.engine.vocabulary import DEFAULT_CAP, Excluded

STRANDED = False
"""Stands where a pool would: unanswered with an absent holder (G9)."""


class ShopState(Clocks):
    """Agents, conversations, contacts, pools. `event` numbers the events, `assignments` the assignments.

    What is overridden by the live path is what it must fetch: `find`, `open_of`, `contact_of`,
    `backlog`, `next_timeout`, `unanswered_of`. Without `traced` decisions come without their traces; without
    `keeps_closed` a conversation is forgotten when it is closed, all but its id.
    """

    traced = True
    keeps_closed = True

    def __init__(self, settings: Settings, zone: ZoneInfo, seed: int | str, agents: Iterable[Agent]) -> None:
        super().__init__(settings)
        self.zone = zone
        self.seed = seed
        self.agents: dict[str, Agent] = {agent.name: agent for agent in sorted(agents, key=attrgetter("name"))}
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
        self.past: set[str] = set()
        """Ids of closed conversations, where these are not kept (`keeps_closed`)."""
        self._waiting: dict[str, Conversation] = {}
        self._lines = Lines()
        self._returning: dict[str, dict[str, Conversation]] = {}
        """The waiting by recent agent."""
        self._unanswered: dict[str, dict[str, Conversation]] = {}
        self._crews: dict[Scope, Crew] = {}
        self.source: Random | None = None
        """Made for the first draw, seeded anew for each further one."""
        self.now = datetime.min.replace(tzinfo=UTC)
        self._day_end: datetime | None = None
        self.today: date | None = None
        """The shop day that "received today" holds for (G14)."""
        self.agents_changed()

    # -- who ---------------------------------------------------------------------------------

    def agents_changed(self) -> None:
        """To be called when roles, enabling, caps or settings have changed."""
        default, agents = DEFAULT_CAP.get(self.settings.platform), self.agents.values()
        for agent in agents:
            agent.cap = agent.max_concurrent if agent.max_concurrent is not None else default
            agent.barred = self._barred(agent)
        self.everyone = tuple([a.name for a in agents if a.barred is None or a.barred == EXCLUDED_NEVER_ROUTE])
        self.online = {a.name for a in agents if a.barred is None and a.status == STATUS_ONLINE}
        self._forget_crews()
        self._lines.clear()
        for of_agent in (self._waiting, *self._unanswered.values()):
            for conversation in of_agent.values():
                conversation.stand = None
                self._line_up(conversation)

    def _forget_crews(self) -> None:
        if not self._crews:  # nobody watches
            return
        self._crews.clear()
        for agent in self.agents.values():
            agent.watchers.clear()

    def people(self, scope: Scope) -> list[Agent]:
        """Of a scope, in order of account name."""
        names = self.everyone if scope.names is None else scope.names
        return [self.agents[name] for name in names if name not in scope.but]

    def crew(self, scope: Scope) -> Crew:
        """The people of `scope` as they stand."""
        crew = self._crews.get(scope)
        if crew is None:
            people = self.people(scope)
            crew = self._crews[scope] = Crew(people)
            for agent in people:
                agent.watchers.append(crew.changed)
        elif crew.changed:
            crew.look_again()
        return crew

    def _barred(self, agent: Agent) -> Excluded | None:
        """G1."""
        if not agent.enabled:
            return Excluded.DISABLED
        if not agent.has_agent_role:
            return Excluded.NOT_AGENT
        return Excluded.NEVER_ROUTE if agent.name in self.settings.never_route else None

    def set_status(self, agent: Agent, status: Status) -> None:
        agent.status = status
        if status == STATUS_ONLINE and agent.barred is None:
            self.online.add(agent.name)
        else:
            self.online.discard(agent.name)
        note(agent)
        for conversation in self._unanswered.get(agent.name, {}).values():
            if agent.absent or conversation.stand is not None:
                self._line_up(conversation)

    # -- time --------------------------------------------------------------------------------

    def advance(self, at: datetime) -> None:
        """Go on to `at`; a new shop day sets "received today" back (G14, G16)."""
        self.now = at
        if self._day_end is not None and at >= self._day_end:
            for agent in self.agents.values():
                agent.received_today = agent.offline_today = 0
            self._forget_crews()
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
        return name in self.conversations or name in self.names or name in self.past

    def forgotten(self, name: str) -> bool:
        """Whether it is closed and not kept."""
        return self.names.get(name, name) in self.past

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

    def backlog(self, refused: Collection[Hashable]) -> Iterator[Conversation]:
        """Waiting conversations, the unanswered of absent holders and the stuck, in the order of waiting (G6, G9, G21).

        One whose `kind` is `refused` by the time its turn comes is left out: with the first of a line goes the line.
        """
        found = self._lines.in_order(self.kind, refused, self._back_to_their_agents())
        # While nobody is online what is unanswered stays where it is.
        return found if self.online else (c for c in found if c.state == STATE_QUEUED)

    def _back_to_their_agents(self) -> Iterator[Conversation]:
        """Those in a pool whose recent agent may take them: each is a case of its own."""
        rule = self.settings.recent_contact
        for name in self._returning.keys() & self.online if rule.enabled else ():
            if rule.respect_max_concurrent and self.agents[name].full:
                continue
            of_agent = self._returning[name].values()
            yield from [conversation for conversation in of_agent if self._recent_takes(conversation)]

    def kind(self, conversation: Conversation) -> Hashable:
        """What decides whether the rules can place a conversation: the same for two, the same answer for both.

        The recent agent matters only where it takes the buyer: then the conversation is a case of its own. Away,
        full or forgotten, it changes who is picked and by which rule, not whether anybody can be.
        """
        stand = conversation.stand or self._stands(conversation)
        if stand is None or (not conversation.stuck and self._recent_takes(conversation)):
            return conversation.id
        return stand[0]

    def _recent_takes(self, conversation: Conversation) -> bool:
        rule, contact = self.settings.recent_contact, self.contact_of(conversation)
        return recent_agent(rule, self.agents, contact, self.now)[0] is RECENT_ONLINE

    def _stands(self, conversation: Conversation) -> Stand | None:
        """Its line and its place in time, None for one that nobody need be found for: in a pool (G6), unanswered with
        an absent holder (G9), stuck with a silent one (G21).
        """
        if conversation.state == STATE_QUEUED:
            return (conversation.pool, self.settings.place(conversation)), conversation.waiting_seq
        if conversation.state != STATE_OPEN or conversation.unanswered_since is None:
            return None
        if self.agents[conversation.agent or ""].absent:
            return (STRANDED, self.settings.place(conversation)), conversation.unanswered_seq
        if conversation.stuck and self.passes_on(conversation):
            silent = frozenset((conversation.agent, *conversation.taken_from))
            return (silent, self.settings.place(conversation)), conversation.unanswered_seq
        return None

    def _line_up(self, conversation: Conversation) -> None:
        """To be called whenever a conversation begins to wait, or to wait elsewhere."""
        stand = self._stands(conversation)
        if stand is None:
            conversation.stand = None
        else:
            self._lines.join(conversation, *stand)

    def waiting(self) -> list[Conversation]:
        """The waiting conversations in order."""
        return list(self._waiting.values())

    # -- changes that keep the counters true -------------------------------------------------

    def wait(self, conversation: Conversation, pool: str, at: datetime) -> None:
        """Into a pool; one that waits already keeps its place in time (G6)."""
        if conversation.state != STATE_QUEUED:
            conversation.state = STATE_QUEUED
            conversation.waiting_since, conversation.waiting_seq = at, self.event
        conversation.pool = pool
        self._waiting[conversation.id] = conversation
        self._line_up(conversation)
        contact = self.contact_of(conversation)
        if contact is not None:
            self._returning.setdefault(contact.agent, {})[conversation.id] = conversation

    def hold(self, conversation: Conversation, agent: Agent, at: datetime) -> None:
        """Give the conversation to `agent`, taking it from whoever or wherever it was."""
        self._let_go(conversation)
        conversation.state = STATE_OPEN
        conversation.agent = agent.name
        conversation.assigned_at = at
        agent.open += 1
        self.assignments += 1
        agent.last_assigned = self.assignments
        if agent.status == STATUS_ONLINE:
            note(agent)
        waits_since = conversation.unanswered_since
        if waits_since is not None:
            self._await(agent, conversation)
            waits_since = max(waits_since, at)
        self.set_contact(conversation, Contact(agent.name, at))
        conversation.silent_since, conversation.stuck = waits_since, False
        self.watch(conversation)

    def close(self, conversation: Conversation, at: datetime, by: str) -> None:
        """End it; its last holder stays named (G7)."""
        self._let_go(conversation)
        self.listen(conversation, None)
        conversation.state = STATE_CLOSED
        conversation.closed_at, conversation.closed_by = at, by
        self._open.pop(conversation.buyer, None)
        if not self.keeps_closed:
            del self.conversations[conversation.id]
            self.past.add(conversation.id)

    def get_stuck(self, conversation: Conversation) -> None:
        """Nobody else can take it for now (G21)."""
        conversation.stuck = True
        self._line_up(conversation)

    def _let_go(self, conversation: Conversation) -> None:
        conversation.stand = None
        if conversation.state == STATE_QUEUED:
            self._waiting.pop(conversation.id, None)
            contact = self.contact_of(conversation)
            if contact is not None:
                self._stop_returning(contact.agent, conversation)
            conversation.pool = conversation.waiting_since = None
            conversation.waiting_seq = 0
        elif conversation.state == STATE_OPEN and conversation.agent is not None:
            holder = self.agents[conversation.agent]
            holder.open -= 1
            if holder.status == STATUS_ONLINE:
                note(holder)
            if conversation.unanswered_since is not None:
                self._answered(holder, conversation)

    def _stop_returning(self, name: str, conversation: Conversation) -> None:
        of_agent = self._returning.get(name, {})
        of_agent.pop(conversation.id, None)
        if not of_agent:
            self._returning.pop(name, None)

    def _await(self, agent: Agent, conversation: Conversation) -> None:
        """It waits for the answer of its holder from now on."""
        agent.waiting_replies += 1
        if self.settings.minds_replies:
            note(agent)
        of_agent = self._unanswered.get(agent.name)
        if of_agent is None:
            of_agent = self._unanswered[agent.name] = {}
        of_agent[conversation.id] = conversation
        if agent.absent:
            self._line_up(conversation)

    def _answered(self, holder: Agent, conversation: Conversation) -> None:
        holder.waiting_replies -= 1
        if self.settings.minds_replies:
            note(holder)
        of_agent = self._unanswered.get(holder.name)
        if of_agent is not None:
            of_agent.pop(conversation.id, None)

    def buyer_wrote(self, conversation: Conversation, at: datetime) -> None:
        """A buyer message that waits for an answer."""
        if conversation.unanswered_since is not None:
            return
        conversation.unanswered_since, conversation.unanswered_seq = at, self.event
        if conversation.state == STATE_OPEN and conversation.agent is not None:
            self._await(self.agents[conversation.agent], conversation)
            self.listen(conversation, at)
            self.watch(conversation)

    def answered(self, conversation: Conversation) -> None:
        """A human or robot answer ends what was unanswered."""
        if conversation.unanswered_since is None:
            return
        conversation.unanswered_since = None
        conversation.unanswered_seq = 0
        conversation.taken_from = ()
        if conversation.state != STATE_QUEUED:
            conversation.stand = None
        self.listen(conversation, None)
        if conversation.state == STATE_OPEN and conversation.agent is not None:
            self._answered(self.agents[conversation.agent], conversation)


def note(agent: Agent) -> None:
    """To be called when anything about `agent` changes: who keeps orders by it looks again before the next decision."""
    for changed in agent.watchers:
        changed.add(agent)
