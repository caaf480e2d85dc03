"""What a conversation can be and become. Pure; the one table of allowed changes.

`docs/conversation-states.md` is made from ALLOWED, and a test fails when they differ.
"""

from enum import StrEnum

YEARS = range(1970, 9000)
"""Years that a chat can have: times outside cannot be carried from every time zone to every other."""


class State(StrEnum):
    ROBOT = "robot"
    QUEUED = "queued"
    OPEN = "open"
    CLOSED = "closed"


class Sender(StrEnum):
    BUYER = "buyer"
    AGENT = "agent"
    ROBOT = "robot"
    AUTO = "auto"


class Kind(StrEnum):
    """Message kinds that the platforms accept; video and all else is refused (PDD11)."""

    TEXT = "text"
    IMAGE = "image"
    ORDER_CARD = "order_card"
    PRODUCT_CARD = "product_card"


class Unwritten(StrEnum):
    """A buyer's message that nobody wrote: from there on the buyer waits for a person, not the robot (METRICS 2)."""

    ASK_HUMAN = "ask_human"
    TAKEN_OVER = "taken_over"


UNWRITTEN_TEXTS = {Unwritten.ASK_HUMAN: "转人工", Unwritten.TAKEN_OVER: "人工接手"}
"""The words of the button, and what stands in the thread when a person takes the conversation by hand."""


class ClosedBy(StrEnum):
    AGENT = "agent"
    BUYER = "buyer"
    SYSTEM = "system"


ALLOWED: dict[State, dict[State, str]] = {
    State.ROBOT: {
        State.QUEUED: "the buyer asks for a human, nobody can take it",
        State.OPEN: "the buyer asks for a human, or somebody takes it by hand",
        State.CLOSED: "closed while with the robot",
    },
    State.QUEUED: {
        State.OPEN: "drained (G6), or assigned by hand (G8)",
        State.CLOSED: "closed while waiting",
    },
    State.OPEN: {
        State.OPEN: "transferred (G8) or reassigned (G9, G21)",
        State.CLOSED: "closed by agent, buyer or time-out (G7, DY13)",
    },
    State.CLOSED: {},
}
"""From state to state, with what brings the change."""


class ForbiddenChange(ValueError):
    """A state change that ALLOWED does not have."""


def check_change(before: State, after: State) -> None:
    """Raise ForbiddenChange unless ALLOWED has `before` -> `after`."""
    if after not in ALLOWED[before]:
        raise ForbiddenChange(f"a conversation cannot go from {before} to {after}")


def diagram() -> str:
    """The table as a Mermaid state diagram: what the documentation shows."""
    lines = [
        "stateDiagram-v2",
        f"    [*] --> {State.ROBOT}",
        f"    [*] --> {State.QUEUED}",
        f"    [*] --> {State.OPEN}",
    ]
    lines += [f"    {before} --> {after}: {why}" for before, ends in ALLOWED.items() for after, why in ends.items()]
    return "\n".join([*lines, f"    {State.CLOSED} --> [*]"])
