"""One decision: the platform's rules in order, until one settles the matter."""

from datetime import datetime

from routing.engine.look import Look
from routing.engine.state import ShopState
from routing.engine.types import Conversation, Decision, Finding
from routing.engine.vocabulary import Outcome, Trigger


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
    look = Look(state, conversation, at, frozenset(silence.excluded) if silence else frozenset())
    trace: list[Finding] = [silence] if silence else []
    for step in state.settings.steps:
        finding = step.attempt(look)
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
    outcome = settled.outcome or Outcome.QUEUED
    return Decision(
        at=look.at,
        conversation=look.conversation.id,
        buyer=look.conversation.buyer,
        trigger=trigger,
        outcome=outcome,
        agent=settled.agent,
        rule=settled.rule,
        pool=settled.pool,
        labels=(settled.label,) if settled.label else (),
        # G10: only who has used the mobile app can be reached while offline.
        push=outcome is Outcome.OFFLINE and look.state.agents[settled.agent or ""].mobile_app,
        version=look.settings.version,
        number=look.number,
        trace=tuple(trace) if look.state.traced else (),
    )
