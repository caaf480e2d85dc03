"""Decisions as the contract writes them: JSON-ready, times in the shop's zone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any

from routing.engine.crews import Seen
from routing.engine.types import Decision, Finding, Load
from routing.engine.vocabulary import RECENT_RULES, Excluded, Found

REASONS = {why: why.value for why in Excluded}


@lru_cache(maxsize=1 << 14)
def told_time(at: datetime, zone: tzinfo) -> str:
    """ISO 8601 with offset, in the shop's time zone."""
    return at.astimezone(zone).isoformat()


def told_trace(trace: Iterable[Finding], zone: tzinfo) -> list[dict[str, Any]]:
    """The trace: each rule tried in order with what it found, its candidates' loads, and who was left out and why.

    To be read, not changed: equal loads are one and the same dictionary.
    """
    return [_told_finding(finding, zone) for finding in trace]


def _told_finding(finding: Finding, zone: tzinfo) -> dict[str, Any]:
    told: dict[str, Any] = {"rule": finding.rule}
    if finding.found is not None:
        told["found"] = str(finding.found)
    if finding.contact is not None:
        told["contact"] = {"agent": finding.contact.agent, "at": told_time(finding.contact.at, zone)}
    if finding.holder is not None and finding.since is not None:
        told |= {"holder": finding.holder, "since": told_time(finding.since, zone)}
    candidates, excluded = _told_people(finding)
    if candidates:
        told["candidates"] = candidates
    if candidates or excluded:
        told["excluded"] = excluded
    return told


def _told_people(finding: Finding) -> tuple[dict[str, dict[str, int | None]], dict[str, str]]:
    seen = finding.candidates
    if not isinstance(seen, Seen):
        excluded = {name: str(why) for name, why in finding.excluded.items()}
        return {name: _told_load(load) for name, load in seen.items()}, excluded
    candidates = {}
    excluded = {}
    for name, cell in zip(seen.names, seen.cells, strict=True):
        if isinstance(cell, Load):
            candidates[name] = _told_load(cell)
        else:
            excluded[name] = REASONS[cell]
    return candidates, excluded


@lru_cache(maxsize=1 << 14)
def _told_load(load: Load) -> dict[str, int | None]:
    return load._asdict()


def told_decision(decision: Decision, zone: tzinfo, traces: bool = True) -> dict[str, Any]:
    """A decision as in CONTRACT section 2, "Result"; `trace` is left out where no `traces` were wanted."""
    told: dict[str, Any] = {
        "at": told_time(decision.at, zone),
        "conversation": decision.conversation,
        "buyer": decision.buyer,
        "trigger": decision.trigger.value,
        "outcome": decision.outcome.value,
        "agent": decision.agent,
        "rule": decision.rule,
        "pool": decision.pool,
        "labels": list(decision.labels),
        "push": decision.push,
        "version": decision.version,
    }
    if traces:
        told["trace"] = told_trace(decision.trace, zone)
    if decision.by is not None:
        told |= {"by": decision.by, "reason": decision.reason}
    return told


def by_recent_contact(rule: str, trace: Sequence[Mapping[str, Any]] | None) -> bool:
    """Whether a decision that assigned went to the recent agent as such. `trace` is asked only where the rule's id does
    not say it (KS1)."""
    return rule in RECENT_RULES or bool(trace and trace[-1].get("found") == Found.RECENT_AGENT_ONLINE)
