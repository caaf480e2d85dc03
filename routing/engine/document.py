"""The routing document (CONTRACT section 2): checked, and made whole with its defaults."""

from collections.abc import Callable, Collection
from typing import Any

from agents.vocabulary import Platform
from routing.engine.checking import (
    Malformed,
    flag,
    join,
    listing,
    mapping,
    one_of,
    positive,
    text,
    unique,
    whole,
)
from routing.engine.vocabulary import DEFAULT_WEIGHT, ENTRIES, MODES, ORDER_STATUSES, Allocation, Assign

Document = dict[str, Any]

WITHIN_HOURS: dict[Platform, int | None] = {
    Platform.PINDUODUO: None,
    Platform.KUAISHOU: 72,
    Platform.DOUYIN: 48,
    Platform.TAOBAO: 72,
}
NOTICE = "当前排队 {count} 人，请稍候。"
BUSY_NOTICE = "咨询人数较多，客服繁忙，请耐心等待或稍后再来。"
MOST_SILENCE = 86_400
"""The longest silence after which somebody else gets a conversation, in seconds: a day."""
EXCLUSIVE_GROUPS = frozenset({Platform.PINDUODUO})
"""Where a sub-account is in one group at most (PDD9)."""
EXCLUSIVE_STATUSES = frozenset({Platform.PINDUODUO, Platform.KUAISHOU})
"""Where an order status is bound to one group at most (KS11)."""


