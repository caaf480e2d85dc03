"""A decision's trace, told step by step: who was looked at, who was left out and why, and what settled it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from agents.vocabulary import Status
from routing.engine.settings import Step
from routing.engine.vocabulary import Excluded, Found
from routing.words.findings import CHOSEN, EXCLUDED, FOUND, FREE, JUMPED, OFFLINE_CANDIDATE, RECENT_CHOSEN, WOULD_GET_IT
from routing.words.paths import Box, boxes_of
from routing.words.people import Person
from routing.words.rules import rule_name

STATUS_OF: dict[str, str] = {
    Excluded.OFFLINE: Status.OFFLINE,
    Excluded.BREAK: Status.BREAK,
    Excluded.FULL: Status.ONLINE,
    Excluded.NOT_IN_GROUP: Status.ONLINE,
    Excluded.DISABLED: Status.OFFLINE,
}
"""The status that a reason for leaving somebody out tells."""


@dataclass(frozen=True)
class Candidate:
    """A line of templates/_components/candidate.html. `status` is empty where the trace does not tell it."""

    name: str
    status: str
    load: int | None
    cap: int | None
    reason: str
    free: bool = False
    chosen: bool = False

    @property
    def line(self) -> str:
        load = "" if self.load is None else f" {self.load}/{self.cap}" if self.cap else f" {self.load}"
        return f"{self.name}{load} {self.reason}"


SHOWN = 12
"""So many candidates of a rule are shown at once; the rest on request."""


@dataclass(frozen=True)
class ExplanationStep:
    """A step of templates/_components/explanation_step.html. `state`: passed, decided or unreached."""

    number: int
    title: str
    state: str
    reason: str = ""
    candidates: list[Candidate] = field(default_factory=list)

    @property
    def shown(self) -> list[Candidate]:
        """As many as are read; whoever got it is among them."""
        if len(self.candidates) <= SHOWN:
            return self.candidates
        chosen = [line for line in self.candidates[SHOWN:] if line.chosen]
        return self.candidates[: SHOWN - len(chosen)] + chosen

    @property
    def others(self) -> list[str]:
        """The rest, a line each: name, load, why."""
        shown = {id(line) for line in self.shown}
        return [line.line for line in self.candidates if id(line) not in shown]


def explain(
    trace: Sequence[Mapping[str, Any]],
    steps: Sequence[Step],
    *,
    agent: str | None = None,
    people: Mapping[str, Person] | None = None,
    foreseen: bool = False,
) -> list[ExplanationStep]:
    """A trace as `told_trace` gives it and `Decision.trace` keeps it, over the list of steps it was made with.

    `steps`: `compile_settings(version.document, platform, number).steps` of the decision's settings version. `agent`:
    who got it. `people` gives labels, and the loads of those left out; without it account names stand as they are.
    `foreseen`: it has not happened yet.
    """
    people = people or {}
    if trace and trace[0]["rule"] == "G8":
        lines = _candidates(trace[0], "by_hand", agent, people)
        return [ExplanationStep(1, str(rule_name("G8")), "decided", str(FOUND[Found.BY_HAND]), lines)]
    if trace and trace[0]["rule"] == "G21":
        lines = _candidates(trace[0], "", None, people)
        silence = ExplanationStep(1, str(rule_name("G21")), "passed", str(FOUND[Found.SILENCE]), lines)
        told = explain(by_rules(trace), steps, agent=agent, people=people, foreseen=foreseen)
        return [silence, *(replace(step, number=step.number + 1) for step in told)]
    last = len(trace) - 1
    boxes = [box for box in boxes_of(steps).boxes if box.kind != "wait" or last in box.steps]
    told = [_step(n, box, trace, steps, agent, people) for n, box in enumerate(boxes, 1)]
    return [_foreseen(step) for step in told] if foreseen else told


def by_rules(trace: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The steps of a trace that are the platform's, as many as its rules came to: without the silence before (G21)."""
    return trace[1:] if trace and trace[0]["rule"] == "G21" else trace


