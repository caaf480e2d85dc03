"""A day that has happened, once more under other settings: what the rules would have made of the same buyers.

Buyers come and write when they came and wrote. Each of our answers takes as long as it took, counted from when the
question was there and somebody held the conversation; so does each close. What people would have done otherwise
nobody knows: an estimate, and said to be one wherever it is shown.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import count
from typing import NamedTuple

from agents.vocabulary import Status
from conversations.states import ClosedBy, Sender, State
from routing.engine import events
from routing.engine.apply import due_time_outs, happen
from routing.engine.settings import Settings
from routing.engine.state import ShopState
from routing.engine.types import Conversation, Decision
from routing.engine.vocabulary import Outcome
from routing.simulator.past import Day, Outcomes, Past, Spoken, sent_at, usual_answer
from routing.simulator.past import held_since as really_held_since


class Cancelled(Exception):
    """Somebody does not want to know any more."""


Progress = Callable[[int, int], None]
"""Told (events done, events in all) every so often; may raise Cancelled."""
TELL_EVERY = 500


class Kind(NamedTuple):
    """What stands in the heap: `conversation` or agent, and the generation of a plan that later assignments outdate."""

    what: str
    name: str
    number: int = 0
    plan: int = 0


BY_HAND = ("answer", "usual", "agent_close")
BACK = ("status:online", "status:break")


def replay(day: Day, settings: Settings, progress: Progress | None = None) -> Outcomes:
    """The day under `settings`. The draws are those of the shop's seed, so the same day gives the same outcomes."""
    return _Replay(day, settings).run(progress)


