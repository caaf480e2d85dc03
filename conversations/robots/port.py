"""What a robot is asked and what it may say."""

from dataclasses import dataclass
from typing import Protocol

from conversations.answering import Item


@dataclass(frozen=True, slots=True)
class Turn:
    """Something said before; `sender`: buyer, agent, robot, auto."""

    sender: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a buyer wrote to the robot. `shop` is the slug, `conversation` and `buyer` the outside ids, `kind` text,
    image, order_card or product_card, `rules` the shop's own, `earlier` what was said before, the oldest first."""

    shop: str
    conversation: str
    buyer: str
    text: str
    kind: str = "text"
    rules: tuple[Item, ...] = ()
    earlier: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the robot says. `hand_over`: and then a person takes over; `matched`: by what it knew, for who tries it."""

    text: str = ""
    hand_over: bool = False
    matched: str = ""


class Robot(Protocol):
    """Made anew for each question, without arguments; may take as long as ROBOT_TIMEOUT says, and may fail: then a
    person takes over."""

    def answer(self, question: Question) -> Reply | None:
        """None: it does not know."""
