"""What can happen in a shop (CONTRACT section 2). Ids and account names as strings, times beside them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from agents.vocabulary import Status
from conversations.states import ClosedBy, Sender
from routing.engine.settings import Settings


class Presence(NamedTuple):
    agent: str
    status: Status


class AppLogin(NamedTuple):
    agent: str


class AgentChange(NamedTuple):
    """Replaces what is given of `roles`, `max_concurrent`, `enabled`."""

    agent: str
    changes: Mapping[str, object] = MappingProxyType({})


class Open(NamedTuple):
    conversation: str
    buyer: str
    entry: str | None = None
    question: str | None = None
    order_status: str | None = None
    robot: bool = False
    message: bool = True


class AskHuman(NamedTuple):
    conversation: str


class Message(NamedTuple):
    conversation: str
    sender: Sender
    agent: str | None = None
    kind: str = "text"


class Close(NamedTuple):
    conversation: str
    by: ClosedBy


class Transfer(NamedTuple):
    conversation: str
    by: str
    to: str
    reason: str | None = None


class HandBack(NamedTuple):
    """Whoever leaves gives a conversation back, answered or not; only the live shop knows it."""

    conversation: str


class Silence(NamedTuple):
    """Nobody has answered for the set time (G21); falls due like a time-out."""

    conversation: str


class SettingsChange(NamedTuple):
    settings: Settings


class Tick(NamedTuple):
    pass


Event = (
    Presence
    | AppLogin
    | AgentChange
    | Open
    | AskHuman
    | Message
    | Close
    | Transfer
    | HandBack
    | Silence
    | SettingsChange
    | Tick
)


class Refused(Exception):
    """An event that is refused and changes nothing; `code` as in CONTRACT section 2."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
