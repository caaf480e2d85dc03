"""The form of one automatic answer: as stored, or as posted and what is wrong with it. The service judges."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from conversations.answering import Answers, Content, How, Item, Part, When
from conversations.models import AnswerPart
from conversations.services.answers import Problems, problems_of

UNKNOWN = "抱歉，这个问题我还不会。您可以换个说法，或者回复“人工”，为您转人工客服。"
"""What the robot says when it does not know, until the shop says otherwise: buyers read Chinese."""

MOST_ROWS = 200
"""Rows that are read at all; how many may be saved is the service's to say."""

_KEY = re.compile(r"[a-z0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list; its fields are named `<key>-ask` and so on, its place is where it stands."""

    key: str
    item: Item
    ask_error: str = ""
    answer_error: str = ""

    @property
    def open(self) -> bool:
        """Whether it shows its fields: where something is to be mended."""
        return bool(self.ask_error or self.answer_error)


@dataclass
class AnswersForm:
    part: Part
    token: str
    content: Content
    misses: str
    """As typed: it may be no number."""
    problems: Problems = field(default_factory=dict)
    changed: bool = False
    """Whether it holds what is not saved."""

    @property
    def rows(self) -> list[Row]:
        return [
            Row(
                f"p{item.pk}" if item.pk else f"n{n}",
                item,
                self.problems.get(f"items.{n}.ask", ""),
                self.problems.get(f"items.{n}.answer", ""),
            )
            for n, item in enumerate(self.content.items)
        ]

    @property
    def list_problem(self) -> str:
        return self.problems.get("items", "")

    @property
    def blank(self) -> Row:
        """What a new line is made from."""
        return Row("new", Item("", ""))


def stored_form(part: Part, answers: Answers, rows: Mapping[Part, AnswerPart]) -> AnswersForm:
    """The form with what is in force."""
    row, content = rows.get(part), answers[part]
    if row is None and part == Part.ROBOT:
        content = replace(content, text=UNKNOWN)
    return AnswersForm(part, row.token if row else "", content, str(content.misses))


def posted_form(part: Part, post: QueryDict) -> AnswersForm:
    """What was typed, and what keeps it from being saved."""
    misses = post.get("misses", "2").strip()
    content = Content(
        on=post.get("on") == "1",
        text=_text(post, "text"),
        items=tuple(_items(part, post)) if part != Part.GREETING else (),
        when=When.ALWAYS if post.get("when") == When.ALWAYS else When.UNSTAFFED,
        misses=int(misses) if misses.isascii() and misses.isdigit() and len(misses) < 5 else 0,
        human_words=_text(post, "human_words") if part == Part.ROBOT else Content().human_words,
    )
    if part != Part.ROBOT:
        content = replace(content, misses=Content().misses)
    return AnswersForm(part, post.get("token", ""), content, misses, problems_of(part, content), changed=True)


def _items(part: Part, post: QueryDict) -> list[Item]:
    """The lines in the order in which they stand; one in which nothing was written is none."""
    found = []
    for key in post.getlist("row")[:MOST_ROWS]:
        if not _KEY.fullmatch(key):
            continue
        ask, answer, pk = _text(post, f"{key}-ask"), _text(post, f"{key}-answer"), post.get(f"{key}-pk", "")
        if not ask and not answer:
            continue
        rule = part == Part.ROBOT
        found.append(
            Item(
                ask,
                answer,
                How.PATTERN if rule and post.get(f"{key}-how") == How.PATTERN else How.KEYWORDS,
                on=not rule or post.get(f"{key}-on") == "1",
                pk=int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else None,
            )
        )
    return found


def _text(post: QueryDict, name: str) -> str:
    return post.get(name, "").replace("\r\n", "\n").strip()
