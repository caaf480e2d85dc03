"""What is typed on the settings page, laid over the routing document. The engine's own checks are the judge.

A field is called as the engine calls its place (`groups[0].members[1].weight`). What does not pass stays typed, with
the objection at its place, while the document keeps the last value that passed.
"""

import re
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from typing import Any

from agents.errors import Refused
from agents.vocabulary import Platform
from routing.engine.checking import Malformed
from routing.engine.document import Document, read_document
from routing.words import problem_words

PREFIX = "f:"


def _whole(text: str) -> object:
    return int(text) if re.fullmatch(r"\s*-?\d{1,9}\s*", text) else text


def _number(text: str) -> object:
    """Nothing typed is no limit."""
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value.is_integer() else value


def _text(text: str) -> object:
    return text.strip()


def _flag(text: str) -> object:
    return text == "1"


KINDS: tuple[tuple[str, Callable[[str], object]], ...] = (
    (r"groups\[\d+\]\.members\[\d+\]\.weight|queue\.show_count_below|busy_threshold", _whole),
    (r"silence\.(after_seconds|times)", _whole),
    (r"recent_contact\.within_hours|auto_close_minutes", _number),
    (r"groups\[\d+\]\.name|mode|allocation|queue\.(busy_)?notice", _text),
    (r"recent_contact\.(enabled|respect_max_concurrent)|offline\.enabled|queue\.overflow|silence\.enabled", _flag),
)


def typed_in(post: Mapping[str, str]) -> dict[str, str]:
    """The fields of a request by place."""
    return {name.removeprefix(PREFIX): value for name, value in post.items() if name.startswith(PREFIX)}


def lay_over(
    document: Document, typed: Mapping[str, str], platform: Platform, accounts: Collection[str]
) -> tuple[Document, dict[str, str]]:
    """The document with what passes of `typed`, and the objections to the rest, by place."""
    values = {place: value for place, text in typed.items() if (value := _value(place, text)) is not _UNKNOWN}
    errors: dict[str, str] = {}
    while True:
        tried = deepcopy(document)
        for place, value in values.items():
            put(tried, place, value)
        try:
            return read_document(tried, platform, accounts), errors
        except Malformed as error:
            wrong = _concerned(error.path, values)
            if not wrong:
                raise Refused("malformed", str(error), field=error.path) from None
            errors[error.path] = problem_words(error.problem)
            for place in wrong:
                del values[place]


_UNKNOWN = object()


def _value(place: str, text: str) -> object:
    for pattern, read in KINDS:
        if re.fullmatch(pattern, place):
            return read(text)
    return _UNKNOWN


def _concerned(path: str, values: Mapping[str, object]) -> list[str]:
    """The typed places that an objection at `path` is about; if none is, all under the same key."""
    near = [place for place in values if place.startswith(path)]
    return near or [place for place in values if _keys(place)[0] == _keys(path)[0]]


def _keys(place: str) -> list[str]:
    return re.findall(r"[^.\[\]]+", place)


def put(document: Any, place: str, value: object) -> None:
    """Set what stands at `place`; a place that is no longer there is passed over."""
    *way, last = _keys(place)
    try:
        for key in way:
            document = document[int(key)] if isinstance(document, list) else document[key]
        document[last] = value
    except (KeyError, IndexError, ValueError, TypeError):
        return
