"""G6, G9 and G21: who waits is decided again when somebody may have become free."""

from collections.abc import Hashable
from datetime import datetime

from routing.engine.decide import decide
from routing.engine.members import (
    OUTCOME_ASSIGNED,
    OUTCOME_OFFLINE,
    OUTCOME_QUEUED,
    STATE_OPEN,
    STATE_QUEUED,
    TRIGGER_DRAINED,
    TRIGGER_REASSIGNED,
    TRIGGER_TRANSFERRED,
)
from routing.engine.state import ShopState
from routing.engine.types import Conversation, Decision, Finding
from routing.engine.vocabulary import Excluded, Found


def settle(state: ShopState, conversation: Conversation, decision: Decision) -> Decision:
    """Carry a decision out: holder or pool, counters, labels."""
    conversation.decisions = decision.number
    if decision.outcome is OUTCOME_QUEUED:
        state.wait(conversation, decision.pool or "", decision.at)
        return decision
    agent = state.agents[decision.agent or ""]
    conversation.offline = decision.outcome is OUTCOME_OFFLINE
    conversation.labels += tuple(label for label in decision.labels if label not in conversation.labels)
    state.hold(conversation, agent, decision.at)
    if conversation.offline:
        agent.offline_today += 1
    elif decision.trigger is not TRIGGER_TRANSFERRED:
        agent.received_today += 1  # G16: a transfer by hand does not count
    return decision


def reconsider(state: ShopState, conversation: Conversation, at: datetime) -> Decision | None:
    """Decide a waiting, stranded or stuck conversation again; None when nothing changes for it."""
    if conversation.state == STATE_QUEUED:
        decision = decide(state, conversation, at, TRIGGER_DRAINED)
        if decision.outcome is OUTCOME_QUEUED and decision.pool == conversation.pool:
            return None
        return settle(state, conversation, decision)
    if conversation.agent is not None and not state.agents[conversation.agent].absent:
        return pass_on(state, conversation, conversation.agent, at)
    decision = decide(state, conversation, at, TRIGGER_REASSIGNED)
    if decision.outcome is OUTCOME_QUEUED:
        return None  # G9: it stays with its holder until somebody can take it
    return settle(state, conversation, decision)


def pass_on(state: ShopState, conversation: Conversation, holder: str, at: datetime) -> Decision | None:
    """G21: over to somebody else than the silent holder and those before; None when nobody online can take it."""
    silent = dict.fromkeys((holder, *conversation.taken_from), Excluded.SILENT.value)
    silence = Finding("G21", Found.SILENCE, excluded=silent, holder=holder, since=conversation.silent_since)
    decision = decide(state, conversation, at, TRIGGER_REASSIGNED, silence)
    if decision.outcome is not OUTCOME_ASSIGNED:
        return None
    conversation.taken_from += (holder,)
    return settle(state, conversation, decision)


def drain(state: ShopState, at: datetime, only: str | None = None) -> list[Decision]:
    """Decide again all who wait, all stranded and all stuck, in the order of waiting (G6, G9, G21).

    `only`: the one person who has become free; the pass ends when they are full again.
    """
    decisions: list[Decision] = []
    while _pass(state, at, only, decisions):
        only = None
    return decisions


def _pass(state: ShopState, at: datetime, only: str | None, decisions: list[Decision]) -> bool:
    """Once through; whether it has to be begun anew, because a full holder gave one up (G21) and is free again.

    Else people only fill up within a pass, so a refusal holds for the next conversation of its kind.
    """
    refused: set[Hashable] = set()
    for conversation in state.backlog(refused):
        freed = freed_by_leaving(state, conversation)
        decision = reconsider(state, conversation, at)
        if decision is None:  # nothing has changed for it: it is of the same kind still
            refused.add(state.kind(conversation))
            continue
        decisions.append(decision)
        if freed is not None:
            return True
        if only is not None and state.agents[only].full:
            break
    return False


def freed_by_leaving(state: ShopState, conversation: Conversation) -> str | None:
    """Who becomes free when `conversation` leaves its holder: the holder, if online and just full, else nobody."""
    if conversation.state != STATE_OPEN or conversation.agent is None:
        return None
    holder = state.agents[conversation.agent]
    return holder.name if holder.name in state.online and holder.open == holder.cap else None
