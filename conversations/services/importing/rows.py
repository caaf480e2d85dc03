"""Judging one row of chat history: a Row, or a BadRow that says why not."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from agents.validators import valid_account_name
from conversations.states import YEARS, Kind, Sender
from core.tabular import CellFault, text_fault

LENGTHS = {"conversation": 100, "buyer": 100, "message_id": 100, "entry": 50, "order_status": 20}
TRUE, FALSE = {"true", "1", "yes"}, {"", "false", "0", "no"}
IDS = ("conversation", "buyer", "message_id")
WITH_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}|\d{8}T\d{4}")
AS_SHOWN = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})[ T]+|年([0-9]{1,2})月([0-9]{1,2})日 *)"
    r"([0-9]{1,2})[:：]([0-9]{2})(?:[:：]([0-9]{2}))?"
)
"""2026/11/20 9:05 and 2026年11月20日 9:05:30, as spreadsheet programs show and save them."""
LOST = {
    CellFault.DIGITS: "is a number of 16 and more digits, of which spreadsheets lose the last; format the column as "
    "text before the ids go in",
    CellFault.DATE: "is a date; format the column as text before the ids go in",
    CellFault.ERROR: "holds an error of a formula",
    CellFault.FORMULA: "holds a formula",
}
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


def judge(
    line: int, values: Mapping[str, Any], zone: ZoneInfo, lost: Mapping[str, CellFault] = MappingProxyType({})
) -> Row:
    """The row of `values` (CONTRACT 4; a missing column is None). Raises BadRow.

    A time without offset is shop time. `lost`: columns that do not hold what was typed.
    """
    texts = {name: _text(name, values) for name in values if name not in ("to_robot", "text")}
    for name in ("conversation", "buyer"):
        if not texts[name]:
            raise BadRow(f"{name}: missing")
    for name, longest in LENGTHS.items():
        if len(texts[name]) > longest:
            raise BadRow(f"{name}: longer than {longest} characters")
    sender = _one_of("sender", texts["sender"], Sender)
    _check_lost((*IDS, "agent") if sender is Sender.AGENT else IDS, values, lost)
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
    """An instant in UTC from ISO 8601, or in shop time from `YYYY-MM-DD HH:MM:SS`, `2026/11/20 9:05` or
    `2026年11月20日 9:05`. Raises BadRow; a date without a time is none.

    Of the two readings of an hour that a clock change repeats, the first; one that it skips is no time at all.
    """
    if not text:
        raise BadRow("sent_at: missing")
    try:
        given = _as_shown(text)
        if given is None and not WITH_TIME.match(text):
            raise ValueError(text)
        given = given or datetime.fromisoformat(text)
        moment = (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRow(f"sent_at: {text[:40]!r} is no time") from error
    if moment.year not in YEARS:
        raise BadRow(f"sent_at: the year {moment.year} is out of range")
    if given.tzinfo is None and moment.astimezone(zone).replace(tzinfo=None) != given:
        raise BadRow(f"sent_at: {text[:40]!r} does not exist in {zone.key}")
    return moment


def _as_shown(text: str) -> datetime | None:
    """A time as people and spreadsheets write it; None for other forms. Raises ValueError for the 30th of February."""
    found = AS_SHOWN.fullmatch(text)
    if found is None:
        return None
    year, _mark, month, day, chinese_month, chinese_day, hour, minute, second = found.groups()
    day_of_month = int(month or chinese_month), int(day or chinese_day)
    return datetime(int(year), *day_of_month, int(hour), int(minute), int(second or 0))


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


def _check_lost(ids: Sequence[str], values: Mapping[str, Any], lost: Mapping[str, CellFault]) -> None:
    """Refuse ids that a spreadsheet program has shortened, for two of them may have become one; and other columns that
    are not what they were. A date is fine where no id is due."""
    faults = {name: fault for name in ids if (fault := text_fault(str(values.get(name, "")).strip()))}
    faults |= {name: fault for name, fault in lost.items() if name in ids or fault is not CellFault.DATE}
    for name, fault in faults.items():
        raise BadRow(f"{name}: {str(values[name])[:40]!r} {LOST[fault]}")


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
