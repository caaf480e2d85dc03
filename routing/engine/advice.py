"""What a shop owner should know of settings before they are published: nothing is wrong with them, but look here.

Each piece of advice is a code with its place and the accounts it is about; words are found when it is shown.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple, Protocol

from agents.vocabulary import AGENT_ROLES, Platform
from routing.engine.document import Document
from routing.engine.vocabulary import ENTRIES, ORDER_STATUSES, Assign, Mode

LOW_CAP = 5
"""On Douyin a cap below this starves whoever has it: the least saturated by load ÷ cap is soon full (DY3)."""


class Advised(StrEnum):
    NOBODY_TAKES_PART = "nobody_takes_part"
    STATUS_UNBOUND = "status_unbound"
    LIST_CANNOT = "list_cannot"
    GROUP_EMPTY = "group_empty"
    GROUP_UNBOUND = "group_unbound"
    OFFLINE_EMPTY = "offline_empty"
    OFFLINE_CANNOT = "offline_cannot"
    LOW_CAP = "low_cap"
    UNREACHABLE = "unreachable"
    FALLBACK_ONLY = "fallback_only"


class Somebody(Protocol):
    """What advice looks at of a sub-account; `cap` is the one in force."""

    @property
    def roles(self) -> tuple[str, ...]: ...
    @property
    def enabled(self) -> bool: ...
    @property
    def cap(self) -> int | None: ...


class Advice(NamedTuple):
    """`place`: `pages.<page>`, `groups.<name>`, `entries.<entry>[.<question>]`, `offline`, `agents`,
    or an order status."""

    code: Advised
    place: str = ""
    names: tuple[str, ...] = ()


People = Mapping[str, Somebody]


def advise(document: Document, platform: Platform, people: People) -> list[Advice]:
    """All there is to say of a whole document, what concerns most buyers first."""
    taking = participants(document, people)
    if not taking:
        return [Advice(Advised.NOBODY_TAKES_PART, "agents"), *_offline(document, people)]
    return [
        *_unbound(document),
        *_lists(document, taking),
        *_groups(document, platform, taking),
        *_offline(document, people),
        *_low_caps(platform, people, taking),
        *_reach(document, platform, taking),
    ]


def participants(document: Document, people: People) -> set[str]:
    """Who takes part in routing under these settings (ROUTING section 1, G1)."""
    never = set(document["never_route"])
    return {
        name
        for name, person in people.items()
        if person.enabled and name not in never and not AGENT_ROLES.isdisjoint(person.roles)
    }


def _steer(document: Document) -> bool:
    """Whether groups are in use: always on Taobao, elsewhere by the mode (PDD8, KS8)."""
    return bool(document.get("groups")) and document.get("mode", Mode.GROUPED) != Mode.BASIC


def _unbound(document: Document) -> Iterator[Advice]:
    """KS7; said of every platform with groups, as soon as there is one."""
    groups = document.get("groups", [])
    bound = {status for group in groups for status in group["order_statuses"]}
    if groups:
        yield from (Advice(Advised.STATUS_UNBOUND, status) for status in ORDER_STATUSES if status not in bound)


def _lists(document: Document, taking: set[str]) -> Iterator[Advice]:
    for place, names in _set_lists(document):
        if names and taking.isdisjoint(names):
            yield Advice(Advised.LIST_CANNOT, place, tuple(names))


def _set_lists(document: Document) -> Iterator[tuple[str, list[str]]]:
    for page, names in document.get("pages", {}).items():
        yield f"pages.{page}", names
    for entry, content in document.get("entries", {}).items():
        yield f"entries.{entry}", content.get("agents", [])
        for question, names in content.get("questions", {}).items():
            yield f"entries.{entry}.{question}", names


def _groups(document: Document, platform: Platform, taking: set[str]) -> Iterator[Advice]:
    for group in document.get("groups", []):
        place = f"groups.{group['name']}"
        weights = {member["account"]: member["weight"] for member in group["members"]}
        if not weights:
            if group["order_statuses"]:
                yield Advice(Advised.GROUP_EMPTY, place)
        elif taking.isdisjoint(weights):
            yield Advice(Advised.LIST_CANNOT, place, tuple(weights))
        elif not group["order_statuses"] and platform != Platform.TAOBAO:
            yield Advice(Advised.GROUP_UNBOUND, place)


def _offline(document: Document, people: People) -> Iterator[Advice]:
    """G4, G5: the list is on, and nobody would get anything by it."""
    if not document["offline"]["enabled"]:
        return
    names, never = document["offline"]["agents"], set(document["never_route"])
    if not names:
        yield Advice(Advised.OFFLINE_EMPTY, "offline")
    elif not any(name in people and people[name].enabled and name not in never for name in names):
        yield Advice(Advised.OFFLINE_CANNOT, "offline", tuple(names))


def _low_caps(platform: Platform, people: People, taking: set[str]) -> Iterator[Advice]:
    if platform != Platform.DOUYIN:
        return
    low = [name for name in sorted(taking) if (cap := people[name].cap) is not None and cap < LOW_CAP]
    if low:
        yield Advice(Advised.LOW_CAP, "agents", tuple(low))


def _reach(document: Document, platform: Platform, taking: set[str]) -> Iterator[Advice]:
    """Whom no rule gives a new buyer, and whom only the last resort does."""
    first, last = REACH[platform](document, taking)
    fallback = sorted(taking & last - first)
    never = sorted(taking - first - last)
    if never:
        yield Advice(Advised.UNREACHABLE, "agents", tuple(never))
    if fallback:
        yield Advice(Advised.FALLBACK_ONLY, "agents", tuple(fallback))


Reach = tuple[set[str], set[str]]
"""Whom a new buyer can be given in the ordinary way, and whom when that way finds nobody free."""


def _by_page(document: Document, taking: set[str]) -> Reach:
    if _steer(document):
        return _by_group(document, taking)
    pages = document["pages"]
    if any(not pages.get(page) for page in ENTRIES[Platform.PINDUODUO]):
        return taking, taking
    return _members(pages.values()), taking


def _by_group(document: Document, taking: set[str]) -> Reach:
    """Pinduoduo advanced: an order status that no group binds is everybody's."""
    if any(_unbound(document)):
        return taking, taking
    return _weighted(_bound(document)), taking


