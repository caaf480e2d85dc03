"""What the clients did and the server accepted: all that the checker believes."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Message:
    identity: str
    sender: str
    sent_at: datetime | None
    """The time on it, where the client said one."""


@dataclass
class Talk:
    """A conversation that was accepted. `messages` in the order in which they were accepted."""

    shop: str
    external_id: str
    buyer: str
    pk: int
    messages: list[Message] = field(default_factory=list)
    closed: bool = False


@dataclass
class Record:
    """One client's."""

    talks: list[Talk] = field(default_factory=list)
    accepted: int = 0
    again: int = 0
    """Requests that got no answer, or a 5xx, and were sent again."""
    refused: dict[str, int] = field(default_factory=dict)
    """Of what may be refused (a transfer to who has left), by code."""
    lost: list[str] = field(default_factory=list)
    """What could not be delivered within PATIENCE, or was refused though it may not be."""
