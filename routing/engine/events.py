"""What can happen in a shop (CONTRACT section 2). Ids and account names as strings, times beside them."""

from dataclasses import dataclass, field

from agents.vocabulary import Status
from conversations.states import ClosedBy, Sender
from routing.engine.settings import Settings


@dataclass(frozen=True, slots=True)
class Presence:
    agent: str
    status: Status


@dataclass(frozen=True, slots=True)
class AppLogin:
    agent: str


@dataclass(frozen=True, slots=True)
class AgentChange:
    """Replaces what is given of `roles`, `max_concurrent`, `enabled`."""

    agent: str
    changes: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Open:
    conversation: str
    buyer: str
    entry: str | None = None
    question: str | None = None
    order_status: str | None = None
    robot: bool = False
    message: bool = True


@dataclass(frozen=True, slots=True)
class AskHuman:
    conversation: str


@dataclass(frozen=True, slots=True)
class Message:
    conversation: str
    sender: Sender
    agent: str | None = None
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Close:
    conversation: str
    by: ClosedBy


@dataclass(frozen=True, slots=True)
class Transfer:
    conversation: str
    by: str
    to: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class HandBack:
    """Whoever leaves gives a conversation back, answered or not; only the live shop knows it."""

    conversation: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody has answered for the set time (G21); falls due like a time-out."""

    conversation: str


@dataclass(frozen=True, slots=True)
class SettingsChange:
    settings: Settings


@dataclass(frozen=True, slots=True)
class Tick:
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
