"""Decisions as JSON text, piece by piece: traces name the same people over and over, and few of them have changed.

The text is to the last byte what `json.dumps(told_decision(…), ensure_ascii=False)` would be, on a line of its own or
with `indent=1`; tests hold it against that.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from functools import lru_cache
from itertools import compress
from json.encoder import encode_basestring as quoted
from operator import is_not
from typing import Any

from routing.engine.crews import Cell, LeftOut, Seen
from routing.engine.telling import REASONS, told_time, told_trace
from routing.engine.types import Decision, Finding, Load
from routing.simulator.run import Part, Run


class _People:
    """The pieces of text for one list of names, as they were told last."""

    def __init__(self, writer: "Writer", seen: Seen, depth: int) -> None:
        self._writer, self._depth = writer, depth
        self._names = [quoted(name) for name in seen.names]
        self._cells: Sequence[Cell] = [None] * len(seen.names)  # type: ignore[list-item]  # none told yet
        self._candidates = [""] * len(seen.names)
        self._excluded = [""] * len(seen.names)
        self._told: tuple[str, str] = "", ""
        self._seen: Seen | None = None

    def told(self, seen: Seen) -> tuple[str, str]:
        """The members of the objects `candidates` and `excluded`."""
        if seen is self._seen:
            return self._told
        between = self._writer.between(self._depth)
        for place in compress(range(len(seen.cells)), map(is_not, seen.cells, self._cells)):
            cell, name = seen.cells[place], self._names[place]
            if isinstance(cell, Load):
                self._candidates[place], self._excluded[place] = f"{name}: {self._writer.load(cell)}", ""
            else:
                self._candidates[place], self._excluded[place] = "", f'{name}: "{REASONS[cell]}"'
        self._cells, self._seen = seen.cells, seen
        self._told = between.join(filter(None, self._candidates)), between.join(filter(None, self._excluded))
        return self._told


class Writer:
    """Decisions of a shop in `zone`. `indent`: as `json.dumps(…, indent=1)` has them at `depth`; else on one line."""

    def __init__(self, zone: tzinfo, *, traces: bool, indent: bool, depth: int = 0) -> None:
        self.zone, self.traces, self.depth = zone, traces, depth
        self._indent = indent
        self._people: dict[tuple[str, ...], _People] = {}
        self.load = lru_cache(maxsize=1 << 14)(self._load)
        self._plain: dict[tuple[str, str | None], str] = {}
        self._labels: dict[tuple[str, ...], str] = {(): "[]"}

    def start(self, depth: int) -> str:
        """What stands between a bracket and what it holds at `depth`."""
        return "\n" + " " * depth if self._indent else ""

    def between(self, depth: int) -> str:
        return f",{self.start(depth)}" if self._indent else ", "

    def object(self, members: str, depth: int) -> str:
        """An object whose members stand at `depth`."""
        return f"{{{self.start(depth)}{members}{self.start(depth - 1)}}}" if members else "{}"

    def array(self, items: Sequence[str], depth: int) -> str:
        if not items:
            return "[]"
        return f"[{self.start(depth)}{self.between(depth).join(items)}{self.start(depth - 1)}]"

    def value(self, value: Any, depth: int) -> str:
        """Anything, its outermost bracket at `depth`."""
        if not self._indent:
            return json.dumps(value, ensure_ascii=False)
        return json.dumps(value, ensure_ascii=False, indent=1).replace("\n", "\n" + " " * depth)

    def _load(self, load: Load) -> str:
        return self.value(load._asdict(), self.depth + 4)

    def decision(self, d: Decision) -> str:
        depth = self.depth + 1
        labels = self._labels.get(d.labels)
        if labels is None:
            labels = self._labels[d.labels] = self.value(list(d.labels), depth)
        members = [
            f'"at": "{told_time(d.at, self.zone)}"',
            f'"conversation": {quoted(d.conversation)}',
            f'"buyer": {quoted(d.buyer)}',
            f'"trigger": "{d.trigger}"',
            f'"outcome": "{d.outcome}"',
            f'"agent": {_text(d.agent)}',
            f'"rule": "{d.rule}"',
            f'"pool": {_text(d.pool)}',
            f'"labels": {labels}',
            f'"push": {"true" if d.push else "false"}',
            f'"version": {d.version}',
        ]
        if self.traces:
            members.append(f'"trace": {self.array([self._finding(f, depth + 2) for f in d.trace], depth + 1)}')
        if d.by is not None:
            members += [f'"by": {quoted(d.by)}', f'"reason": {_text(d.reason)}']
        return self.object(self.between(depth).join(members), depth)

    def _finding(self, finding: Finding, depth: int) -> str:
        """Its members at `depth`; what has no people to tell in pieces is told as a whole, and kept if it is plain."""
        seen = finding.candidates
        if isinstance(seen, Seen) and isinstance(finding.excluded, LeftOut):
            return self._shared(finding, seen, depth)
        if finding.contact is not None or finding.holder is not None or seen or finding.excluded:
            return self.value(told_trace([finding], self.zone)[0], depth - 1)
        key = finding.rule, finding.found
        if key not in self._plain:
            self._plain[key] = self.value(told_trace([finding], self.zone)[0], depth - 1)
        return self._plain[key]

    def _shared(self, finding: Finding, seen: Seen, depth: int) -> str:
        people = self._people.get(seen.names)
        if people is None:
            people = self._people[seen.names] = _People(self, seen, depth + 1)
        candidates, excluded = people.told(seen)
        members = [f'"rule": "{finding.rule}"']
        if finding.found is not None:
            members.append(f'"found": "{finding.found}"')
        if candidates:
            members.append(f'"candidates": {self.object(candidates, depth + 1)}')
        if candidates or excluded:
            members.append(f'"excluded": {self.object(excluded, depth + 1)}')
        return self.object(self.between(depth).join(members), depth)


def _text(value: str | None) -> str:
    return "null" if value is None else quoted(value)


def written(run: Run) -> Iterator[str]:
    """`run.result()` as `json.dumps(…, ensure_ascii=False, indent=1)`, in pieces."""
    rest = run.result_without_decisions()
    if Part.DECISIONS not in run.parts:
        yield json.dumps(rest, ensure_ascii=False, indent=1)
        return
    writer = Writer(run.scenario.zone, traces=run.traces, indent=True, depth=2)
    before = '{\n "decisions": ['
    for decision in run.decisions:
        yield f"{before}\n  {writer.decision(decision)}"
        before = ","
    yield "\n ]" if run.decisions else f"{before}]"
    yield "," + json.dumps(rest, ensure_ascii=False, indent=1)[1:] if rest else "\n}"
