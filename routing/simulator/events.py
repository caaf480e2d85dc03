"""The events of a scenario file, one reader a type."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar

from agents.vocabulary import MAX_CAP, Platform, Status
from conversations.states import ClosedBy, Sender
from routing.engine.checking import Malformed, cap, flag, mapping, one_of, text
from routing.engine.compile import compile_settings
from routing.engine.document import read_document
from routing.engine.events import (
    AgentChange,
    AppLogin,
    AskHuman,
    Close,
    Event,
    Message,
    Open,
    Presence,
    SettingsChange,
    Tick,
    Transfer,
)
from routing.engine.vocabulary import ENTRIES

STATUSES = {status.value: status for status in Status}
SENDERS = {sender.value: sender for sender in Sender}
CLOSERS = {by.value: by for by in ClosedBy}

M = TypeVar("M")


class EventReader:
    """Reads events in order; numbers the versions that `settings` events make."""

    def __init__(
        self, platform: Platform, accounts: Collection[str], roles: Callable[[Any, str], frozenset[str]]
    ) -> None:
        self.platform = platform
        self.accounts = accounts
        self.roles = roles
        self.version = 1
        readers: dict[str, tuple[tuple[str, ...], Callable[[dict[str, Any], str, datetime], Event]]] = {
            "presence": (("agent", "status"), self._presence),
            "app_login": (("agent",), self._app_login),
            "agent": (("agent", "roles", "max_concurrent", "enabled"), self._agent),
            "open": (
                ("conversation", "buyer", "entry", "question", "order_status", "robot", "message"),
                self._open,
            ),
            "ask_human": (("conversation",), self._ask_human),
            "message": (("conversation", "sender", "agent", "kind"), self._message),
            "close": (("conversation", "by"), self._close),
            "transfer": (("conversation", "by", "to", "reason"), self._transfer),
            "settings": (("routing",), self._settings),
            "tick": ((), self._tick),
        }
        self.readers = {kind: (frozenset(("at", "type", *keys)), reader) for kind, (keys, reader) in readers.items()}

    def read(self, row: dict[str, Any], path: str, at: datetime) -> Event:
        kind = row.get("type")
        if not isinstance(kind, str) or kind not in self.readers:
            one_of(kind, f"{path}.type", self.readers)
        keys, reader = self.readers[kind]  # type: ignore[index]  # what is none of them has been refused
        if not keys.issuperset(row):
            mapping(row, path, keys)
        return reader(row, path, at)

    def _account(self, row: dict[str, Any], path: str, key: str = "agent") -> str:
        name = row.get(key)
        if not isinstance(name, str) or name not in self.accounts:
            raise Malformed(f"{path}.{key}", f'no sub-account "{name}"' if key in row else "is missing")
        return name

    def _presence(self, row: dict[str, Any], path: str, at: datetime) -> Event:
        status = _member(row, path, "status", STATUSES)
        return Presence(self._account(row, path), status)

    def _app_login(self, row: dict[str, Any], path: str, at: datetime) -> Event:
        return AppLogin(self._account(row, path))

    def _agent(self, row: dict[str, Any], path: str, at: datetime) -> Event:
        changes: dict[str, object] = {}
        if "roles" in row:
            changes["roles"] = self.roles(row["roles"], f"{path}.roles")
        if "max_concurrent" in row:
            changes["max_concurrent"] = cap(row["max_concurrent"], f"{path}.max_concurrent", MAX_CAP.get(self.platform))
        if "enabled" in row:
            changes["enabled"] = flag(row["enabled"], f"{path}.enabled")
        return AgentChange(self._account(row, path), changes)

    def _open(self, row: dict[str, Any], path: str, at: datetime) -> Event:
        if self.platform in ENTRIES and "entry" not in row:
            raise Malformed(f"{path}.entry", "is missing")
        robot, message = row.get("robot", False), row.get("message", True)
        return Open(
            _id(row, path, "conversation"),
            _id(row, path, "buyer"),
            _optional(row, path, "entry", 50),
            _optional(row, path, "question", 200),
            _optional(row, path, "order_status", 20),
            robot if robot is True or robot is False else flag(robot, f"{path}.robot"),
            message if message is True or message is False else flag(message, f"{path}.message"),
        )

    def _ask_human(self, row: dict[str, Any], path: str, at: datetime) -> Event:
        return AskHuman(_id(row, path, "conversation"))

    def _message(self, row: dict[str, Any], path: str, at: datetime) -> Event:
        sender = _member(row, path, "sender", SENDERS)
        writer = self._account(row, path) if row.get("agent") is not None else None
        kind = _text(row["kind"], path, "kind", 50) if "kind" in row else "text"
        return Message(_id(row, path, "conversation"), sender, writer, kind)

    def _close(self, row: dict[str, Any], path: str, at: datetime) -> Event:
        by = _member(row, path, "by", CLOSERS)
        return Close(_id(row, path, "conversation"), by)

    def _transfer(self, row: dict[str, Any], path: str, at: datetime) -> Event:
        return Transfer(
            conversation=_id(row, path, "conversation"),
            by=self._account(row, path, "by"),
            to=self._account(row, path, "to"),
            reason=_optional(row, path, "reason", 500, empty=True),
        )

    def _settings(self, row: dict[str, Any], path: str, at: datetime) -> Event:
        if "routing" not in row:
            raise Malformed(f"{path}.routing", "is missing")
        document = read_document(row["routing"], self.platform, self.accounts, f"{path}.routing")
        self.version += 1
        return SettingsChange(compile_settings(document, self.platform, self.version, at))

    def _tick(self, row: dict[str, Any], path: str, at: datetime) -> Event:
        return Tick()


def _member(row: dict[str, Any], path: str, key: str, members: Mapping[str, M]) -> M:
    value = row.get(key)
    found = members.get(value) if isinstance(value, str) else None
    if found is None:
        one_of(value, f"{path}.{key}", members)
        raise AssertionError("what is none of them has been refused")
    return found


def _id(row: dict[str, Any], path: str, key: str) -> str:
    return _text(row.get(key), path, key, 100)


def _optional(row: dict[str, Any], path: str, key: str, longest: int, *, empty: bool = False) -> str | None:
    value = row.get(key)
    if value is None:
        return None
    return text(value, f"{path}.{key}", longest=longest, empty=True) if empty else _text(value, path, key, longest)


def _text(value: Any, path: str, key: str, longest: int) -> str:
    """What is clearly in order needs no name for its place."""
    if isinstance(value, str) and len(value) <= longest and value.isprintable() and value and value[0] != " ":
        return value
    return text(value, f"{path}.{key}", longest=longest)