def _foreseen(step: ExplanationStep) -> ExplanationStep:
    lines = [
        replace(line, reason=str(WOULD_GET_IT)) if line.reason == str(CHOSEN) else line for line in step.candidates
    ]
    return replace(step, candidates=lines)


def _step(
    number: int,
    box: Box,
    trace: Sequence[Mapping[str, Any]],
    steps: Sequence[Step],
    agent: str | None,
    people: Mapping[str, Person],
) -> ExplanationStep:
    last = len(trace) - 1
    title = str(box.title)
    if last in box.steps:
        # Two halves of one box: the one that settled speaks, with the people of the half that looked at them.
        kind = steps[last].kind
        lines = _candidates(trace[last], kind, agent, people)
        if kind == "wait_for_group":
            lines = _candidates(trace[last - 1], "group", agent, people) + lines
        return ExplanationStep(number, title, "decided", _decided(trace[last], kind, lines), lines)
    if box.steps[-1] > last:
        if _passed_by(box, steps, last):
            return ExplanationStep(number, title, "passed", str(JUMPED))
        return ExplanationStep(number, title, "unreached")
    told = _telling(box, trace)
    lines = _candidates(told, box.kind, agent, people) if "excluded" in told else []
    return ExplanationStep(number, title, "passed", _passed(box, told), lines)


def _passed_by(box: Box, steps: Sequence[Step], last: int) -> bool:
    """The dashed arc: what settled it is folded into a box further on (PDD2)."""
    return steps[last].kind == "recent_away" and box.kind in ("page", "group")


def _telling(box: Box, trace: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Of a box's findings the one that says most: whoever was looked at, else its own."""
    found = [trace[i] for i in box.steps]
    if box.kind == "group":
        return found[0]
    own = found[-1]
    return found[0] if own.get("found") == Found.RECENT_AGENT_AWAY else own


def _passed(box: Box, told: Mapping[str, Any]) -> str:
    found = Found(told["found"])
    if found is Found.RECENT_AGENT_AWAY and box.kind != "recent_contact":
        return str(JUMPED)
    return str(FOUND[found])


def _decided(told: Mapping[str, Any], kind: str, lines: Sequence[Candidate]) -> str:
    if told.get("found"):
        return str(FOUND[Found(told["found"])])
    words = _("%(all)s looked at, %(free)s can take it:") % {
        "all": len(lines),
        "free": len(told.get("candidates", {})),
    }
    return f"{FOUND[Found.RECENT_AGENT_AWAY]}{_('; ')}{words}" if kind == "recent_away" else words


def _candidates(told: Mapping[str, Any], kind: str, agent: str | None, people: Mapping[str, Person]) -> list[Candidate]:
    lines = [_free(name, load, kind, agent, people) for name, load in told.get("candidates", {}).items()]
    return lines + [_left_out(name, code, people) for name, code in told.get("excluded", {}).items()]


def _free(name: str, load: Mapping[str, Any], kind: str, agent: str | None, people: Mapping[str, Person]) -> Candidate:
    person = people.get(name)
    offline = kind == "offline_list"
    reason = OFFLINE_CANDIDATE if offline else RECENT_CHOSEN if kind == "recent_contact" else FREE
    return Candidate(
        name=person.label if person else name,
        status=(person.status if person else Status.OFFLINE) if offline else Status.ONLINE,
        load=load["load"],
        cap=load["max_concurrent"],
        reason=str(CHOSEN if name == agent and kind != "recent_contact" else reason),
        free=True,
        chosen=name == agent,
    )


def _left_out(name: str, code: str, people: Mapping[str, Person]) -> Candidate:
    person = people.get(name)
    return Candidate(
        name=person.label if person else name,
        status=STATUS_OF.get(code, ""),
        load=person.load if person else None,
        cap=person.cap if person else None,
        reason=str(EXCLUDED[Excluded(code)]),
    )
