"""What an event changes, whom it frees, who is decided again. The simulator and the live path both go through here."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from agents.vocabulary import LEADING_ROLES, Platform
from conversations.states import ClosedBy, Kind, State
from routing.engine.decide import decide, only_recent_contact
from routing.engine.drain import drain, freed_by_leaving, pass_on, reconsider, settle
from routing.engine.events import (
    AgentChange,
    AppLogin,
    AskHuman,
    Close,
    Event,
    HandBack,
    Message,
    Open,
    Presence,
    Refused,
    SettingsChange,
    Silence,
    Tick,
    Transfer,
)
from routing.engine.look import loads
from routing.engine.members import (
    OUTCOME_ASSIGNED,
    SENDER_AGENT,
    SENDER_AUTO,
    SENDER_BUYER,
    STATE_CLOSED,
    STATE_OPEN,
    STATUS_ONLINE,
    TRIGGER_OPENED,
    TRIGGER_TRANSFERRED,
)
from routing.engine.state import ShopState
from routing.engine.types import Agent, Contact, Conversation, Decision, Finding
from routing.engine.vocabulary import ENTRIES, ORDER_STATUSES, Found


def happen(state: ShopState, event: Event, at: datetime) -> list[Decision]:
    """What `event` brings at `at`: the decisions made, in order. Time-outs due before it are the caller's
    to let happen first (`due_time_outs`). Raises Refused: then nothing has changed.
    """
    state.advance(at)
    state.event += 1
    return HANDLERS[type(event)](state, event, at)


def due_time_outs(state: ShopState, until: datetime) -> Iterator[tuple[Close | Silence, datetime]]:
    """What timed out by `until` (DY13, G21), in order of due times, each with its due time; one must happen before
    the next is asked for.

    What new settings made due in the past happens at the time of those settings.
    """
    if not state.settings.timed:
        return
    while (found := state.next_timeout(until)) is not None:
        due, conversation = found
        at = due if state.settings.at is None else max(due, state.settings.at)
        silent = conversation.unanswered_since is not None
        yield Silence(conversation.id) if silent else Close(conversation.id, ClosedBy.SYSTEM), at


def _open(state: ShopState, event: Open, at: datetime) -> list[Decision]:
    _check_open(state, event)
    existing = state.open_of(event.buyer)
    if existing is not None:
        # G18: the buyer goes on in the conversation that is open; the new id is another name of it.
        state.add_name(event.conversation, existing)
        return _buyer_writes(state, existing, at) if event.message else []
    conversation = Conversation(
        event.conversation, event.buyer, event.entry, event.question, event.order_status or "none"
    )
    conversation.opened_seq, conversation.opened_at = state.event, at
    decision = None
    if event.message:
        state.buyer_wrote(conversation, at)
    if event.robot:
        # DY5: a repeat visit gets its agent without robot and queue; everywhere else the robot answers first.
        decision = only_recent_contact(state, conversation, at) if state.settings.platform == Platform.DOUYIN else None
        if decision is None:
            state.add(conversation)
            return []
    state.add(conversation)
    return [settle(state, conversation, decision or decide(state, conversation, at, TRIGGER_OPENED))]


def _check_open(state: ShopState, event: Open) -> None:
    if state.known(event.conversation):
        raise Refused("duplicate_conversation", f'a conversation "{event.conversation}" was opened before')
    entries = ENTRIES.get(state.settings.platform)
    if entries is not None and event.entry not in entries:
        raise Refused("unknown_entry", f'{state.settings.platform} has no entry "{event.entry}"')
    if event.order_status is not None and event.order_status not in ORDER_STATUSES:
        raise Refused("unknown_order_status", f'no order status "{event.order_status}"')


def _ask_human(state: ShopState, event: AskHuman, at: datetime) -> list[Decision]:
    conversation = _going_on(state, event.conversation)
    if conversation.state != State.ROBOT:
        raise Refused("not_with_robot", f'conversation "{event.conversation}" is not with the robot')
    state.buyer_wrote(conversation, at)
    return [settle(state, conversation, decide(state, conversation, at, TRIGGER_OPENED))]


def _message(state: ShopState, event: Message, at: datetime) -> list[Decision]:
    conversation = _going_on(state, event.conversation)
    if event.kind not in KINDS:
        raise Refused("kind_refused", f'messages of kind "{event.kind}" are refused (PDD11)')
    if event.sender == SENDER_BUYER:
        return _buyer_writes(state, conversation, at)
    conversation.answered_at = at
    if event.sender != SENDER_AUTO:
        state.answered(conversation)
    if event.sender == SENDER_AGENT:
        _touch_contact(state, conversation, at)
    state.watch(conversation)
    return []


def _buyer_writes(state: ShopState, conversation: Conversation, at: datetime) -> list[Decision]:
    """G9: with its holder absent and somebody online, the conversation is decided again at once."""
    state.buyer_wrote(conversation, at)
    _touch_contact(state, conversation, at)
    return _away_from_absent(state, conversation, at)


def _away_from_absent(state: ShopState, conversation: Conversation, at: datetime) -> list[Decision]:
    """G9: with nobody online, or nobody who can take it, it stays with its absent holder."""
    if conversation.state != STATE_OPEN or conversation.agent is None:
        return []
    if not state.online or not state.agents[conversation.agent].absent:
        return []
    decision = reconsider(state, conversation, at)
    return [] if decision is None else [decision]


def _touch_contact(state: ShopState, conversation: Conversation, at: datetime) -> None:
    """A buyer or agent message is contact with whoever holds the conversation (G20: robot and automatic are not)."""
    if conversation.state == STATE_OPEN and conversation.agent is not None:
        state.set_contact(conversation, Contact(conversation.agent, at))


def _close(state: ShopState, event: Close, at: datetime) -> list[Decision]:
    conversation = _going_on(state, event.conversation)
    freed = freed_by_leaving(state, conversation)
    state.close(conversation, at, event.by)
    return drain(state, at, only=freed) if freed else []


def _transfer(state: ShopState, event: Transfer, at: datetime) -> list[Decision]:
    conversation = _going_on(state, event.conversation)
    target = _check_transfer(state, event, conversation)
    freed = freed_by_leaving(state, conversation)
    if conversation.state == State.ROBOT:
        # Its buyer waits for a person from now on, as after `ask_human` (METRICS 2, "Robot to human").
        state.buyer_wrote(conversation, at)
    finding = Finding("G8", Found.BY_HAND, loads([target]), outcome=OUTCOME_ASSIGNED, agent=target.name)
    decision = Decision(
        at=at,
        conversation=conversation.id,
        buyer=conversation.buyer,
        trigger=TRIGGER_TRANSFERRED,
        outcome=OUTCOME_ASSIGNED,
        agent=target.name,
        rule="G8",
        pool=None,
        labels=(),
        push=False,
        version=state.settings.version,
        number=conversation.decisions + 1,
        trace=(finding,),
        by=event.by,
        reason=event.reason,
    )
    decisions = [settle(state, conversation, decision)]
    return decisions + (drain(state, at, only=freed) if freed else [])


def _check_transfer(state: ShopState, event: Transfer, conversation: Conversation) -> Agent:
    """G8: who may, and to whom; the first code that applies."""
    by, target = state.agents[event.by], state.agents[event.to]
    leads = not LEADING_ROLES.isdisjoint(by.roles)
    if not by.enabled or not (leads or by.has_agent_role):
        raise Refused("forbidden", f'"{by.name}" may not transfer conversations')
    taking_over = leads and by is target
    if target.barred is not None and not taking_over:
        raise Refused("target_not_agent", f'"{target.name}" takes no conversations')
    if target.status != STATUS_ONLINE:
        raise Refused("target_offline", f'"{target.name}" is not online')
    if conversation.state == STATE_OPEN and conversation.agent == target.name:
        raise Refused("already_holder", f'"{target.name}" holds the conversation already')
    return target


def _hand_back(state: ShopState, event: HandBack, at: datetime) -> list[Decision]:
    """As with an unanswered one of an absent holder (G9)."""
    return _away_from_absent(state, _going_on(state, event.conversation), at)


def _silence(state: ShopState, event: Silence, at: datetime) -> list[Decision]:
    """G21: to somebody else; with nobody online who can take it, it stays until somebody can."""
    conversation = _going_on(state, event.conversation)
    freed = freed_by_leaving(state, conversation)
    decision = pass_on(state, conversation, conversation.agent or "", at)
    if decision is None:
        state.get_stuck(conversation)
        return []
    return [decision, *(drain(state, at, only=freed) if freed else [])]


def _presence(state: ShopState, event: Presence, at: datetime) -> list[Decision]:
    agent = state.agents[event.agent]
    was_absent = agent.absent
    state.set_status(agent, event.status)
    return _drain_anew(state, agent, was_absent, at)


def _app_login(state: ShopState, event: AppLogin, at: datetime) -> list[Decision]:
    state.agents[event.agent].mobile_app = True
    return []


def _agent_change(state: ShopState, event: AgentChange, at: datetime) -> list[Decision]:
    agent = state.agents[event.agent]
    was_absent = agent.absent
    for name, value in event.changes.items():
        setattr(agent, name, value)
    state.agents_changed()
    return _drain_anew(state, agent, was_absent, at)


def _drain_anew(state: ShopState, agent: Agent, was_absent: bool, at: datetime) -> list[Decision]:
    """After somebody's presence has changed; who has come back has the time of G21 anew."""
    if was_absent and not agent.absent:
        state.came_back(agent, at)
    return drain(state, at)


def _settings(state: ShopState, event: SettingsChange, at: datetime) -> list[Decision]:
    state.use_settings(event.settings)
    return drain(state, at)


def _tick(state: ShopState, event: Tick, at: datetime) -> list[Decision]:
    return []


def _going_on(state: ShopState, name: str) -> Conversation:
    conversation = state.find(name)
    if conversation is None and not state.forgotten(name):
        raise Refused("unknown_conversation", f'no conversation "{name}"')
    if conversation is None or conversation.state == STATE_CLOSED:
        raise Refused("conversation_closed", f'conversation "{name}" is closed')
    return conversation


KINDS = frozenset(kind.value for kind in Kind)

HANDLERS: dict[type, Callable[[ShopState, Any, datetime], list[Decision]]] = {
    Presence: _presence,
    AppLogin: _app_login,
    AgentChange: _agent_change,
    Open: _open,
    AskHuman: _ask_human,
    Message: _message,
    Close: _close,
    Transfer: _transfer,
    HandBack: _hand_back,
    Silence: _silence,
    SettingsChange: _settings,
    Tick: _tick,
}
