"""What a shop answers by itself, and when it fits. Pure: the screens' preview, the lane and the robot all ask here.

Four parts (S2): greeting 开场白, hot questions 热门问题, self-service menu 自助菜单, robot 机器人. All are off until
the shop says otherwise.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

import re2

LONGEST_PATTERN = 200
PATTERN_MEMORY = 1 << 20
"""Bytes that a compiled pattern may take: what needs more is refused."""

LOOKED_AT = 1000
"""Characters of a message that rules look at: nobody asks anything after that."""


HUMAN_WORDS = "人工，转人工，人工客服"
"""By which a buyer asks for a person, until the shop says otherwise."""


class Part(StrEnum):
    GREETING = "greeting"
    HOT_QUESTIONS = "hot_questions"
    MENU = "menu"
    ROBOT = "robot"


class How(StrEnum):
    """How a rule of the robot looks at what the buyer wrote."""

    KEYWORDS = "keywords"
    PATTERN = "pattern"


class When(StrEnum):
    """When the robot answers first."""

    ALWAYS = "always"
    UNSTAFFED = "unstaffed"


@dataclass(frozen=True, slots=True)
class Item:
    """A hot question, a line of the menu, or a rule of the robot: what is asked, and the answer to it."""

    ask: str
    answer: str
    how: How = How.KEYWORDS
    on: bool = True
    pk: int | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """One part as a shop has it. `text`: the greeting, the words above the menu, or what the robot says when it does
    not know; the last three fields are the robot's alone."""

    on: bool = False
    text: str = ""
    items: tuple[Item, ...] = ()
    when: When = When.UNSTAFFED
    misses: int = 2
    human_words: str = HUMAN_WORDS


EMPTY: Mapping[Part, Content] = {part: Content() for part in Part}


@dataclass(frozen=True, slots=True)
class Automatic:
    """A message that goes out by itself."""

    part: Part
    text: str


@dataclass(frozen=True, slots=True)
class Answers:
    """The four parts of one shop."""

    parts: Mapping[Part, Content] = field(default_factory=lambda: EMPTY)

    def __getitem__(self, part: Part) -> Content:
        return self.parts[part]

    @property
    def greeting(self) -> Automatic | None:
        """What a buyer is greeted with."""
        greeting = self[Part.GREETING]
        return Automatic(Part.GREETING, greeting.text) if greeting.on and greeting.text else None

    @property
    def menu(self) -> Automatic | None:
        """What is sent when the buyer sends an order card: the words above it, and a line for each label."""
        menu = self[Part.MENU]
        if not menu.on or not menu.items:
            return None
        return Automatic(Part.MENU, menu_text(menu.text, [item.ask for item in menu.items]))

    def hot_question(self, pk: int) -> Item | None:
        """The hot question of that key, while they are on."""
        hot = self[Part.HOT_QUESTIONS]
        return next((item for item in hot.items if item.pk == pk), None) if hot.on else None

    def to_text(self, text: str) -> Automatic | None:
        """What answers words that are a hot question, or a label of the menu."""
        asked = plain(text)
        for part in (Part.HOT_QUESTIONS, Part.MENU):
            content = self[part]
            found = next((item for item in content.items if plain(item.ask) == asked), None) if content.on else None
            if found is not None and asked:
                return Automatic(part, found.answer)
        return None


def menu_text(intro: str, labels: Iterable[str]) -> str:
    return "\n".join(filter(None, [intro, *(f"· {label}" for label in labels)]))


def plain(text: str) -> str:
    """Words for comparing: width, case, spaces and the mark at the end make no difference."""
    folded = " ".join(unicodedata.normalize("NFKC", text[:LOOKED_AT]).casefold().split())
    return folded.rstrip("?!.。,~… ")


def words_of(text: str) -> list[str]:
    """What stands between commas, of either width, semicolons, 、 or line ends."""
    return [word.strip() for word in re.split(r"[,，、;；\n]+", text) if word.strip()]


def asks_for_human(robot: Content, text: str) -> bool:
    """Whether the buyer wants a person: one of the words is somewhere in it. Rather once too often than never."""
    asked = plain(text)
    return any(plain(word) in asked for word in words_of(robot.human_words) if plain(word))


class BadPattern(ValueError):
    """A pattern that cannot be used; the argument says why, in the library's words."""


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> Any:
    """A pattern ready to search with. Raises BadPattern.

    RE2 takes time in proportion to the text, whatever the pattern: nothing that somebody types here can make it
    backtrack for minutes. The price: no look-around, no back-references.
    """
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = PATTERN_MEMORY
    if len(pattern) > LONGEST_PATTERN:
        raise BadPattern(f"longer than {LONGEST_PATTERN}")
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        said = error.args[0] if error.args else ""
        raise BadPattern(said.decode(errors="replace") if isinstance(said, bytes) else str(said)) from None


def pattern_fits(pattern: str, text: str) -> bool:
    """Whether the pattern is found in the text; one that cannot be used fits nothing."""
    try:
        looked_at = unicodedata.normalize("NFKC", text[:LOOKED_AT]).encode(errors="replace")
        found = compiled(pattern).search(looked_at)
    except BadPattern:
        return False
    return found is not None


def fits(rule: Item, text: str) -> bool:
    """Whether a rule of the robot is about this text."""
    if rule.how == How.PATTERN:
        return pattern_fits(rule.ask, text)
    asked = plain(text)
    return any(plain(word) in asked for word in words_of(rule.ask) if plain(word))


def first_fit(rules: Sequence[Item], text: str) -> tuple[int, Item] | None:
    """The first rule that is on and fits, with its place from 1."""
    if not plain(text):
        return None
    return next(((n, rule) for n, rule in enumerate(rules, 1) if rule.on and fits(rule, text)), None)