def _by_group_evenly(document: Document, taking: set[str]) -> Reach:
    """Kuaishou grouped: as Pinduoduo, but weights steer nothing (KS9)."""
    if not _steer(document) or any(_unbound(document)):
        return taking, taking
    return _names(_bound(document)), taking


def _by_entry(document: Document, taking: set[str]) -> Reach:
    """Douyin: only an entry's own agents get its buyers (DY2), the others at most by overflow (DY8)."""
    entries = document["entries"]
    lists = {entry: list(_lists_of(entries.get(entry, {}))) for entry in ENTRIES[Platform.DOUYIN]}
    if any(not any(names) for names in lists.values()):
        return taking, taking
    by_question = any(content["assign"] == Assign.BY_QUESTION for content in entries.values())
    last = taking if document["queue"]["overflow"] and by_question else set()
    return _members(names for found in lists.values() for names in found), last


def _lists_of(content: Mapping[str, object]) -> Iterator[list[str]]:
    yield content.get("agents", [])  # type: ignore[misc]
    yield from content.get("questions", {}).values()  # type: ignore[attr-defined]


def _by_weight(document: Document, taking: set[str]) -> Reach:
    """Taobao: groups without a status get what none binds (TB3); who is in no group is left to TB6."""
    groups = document["groups"]
    if not groups:
        return taking, taking
    open_to_all = any(_unbound(document))
    reached = _weighted(group for group in groups if group["order_statuses"] or open_to_all)
    weightless = _names(groups) - _weighted(groups)
    return reached, taking - weightless


def _members(lists: Iterable[Iterable[str]]) -> set[str]:
    return {name for names in lists for name in names}


def _bound(document: Document) -> list[Document]:
    return [group for group in document["groups"] if group["order_statuses"]]


def _names(groups: Iterable[Document]) -> set[str]:
    return _members([member["account"] for member in group["members"]] for group in groups)


def _weighted(groups: Iterable[Document]) -> set[str]:
    return {member["account"] for group in groups for member in group["members"] if member["weight"]}


REACH: dict[Platform, Callable[[Document, set[str]], Reach]] = {
    Platform.PINDUODUO: _by_page,
    Platform.KUAISHOU: _by_group_evenly,
    Platform.DOUYIN: _by_entry,
    Platform.TAOBAO: _by_weight,
}
