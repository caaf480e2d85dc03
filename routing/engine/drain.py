"""G6 and G9: who waits is decided again when somebody may have become free."""

from collections.abc import Hashable
from datetime import datetime

from conversations.states import State
from routing.engine.decide import decide
from routing.engine.state import ShopState
from routing.engine.types import Conversation, Decision
from routing.engine.vocabulary import Outcome, Trigger


def settle(state: ShopState, conversation: Conversation, decision: Decision) -> Decision:
    """Carry a decision out: holder or pool, counters, labels."""
    conversation.decisions = decision.number
    if decision.outcome is Outcome.QUEUED:
        state.wait(conversation, decision.pool or "", decision.at)
        return decision
    agent = state.agents[decision.agent or ""]
    conversation.offline = decision.outcome is Outcome.OFFLINE
    conversation.labels += tuple(label for label in decision.labels if label not in conversation.labels)
    state.hold(conversation, agent, decision.at)
    if conversation.offline:
        agent.offline_today += 1
    elif decision.trigger is not Trigger.TRANSFERRED:
        agent.received_today += 1  # G16: a transfer by hand does not count
    return decision


def reconsider(state: ShopState, conversation: Conversation, at: datetime) -> Decision | None:
    """Decide a waiting or stranded conversation again; None when nothing changes for it."""
    if conversation.state == State.QUEUED:
        decision = decide(state, conversation, at, Trigger.DRAINED)
        if decision.outcome is Outcome.QUEUED and decision.pool == conversation.pool:
            return None
        return settle(state, conversation, decision)
    decision = decide(state, conversation, at, Trigger.REASSIGNED)
    if decision.outcome is Outcome.QUEUED:
        return None  # G9: it stays with its holder until somebody can take it
    return settle(state, conversation, decision)


def drain(state: ShopState, at: datetime, only: str | None = None) -> list[Decision]:
    """Decide again all who wait and all stranded, in the order of waiting (G6, G9).

    `only`: the one person who has become free; the pass ends when they are full again. Within one
    pass people only fill up, so a refusal holds for the next conversation of its kind.
    """
    decisions: list[Decision] = []
    refused: set[Hashable] = set()
    for conversation in state.backlog(refused):
        kind = state.kind(conversation)
        decision = reconsider(state, conversation, at)
        if decision is None:
            refused.add(kind)
            continue
        decisions.append(decision)
        if only is not None and state.agents[only].full:
            break
    return decisions


def freed_by_leaving(state: ShopState, conversation: Conversation) -> str | None:
    """Who becomes free when `conversation` leaves its holder: the holder, if online and just full, else nobody."""
    if conversation.state != State.OPEN or conversation.agent is None:
        return None
    holder = state.agents[conversation.agent]
    return holder.name if holder.name in state.online and holder.open == holder.cap else None
