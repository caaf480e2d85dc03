"""A scenario file, checked and ready to run."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from agents.vocabulary import MAX_CAP, Platform, Role
from conversations.states import YEARS
from routing.engine.checking import Malformed, cap, flag, listing, mapping, one_of, text, unique, whole
from routing.engine.compile import compile_settings
from routing.engine.document import read_document
from routing.engine.events import Event
from routing.engine.settings import Settings
from routing.engine.types import Agent
from routing.simulator.events import EventReader

KEYS = (
    "name",
    "description",
    "rules",
    "platform",
    "timezone",
    "seed",
    "agents",
    "routing",
    "events",
    "expect",
    "expect_errors",
)
EXPECT_KEYS = (
    "conversation",
    "decision",
    "agent",
    "agent_in",
    "outcome",
    "rule",
    "pool",
    "labels",
    "push",
    "state",
)


@dataclass(frozen=True)
class Scenario:
    """These agents, these settings, these events in order of time; and what must come of it."""

    name: str
    platform: Platform
    zone: ZoneInfo
    seed: int
    agents: tuple[Agent, ...]
    settings: Settings
    events: tuple[tuple[datetime, Event], ...]
    expect: tuple[Mapping[str, Any], ...]
    expect_errors: tuple[Mapping[str, Any], ...] | None

    def fresh_agents(self) -> list[Agent]:
        """The agents as at the beginning: a run changes its own."""
        return [Agent(a.name, a.roles, a.max_concurrent, a.mobile_app, a.enabled) for a in self.agents]


def read_scenario(value: Any) -> Scenario:
    """A scenario from parsed JSON. Raises Malformed with one error that names the place."""
    given = mapping(value, "", KEYS)
    for key in ("platform", "agents", "events"):
        if key not in given:
            raise Malformed(key, "is missing")
    platform = Platform(one_of(given["platform"], "platform", Platform))
    zone = _zone(given.get("timezone", "Asia/Shanghai"))
    agents = _agents(given["agents"], platform)
    accounts = {agent.name for agent in agents}
    document = read_document(given.get("routing", {}), platform, accounts, "routing")
    for i, rule in enumerate(listing(given.get("rules", []), "rules")):
        text(rule, f"rules[{i}]", longest=20)
    return Scenario(
        name=text(given.get("name", ""), "name", empty=True),
        platform=platform,
        zone=zone,
        seed=whole(given.get("seed", 0), "seed", least=-(2**63), most=2**63),
        agents=agents,
        settings=compile_settings(document, platform, 1),
        events=tuple(read_events(listing(given["events"], "events"), platform, accounts)),
        expect=tuple(_expectation(row, f"expect[{i}]", accounts) for i, row in enumerate(_list(given, "expect"))),
        expect_errors=_expected_errors(given),
    )


def _list(given: Mapping[str, Any], key: str) -> list[Any]:
    return listing(given.get(key, []), key)


def _zone(value: Any) -> ZoneInfo:
    if not isinstance(value, str) or value not in available_timezones():
        raise Malformed("timezone", f'unknown time zone "{value}"')
    return ZoneInfo(value)


def _agents(value: Any, platform: Platform) -> tuple[Agent, ...]:
    seen: set[str] = set()
    return tuple(_agent(row, f"agents[{i}]", platform, seen) for i, row in enumerate(listing(value, "agents")))


def _agent(value: Any, path: str, platform: Platform, seen: set[str]) -> Agent:
    given = mapping(value, path, ("account", "roles", "max_concurrent", "mobile_app", "enabled"))
    name = text(given.get("account"), f"{path}.account", longest=50)
    unique(name, f"{path}.account", seen, f'a second sub-account "{name}"')
    return Agent(
        name=name,
        roles=roles(given.get("roles", ["agent"]), f"{path}.roles"),
        max_concurrent=cap(given.get("max_concurrent"), f"{path}.max_concurrent", MAX_CAP.get(platform)),
        mobile_app=flag(given.get("mobile_app", False), f"{path}.mobile_app"),
        enabled=flag(given.get("enabled", True), f"{path}.enabled"),
    )


def roles(value: Any, path: str) -> frozenset[str]:
    return frozenset(one_of(role, f"{path}[{i}]", Role) for i, role in enumerate(listing(value, path)))


def read_events(rows: Iterable[Any], platform: Platform, accounts: Collection[str]) -> Iterator[tuple[datetime, Event]]:
    """The events of a scenario in order, each with its time (UTC). Raises Malformed when it comes to what is."""
    reader = EventReader(platform, accounts, roles)
    before: datetime | None = None
    for i, row in enumerate(rows):
        path = f"events[{i}]"
        if not isinstance(row, dict):
            mapping(row, path)
        at = _time(row.get("at"), path)
        if before is not None and at < before:
            raise Malformed(f"{path}.at", f"is earlier than events[{i - 1}].at")
        before = at
        yield at, reader.read(row, path, at)


def _time(value: Any, event: str) -> datetime:
    """ISO 8601 with offset, as UTC."""
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is not None and at.year in YEARS:
            return at if at.tzinfo is UTC else at.astimezone(UTC)
    except TypeError:
        raise Malformed(f"{event}.at", "must be a time, ISO 8601 with offset") from None
    except (ValueError, OverflowError):
        raise Malformed(f"{event}.at", f'"{value}" is no ISO 8601 time') from None
    problem = f'"{value}" has no offset' if at.tzinfo is None else f"the year {at.year} is out of range"
    raise Malformed(f"{event}.at", problem)


def _expectation(value: Any, path: str, accounts: set[str]) -> Mapping[str, Any]:
    row = mapping(value, path, EXPECT_KEYS)
    text(row.get("conversation"), f"{path}.conversation", longest=100)
    if "decision" in row:
        whole(row["decision"], f"{path}.decision", least=1)
    named = [row.get("agent")] if "agent" in row else []
    named += listing(row.get("agent_in", []), f"{path}.agent_in")
    for name in named:
        if name is not None and (not isinstance(name, str) or name not in accounts):
            raise Malformed(f"{path}.agent", f'no sub-account "{name}"')
    return row


def _expected_errors(given: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...] | None:
    if "expect_errors" not in given:
        return None
    rows = listing(given["expect_errors"], "expect_errors")
    return tuple(mapping(row, f"expect_errors[{i}]", ("event", "code")) for i, row in enumerate(rows))
