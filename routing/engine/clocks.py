"""What falls due with time alone: a buyer's silence (DY13), a holder's (G21)."""

from collections.abc import Iterable
from datetime import datetime
from heapq import heappop, heappush

from routing.engine.settings import Settings
from routing.engine.types import Agent, Conversation


class Clocks:
    """The part of the state that looks at the time; a conversation waits for one of the two silences at most."""

    agents: dict[str, Agent]
    conversations: dict[str, Conversation]
    _unanswered: dict[str, dict[str, Conversation]]

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._timeouts: list[tuple[datetime, int, str]] = []

    def next_timeout(self, until: datetime) -> tuple[datetime, Conversation] | None:
        """The first time-out due by `until`, taken off the list (DY13, G21)."""
        while self._timeouts and self._timeouts[0][0] <= until:
            due, _, name = heappop(self._timeouts)
            conversation = self.conversations.get(name)
            if conversation is not None and self.timeout_of(conversation) == due:
                return due, conversation
        return None

    def timeout_of(self, conversation: Conversation) -> datetime | None:
        """When `conversation` times out as things stand, or None: by the buyer's silence (DY13) or by ours (G21)."""
        quiet, limit = conversation.quiet_since, self.settings.auto_close
        if quiet is not None:
            return None if limit is None else quiet + limit
        silent, rule = conversation.silent_since, self.settings.silence
        if silent is None or rule is None or not self.passes_on(conversation) or conversation.stuck:
            return None
        return silent + rule.after

    def passes_on(self, conversation: Conversation) -> bool:
        """Whether G21 may still take it from its holder; an absent one's are left to G9."""
        rule, holder = self.settings.silence, self.agents[conversation.agent or ""]
        return rule is not None and len(conversation.taken_from) < rule.times and not holder.absent

    def came_back(self, agent: Agent, at: datetime) -> None:
        """Whoever was absent gets the set time anew for each that waits for their answer (G21)."""
        for conversation in self.unanswered_of(agent):
            self.listen(conversation, at)
            self.watch(conversation)

    def unanswered_of(self, agent: Agent) -> Iterable[Conversation]:
        return list(self._unanswered.get(agent.name, {}).values()) if agent.waiting_replies else ()

    def listen(self, conversation: Conversation, at: datetime | None) -> None:
        """Count our silence from `at` on; None: nothing waits for an answer of a holder."""
        conversation.silent_since = at
        if conversation.stuck:
            conversation.stuck, conversation.stand = False, None

    def watch(self, conversation: Conversation) -> None:
        """Take note of the conversation's time-out after it changed."""
        if not self.settings.timed:
            return
        due = self.timeout_of(conversation)
        if due is not None:
            heappush(self._timeouts, (due, conversation.opened_seq, conversation.id))
