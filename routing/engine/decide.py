"""One decision: the platform's rules in order, until one settles the matter."""

from datetime import datetime

from routing.engine.look import Look
from routing.engine.members import OUTCOME_OFFLINE, OUTCOME_QUEUED
from routing.engine.state import ShopState
from routing.engine.types import Conversation, Decision, Finding
from routing.engine.vocabulary import Trigger

NOBODY: frozenset[str] = frozenset()


def decide(
    state: ShopState,
    conversation: Conversation,
    at: datetime,
    trigger: Trigger,
    silence: Finding | None = None,
) -> Decision:
    """What the rules say of `conversation` as things stand at `at`. Changes nothing.

    `silence`: with it the trace begins; whom it excludes are no candidates for any rule (G21).
    The last rule of every platform's list settles whatever comes to it, so there always is a decision.
    """
    look = Look(state, conversation, at, frozenset(silence.excluded) if silence else NOBODY)
    trace: list[Finding] = [silence] if silence else []
    for _rule, _kind, attempt, _odds in state.settings.steps:
        finding = attempt(look)
        trace.append(finding)
        if finding.outcome is not None:
            return _decision(look, finding, trace, trigger)
    raise AssertionError("a platform's list of rules ends with one that always settles")


def only_recent_contact(state: ShopState, conversation: Conversation, at: datetime) -> Decision | None:
    """The decision of the first rule alone: a repeat visit passes the robot by (DY5)."""
    look = Look(state, conversation, at)
    finding = state.settings.steps[0].attempt(look)
    return None if finding.outcome is None else _decision(look, finding, [finding], Trigger.OPENED)


def _decision(look: Look, settled: Finding, trace: list[Finding], trigger: Trigger) -> Decision:
    rule, _found, _candidates, _excluded, outcome, agent, pool, label, *_ = settled
    conversation, state = look.conversation, look.state
    return Decision(
        look.at,
        conversation.id,
        conversation.buyer,
        trigger,
        outcome or OUTCOME_QUEUED,
        agent,
        rule,
        pool,
        (label,) if label else (),
        # G10: only who has used the mobile app can be reached while offline.
        outcome is OUTCOME_OFFLINE and state.agents[agent or ""].mobile_app,
        look.settings.version,
        look.number,
        tuple(trace) if state.traced else (),
    )