class _Replay:
    def __init__(self, day: Day, settings: Settings) -> None:
        self.day = day
        self.state = ShopState(settings, day.zone, day.seed, day.fresh_agents())
        self.state.contacts.update(day.contacts)
        self.state.advance(day.start)
        self.pasts = {past.id: past for past in day.pasts}
        self.outcomes = Outcomes(most_at_once=dict.fromkeys(self.state.agents, 0))
        self.usual = usual_answer(day.pasts)
        self.plans: Counter[str] = Counter()
        self.told: Counter[str] = Counter()
        """How many of ours have been sent, by conversation."""
        self.held: dict[str, list[datetime]] = defaultdict(list)
        self.waiting: dict[str, datetime] = {}
        self.stalled: dict[str, list[str]] = defaultdict(list)
        """Conversations whose holder, by account, is offline and cannot go on with them."""
        self.order = count()
        self.heap: list[tuple[datetime, int, Kind]] = []
        self._fill()

    def _fill(self) -> None:
        for at, name, status in self.day.presences:
            self.heap.append((at, next(self.order), Kind(f"status:{status.value}", name)))
        for past in self.day.pasts:
            self.outcomes.buyers[past.id] = past.buyer
            if past.held_by is not None:
                self._standing(past)
            else:
                self.heap.append((past.opened_at, next(self.order), Kind("open", past.id)))
                if past.robot and past.asked_human_at is not None:
                    self.heap.append((past.asked_human_at, next(self.order), Kind("ask", past.id)))
            for i, spoken in enumerate(past.messages):
                if spoken.sender != Sender.AGENT:
                    self.heap.append((spoken.at, next(self.order), Kind("said", past.id, i)))
            if past.closed_by == ClosedBy.BUYER and past.closed_at is not None and past.closed_at < self.day.end:
                self.heap.append((past.closed_at, next(self.order), Kind("buyer_close", past.id)))
        heapify(self.heap)

    def _standing(self, past: Past) -> None:
        """One that was open when the day began stays with its holder, and holds their place (G7)."""
        if past.held_by not in self.state.agents:
            return
        conversation = Conversation(past.id, past.buyer, past.entry, past.question, past.order_status or "none")
        self.state.add(conversation)
        if past.unanswered_since is not None:
            self.state.buyer_wrote(conversation, past.unanswered_since)
        since = really_held_since(past, self.day.start) or self.day.start
        self.state.hold(conversation, self.state.agents[past.held_by], since)
        self._note_load(past.held_by)
        self._plan(past, since)

    def run(self, progress: Progress | None) -> Outcomes:
        done = 0
        while self.heap and self.heap[0][0] < self.day.end:
            at, _, kind = heappop(self.heap)
            if kind.plan == self.plans[kind.name] or not kind.plan:
                self._happen(at, kind)
            done += 1
            if progress is not None and done % TELL_EVERY == 0:
                progress(done, done + len(self.heap))
        self.outcomes.waits += [self.day.end - since for since in self.waiting.values()]
        self.outcomes.unassigned = len(self.waiting)
        return self.outcomes

    def _happen(self, at: datetime, kind: Kind) -> None:
        for event, due in due_time_outs(self.state, at):
            self._take(happen(self.state, event, due))
        said = self._event(kind)
        if said is None or self._stalls(kind):
            return
        try:
            decisions = happen(self.state, said, at)
        except events.Refused:
            # Closed already under these settings, or merged into another of the buyer's (G18): it has no effect.
            return
        if kind.what in ("said", "answer"):
            spoken = self.pasts[kind.name].messages[kind.number]
            self.outcomes.said[kind.name].append(Spoken(at, spoken.sender, spoken.to_robot))
            self.told[kind.name] += kind.what == "answer"
        elif kind.what == "usual":
            self.outcomes.said[kind.name].append(Spoken(at, Sender.AGENT))
        elif kind.what.endswith("close"):
            self._stop_waiting(kind.name, at)
        self._take(decisions)
        if kind.what in BACK:
            self._go_on(kind.name, at)

    def _stalls(self, kind: Kind) -> bool:
        """Whether people would have to do it who are not there: then it waits until they are, or for other hands."""
        if kind.what not in BY_HAND or (kind.what == "answer" and self.pasts[kind.name].messages[kind.number].away):
            return False
        conversation = self.state.find(kind.name)
        holder = None if conversation is None or conversation.agent is None else self.state.agents[conversation.agent]
        if holder is None or holder.status != Status.OFFLINE:
            return False
        self.plans[kind.name] += 1
        self.stalled[holder.name].append(kind.name)
        return True

    def _go_on(self, agent: str, at: datetime) -> None:
        for name in self.stalled.pop(agent, ()):
            conversation = self.state.find(name)
            if conversation is not None and conversation.state == State.OPEN and conversation.agent == agent:
                self._plan(self.pasts[name], at)

    def _event(self, kind: Kind) -> events.Event | None:
        what, _colon, rest = kind.what.partition(":")
        if what == "status":
            return events.Presence(kind.name, Status(rest)) if kind.name in self.state.agents else None
        past = self.pasts[kind.name]
        if what == "open":
            return events.Open(past.id, past.buyer, past.entry, past.question, past.order_status, past.robot)
        if what == "ask":
            return events.AskHuman(past.id)
        if what.endswith("close"):
            return events.Close(past.id, past.closed_by or ClosedBy.SYSTEM)
        sender = Sender.AGENT if what == "usual" else past.messages[kind.number].sender
        return events.Message(past.id, sender)

    def _take(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            if decision.outcome is Outcome.QUEUED:
                self.waiting.setdefault(decision.conversation, decision.at)
                continue
            agent = decision.agent or ""
            counted = self.outcomes.offline if decision.outcome is Outcome.OFFLINE else self.outcomes.received
            counted[agent] += 1
            self.outcomes.first.setdefault(decision.conversation, agent)
            self._stop_waiting(decision.conversation, decision.at)
            self._note_load(agent)
            self._plan(self.pasts[decision.conversation], decision.at)

    def _stop_waiting(self, name: str, at: datetime) -> None:
        since = self.waiting.pop(name, None)
        if since is not None:
            self.outcomes.waits.append(at - since)

    def _note_load(self, agent: str) -> None:
        most = self.outcomes.most_at_once
        most[agent] = max(most[agent], self.state.agents[agent].open)

    # -- when we would have answered -----------------------------------------------------------

    def _plan(self, past: Past, held_since: datetime) -> None:
        """When people would answer, held from `held_since` on; what was planned before and is not sent yet is void."""
        held = self.held[past.id]
        if not held or held[-1] < held_since:
            held.append(held_since)
        self.plans[past.id] += 1
        plan, before = self.plans[past.id], held_since
        answers = [i for i, spoken in enumerate(past.messages) if spoken.sender == Sender.AGENT]
        for i in answers[self.told[past.id] :]:
            before = max(before, sent_at(past, i, held))
            heappush(self.heap, (before, next(self.order), Kind("answer", past.id, i, plan)))
        if not answers and not past.assigned:
            before = held_since + self.usual
            heappush(self.heap, (before, next(self.order), Kind("usual", past.id, 0, plan)))
        if past.closed_at is not None and past.closed_by != ClosedBy.BUYER:
            last = max((spoken.at for spoken in past.messages), default=past.opened_at)
            took = past.closed_at - max(last, really_held_since(past, past.closed_at) or last)
            at = max(before, held_since, last) + max(took, timedelta())
            what = "agent_close" if past.closed_by == ClosedBy.AGENT else "system_close"
            heappush(self.heap, (at, next(self.order), Kind(what, past.id, 0, plan)))