class _Reader:
    """Reads one document of one platform, knowing the shop's account names."""

    def __init__(self, platform: Platform, accounts: Collection[str]) -> None:
        self.platform = platform
        self.accounts = accounts

    def agents(self, value: Any, path: str) -> list[str]:
        """A list of account names, each known and named once."""
        seen: set[str] = set()
        for i, name in enumerate(listing(value, path)):
            self.account(name, f"{path}[{i}]")
            unique(name, f"{path}[{i}]", seen, f'"{name}" is listed twice')
        return list(value)

    def account(self, name: Any, path: str) -> str:
        if not isinstance(name, str) or name not in self.accounts:
            raise Malformed(path, f'no sub-account "{name}"')
        return name

    def mode(self, value: Any, path: str) -> str:
        return one_of(value, path, MODES[self.platform])

    def pages(self, value: Any, path: str) -> Document:
        read = mapping(value, path, ENTRIES[self.platform])
        return {page: found for page, names in read.items() if (found := self.agents(names, join(path, page)))}

    def entries(self, value: Any, path: str) -> Document:
        read = mapping(value, path, ENTRIES[self.platform])
        return {entry: self.entry(rule, join(path, entry)) for entry, rule in read.items()}

    def entry(self, value: Any, path: str) -> Document:
        assign = one_of(mapping(value, path).get("assign", Assign.UNIFIED), join(path, "assign"), Assign)
        if assign == Assign.UNIFIED:
            mapping(value, path, ("assign", "agents"))
            return {"assign": assign, "agents": self.agents(value.get("agents", []), join(path, "agents"))}
        mapping(value, path, ("assign", "questions"))
        questions = mapping(value.get("questions", {}), join(path, "questions"))
        for question in questions:
            text(question, join(path, "questions"), longest=200)
        return {
            "assign": assign,
            "questions": {q: self.agents(names, f"{path}.questions.{q}") for q, names in questions.items()},
        }

    def groups(self, value: Any, path: str) -> list[Document]:
        names: set[str] = set()
        members: set[str] = set()
        statuses: set[str] = set()
        read = []
        for i, group in enumerate(listing(value, path)):
            at = f"{path}[{i}]"
            mapping(group, at, ("name", "members", "order_statuses"))
            name = text(group.get("name"), join(at, "name"), longest=50)
            unique(name, join(at, "name"), names, f'a second group "{name}"')
            read.append(
                {
                    "name": name,
                    "members": self.members(group.get("members", []), join(at, "members"), members),
                    "order_statuses": self.statuses(
                        group.get("order_statuses", []), join(at, "order_statuses"), statuses
                    ),
                }
            )
        return read

    def members(self, value: Any, path: str, elsewhere: set[str]) -> list[Document]:
        here: set[str] = set()
        read = []
        for i, member in enumerate(listing(value, path)):
            at = f"{path}[{i}]"
            mapping(member, at, ("account", "weight"))
            name = self.account(member.get("account"), join(at, "account"))
            unique(name, join(at, "account"), here, f'"{name}" is listed twice')
            if self.platform in EXCLUSIVE_GROUPS:
                unique(name, join(at, "account"), elsewhere, f'"{name}" is in two groups (PDD9)')
            weight = whole(member.get("weight", DEFAULT_WEIGHT), join(at, "weight"), least=0)
            read.append({"account": name, "weight": weight})
        if read and not any(member["weight"] for member in read):
            raise Malformed(path, "weights are all 0")
        return read

    def statuses(self, value: Any, path: str, elsewhere: set[str]) -> list[str]:
        here: set[str] = set()
        for i, status in enumerate(listing(value, path)):
            at = f"{path}[{i}]"
            one_of(status, at, ORDER_STATUSES)
            unique(status, at, here, f'"{status}" is listed twice')
            if self.platform in EXCLUSIVE_STATUSES:
                unique(status, at, elsewhere, f'"{status}" is bound to two groups (KS11)')
        return list(value)

    def allocation(self, value: Any, path: str) -> str:
        return one_of(value, path, Allocation)

    def recent_contact(self, value: Any, path: str) -> Document:
        read = mapping(value, path, ("enabled", "within_hours", "respect_max_concurrent"))
        hours = read.get("within_hours", WITHIN_HOURS[self.platform])
        return {
            "enabled": flag(read.get("enabled", True), join(path, "enabled")),
            "within_hours": None if hours is None else positive(hours, join(path, "within_hours")),
            "respect_max_concurrent": flag(
                read.get("respect_max_concurrent", self.platform == Platform.DOUYIN),
                join(path, "respect_max_concurrent"),
            ),
        }

    def offline(self, value: Any, path: str) -> Document:
        read = mapping(value, path, ("enabled", "agents"))
        return {
            "enabled": flag(read.get("enabled", True), join(path, "enabled")),
            "agents": self.agents(read.get("agents", []), join(path, "agents")),
        }

    def queue(self, value: Any, path: str) -> Document:
        keys = ["show_count_below", "notice", "busy_notice"]
        keys += ["overflow"] if self.platform == Platform.DOUYIN else []
        read = mapping(value, path, keys)
        made: Document = {
            "show_count_below": whole(read.get("show_count_below", 20), join(path, "show_count_below"), least=0),
            "notice": text(read.get("notice", NOTICE), join(path, "notice"), empty=True),
            "busy_notice": text(read.get("busy_notice", BUSY_NOTICE), join(path, "busy_notice"), empty=True),
        }
        if self.platform == Platform.DOUYIN:
            made["overflow"] = flag(read.get("overflow", False), join(path, "overflow"))
        return made

    def busy_threshold(self, value: Any, path: str) -> int:
        return whole(value, path, least=1)

    def auto_close_minutes(self, value: Any, path: str) -> int | float | None:
        return None if value is None else positive(value, path)

    def silence(self, value: Any, path: str) -> Document:
        read = mapping(value, path, ("enabled", "after_seconds", "times"))
        return {
            "enabled": flag(read.get("enabled", False), join(path, "enabled")),
            "after_seconds": whole(
                read.get("after_seconds", 120), join(path, "after_seconds"), least=10, most=MOST_SILENCE
            ),
            "times": whole(read.get("times", 2), join(path, "times"), least=1, most=10),
        }

    def keys(self) -> dict[str, tuple[Callable[[Any, str], Any], Any]]:
        """The platform's keys in order: how each is read, and its default."""
        of: dict[str, tuple[Callable[[Any, str], Any], Any]] = {}
        if self.platform in MODES:
            of["mode"] = (self.mode, "basic")
        if self.platform == Platform.PINDUODUO:
            of["pages"] = (self.pages, {})
        if self.platform == Platform.DOUYIN:
            of["entries"] = (self.entries, {})
            of["allocation"] = (self.allocation, Allocation.LEAST_SATURATED.value)
        else:
            of["groups"] = (self.groups, [])
        of["recent_contact"] = (self.recent_contact, {})
        of["offline"] = (self.offline, {})
        of["never_route"] = (self.agents, [])
        of["queue"] = (self.queue, {})
        if self.platform == Platform.TAOBAO:
            of["busy_threshold"] = (self.busy_threshold, 4)
        of["auto_close_minutes"] = (self.auto_close_minutes, None)
        of["silence"] = (self.silence, {})
        return of


def read_document(value: Any, platform: Platform, accounts: Collection[str], path: str = "") -> Document:
    """The document whole, every key of the platform with its value or default.

    `accounts`: the shop's account names. Raises Malformed naming the place (under `path`).
    """
    keys = _Reader(platform, accounts).keys()
    given = mapping(value, path, keys)
    return {key: read(given.get(key, default), join(path, key)) for key, (read, default) in keys.items()}
