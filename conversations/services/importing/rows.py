"""Judging one row of chat history: a Row, or a BadRow that says why not."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from agents.validators import valid_account_name
from conversations.states import YEARS, Kind, Sender

LENGTHS = {"conversation": 100, "buyer": 100, "message_id": 100, "entry": 50, "order_status": 20}
TRUE, FALSE = {"true", "1", "yes"}, {"", "false", "0", "no"}
WITH_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}|\d{8}T\d{4}")
Word = TypeVar("Word", Sender, Kind)


class BadRow(Exception):
    """The row is refused; the text names the column."""


@dataclass(frozen=True, slots=True)
class Row:
    """A judged row. `sent_at` in UTC; `agent` only with sender `agent`; `identity` unique in the shop."""

    line: int
    identity: str
    conversation: str
    buyer: str
    sender: Sender
    agent: str
    sent_at: datetime
    kind: Kind
    text: str
    entry: str
    order_status: str
    to_robot: bool


def judge(line: int, values: Mapping[str, Any], zone: ZoneInfo) -> Row:
    """The row of `values` (CONTRACT 4; a missing column is None). Raises BadRow.

    A time without offset is shop time.
    """
    texts = {name: _text(name, values) for name in values if name not in ("to_robot", "text")}
    for name in ("conversation", "buyer"):
        if not texts[name]:
            raise BadRow(f"{name}: missing")
    for name, longest in LENGTHS.items():
        if len(texts[name]) > longest:
            raise BadRow(f"{name}: longer than {longest} characters")
    sender = _one_of("sender", texts["sender"], Sender)
    row: dict[str, Any] = {
        "conversation": texts["conversation"],
        "buyer": texts["buyer"],
        "sender": sender,
        "agent": _agent(texts["agent"]) if sender is Sender.AGENT else "",
        "sent_at": parse_time(texts["sent_at"], zone),
        "kind": _one_of("kind", texts["kind"] or Kind.TEXT, Kind),
        "text": _text("text", values, strip=False),
        "entry": texts["entry"],
        "order_status": texts["order_status"],
        "to_robot": _truth(values.get("to_robot")) and sender is Sender.BUYER,
    }
    return Row(line=line, identity=texts["message_id"] or content_identity(row), **row)


def content_identity(row: Mapping[str, Any]) -> str:
    """What stands for a message id where there is none: a hash of the row's content, as judged, so that the same
    message has the same one whatever the file's format."""
    plain = [str(row[name]) if name != "sent_at" else row[name].isoformat() for name in sorted(row)]
    return "content:" + hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def parse_time(text: str, zone: ZoneInfo) -> datetime:
    """An instant in UTC from ISO 8601, or `YYYY-MM-DD HH:MM:SS` in shop time. Raises BadRow.

    Of the two readings of an hour that a clock change repeats, the first; one that it skips is no time at all.
    """
    if not text:
        raise BadRow("sent_at: missing")
    try:
        if not WITH_TIME.match(text):
            raise ValueError(text)
        given = datetime.fromisoformat(text)
        moment = (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRow(f"sent_at: {text[:40]!r} is no time") from error
    if moment.year not in YEARS:
        raise BadRow(f"sent_at: the year {moment.year} is out of range")
    if given.tzinfo is None and moment.astimezone(zone).replace(tzinfo=None) != given:
        raise BadRow(f"sent_at: {text[:40]!r} does not exist in {zone.key}")
    return moment


def _text(name: str, values: Mapping[str, Any], *, strip: bool = True) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadRow(f"{name}: must be text")
    text = str(value).strip() if strip else str(value)
    if "\x00" in text:
        raise BadRow(f"{name}: has a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadRow(f"{name}: has half a character (surrogate)") from error
    return text


def _one_of(name: str, text: str, words: type[Word]) -> Word:
    try:
        return words(text)
    except ValueError as error:
        raise BadRow(f"{name}: {text[:40]!r} is none of {', '.join(words)}") from error


def _agent(name: str) -> str:
    try:
        if name:
            valid_account_name(name)
    except ValidationError as error:
        raise BadRow(f"agent: {name[:60]!r} is no account name") from error
    return name


def _truth(value: Any) -> bool:
    text = str(value if value is not None else "").strip().lower()
    if text not in TRUE | FALSE:
        raise BadRow(f"to_robot: {text[:40]!r} is neither true nor false")
    return text in TRUE
