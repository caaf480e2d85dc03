"""Metric definitions as data (METRICS section 1) and the presets of the platforms (section 3).

A new preset is a new row in PRESETS. A platform that changes its metric gets a `valid_to` on the old row and a new
row; a shop's own values are overrides laid over the preset of the day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, time
from fractions import Fraction
from typing import Any

from metrics.formulas.kinds import FIRST_FOUR, Kind


@dataclass(frozen=True, slots=True)
class Definition:
    """How one metric is counted and what a fail brings; the fields are those of METRICS section 1."""

    id: str
    key: str
    label: str
    platform: str
    unit: str
    threshold_seconds: int
    service_from: time
    service_to: time
    window_days: int
    counts_robot: bool
    pass_line: Fraction | None
    min_volume: int
    penalties: tuple[Kind, ...]
    source: str
    valid_from: date = date.min
    valid_to: date = date.max
    counting: str = field(init=False)
    """What streaks depend on, in short: two metrics of the same counting have the same streaks."""

    def __post_init__(self) -> None:
        who = "any" if self.counts_robot else "person"
        object.__setattr__(self, "counting", f"{who} {self.service_from:%H:%M}-{self.service_to:%H:%M}")

    def counts_at(self, clock: time) -> bool:
        """Whether a message at `clock`, shop time, lies in the counted hours: half-open, M11.

        Hours may run over midnight; equal ends mean the whole day.
        """
        if self.service_from < self.service_to:
            return self.service_from <= clock < self.service_to
        return clock >= self.service_from or clock < self.service_to

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day <= self.valid_to


@dataclass(frozen=True, slots=True)
class Override:
    """A shop's own values for the metric `key` between two days, both included; None leaves the preset's value."""

    key: str
    valid_from: date
    valid_to: date | None = None
    counts_robot: bool | None = None
    penalties: tuple[Kind, ...] | None = None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def _preset(id: str, platform: str, key: str, label: str, unit: str, seconds: int, **given: Any) -> Definition:
    """A row of METRICS section 3: 08-23, people alone, a window of one day, no line and no penalties, unless given."""
    defaults: dict[str, Any] = {
        "service_from": time(8),
        "service_to": time(23),
        "window_days": 1,
        "counts_robot": False,
        "pass_line": None,
        "min_volume": 1,
        "penalties": (),
    }
    return Definition(id, key, label, platform, unit, seconds, **(defaults | given))


_ASSESSED: dict[str, Any] = {
    "window_days": 3,
    "counts_robot": True,
    "pass_line": Fraction(1, 2),
    "penalties": FIRST_FOUR,
}

PRESETS: tuple[Definition, ...] = (
    _preset("M1", "pinduoduo", "reply_5m", "5分钟回复率", "buyer_day", 300, source="S2 (unit: R)", **_ASSESSED),
    _preset("M2", "pinduoduo", "reply_15m", "15分钟回复率", "buyer_day", 900, source="S2", **_ASSESSED),
    _preset("M3", "pinduoduo", "reply_60m", "1小时回复率", "buyer_day", 3600, source="S2", **_ASSESSED),
    _preset("M4", "pinduoduo", "human_3m", "3分钟人工回复率", "buyer_day", 180, source="R"),
    _preset(
        "M5", "kuaishou", "human_3m", "3分钟人工回复率", "buyer_day", 180,
        window_days=7, pass_line=Fraction(7, 10), source="R",
    ),
    _preset("M6", "douyin", "human_3m", "3分钟人工回复率", "session", 180, pass_line=Fraction(6, 10), source="R"),
    _preset("M8", "douyin", "reply_2m", "2分钟回复率", "session", 120, source="S1"),
    _preset(
        "M7", "taobao", "human_3m", "3分钟人工响应率", "round", 180,
        window_days=30, pass_line=Fraction(8, 10), min_volume=100, source="R",
    ),
)  # fmt: skip


def _with_override(definition: Definition, override: Override) -> Definition:
    changed = definition
    if override.counts_robot is not None:
        changed = replace(changed, counts_robot=override.counts_robot)
    if override.penalties is not None:
        changed = replace(changed, penalties=override.penalties)
    return changed


def definitions_on(platform: str, day: date, overrides: Iterable[Override] = ()) -> tuple[Definition, ...]:
    """The definitions that count `day` on `platform`, each with the shop's overrides of that day laid over it.

    Of several overrides of one metric the one that began last is laid on last.
    """
    held = sorted((o for o in overrides if o.holds_on(day)), key=lambda o: o.valid_from)
    found = []
    for preset in PRESETS:
        if preset.platform == platform and preset.holds_on(day):
            definition = preset
            for override in held:
                if override.key == preset.key:
                    definition = _with_override(definition, override)
            found.append(definition)
    return tuple(found)


def strictest_first(definitions: Iterable[Definition]) -> tuple[Definition, ...]:
    """The assessed metric with the least time to answer first; where none is assessed, the one with the least time."""
    return tuple(sorted(definitions, key=lambda d: (d.pass_line is None, d.threshold_seconds)))


def keys_of(platform: str) -> frozenset[str]:
    """The keys of every metric that `platform` has or has had."""
    return frozenset(preset.key for preset in PRESETS if preset.platform == platform)
