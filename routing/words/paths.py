"""The rule path: the engine's own list of steps, drawn as few numbered boxes as its owners think in.

A step that only repeats another for a special case is folded into that box (PDD2 into PDD4, KS6 into KS9), and the
waits at the end are one box. Where the rules branch, a dashed arc passes by the boxes that are not come to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from routing.engine.settings import Settings, Step
from routing.words import rules
from routing.words.rules import Words, rule_name, rule_sentence

WAITS = ("wait_nobody_online", "wait_all_full", "wait_for_list")
NONE_FREE = _("none free")
CONDITIONS: dict[tuple[str, ...], Words] = {
    ("recent_contact", "recent_away"): _("not online"),
    ("recent_contact", ""): _("no contact"),
    ("group", "anyone", "wait_for_group"): _("none of the group online"),
    ("group", "all_groups"): _("not bound"),
    ("", "offline_list"): _("nobody online"),
    ("", "wait"): _("all full"),
}


@dataclass(frozen=True)
class Box:
    """`steps`: places in the engine's list; the last one is the box's own, those before are folded in."""

    kind: str
    title: Words
    sentence: Words
    steps: tuple[int, ...]
    condition: Words = ""
    """What leads here from the box before."""
    alternative: bool = False
    """Come to in place of the box before, by an arc; nothing leads from that one to this."""


@dataclass(frozen=True)
class Arc:
    """From and to a box (from 0), and when."""

    begin: int
    end: int
    condition: Words


@dataclass(frozen=True)
class Path:
    boxes: tuple[Box, ...]
    arcs: tuple[Arc, ...] = ()
    again: str = ""
    """What makes it begin once more (G21), where that is switched on."""

    @property
    def shown(self) -> tuple[Box, ...]:
        """Without the last wait, but for where the line is a rule of its own (DY7)."""
        own_line = any(box.kind == "entry" for box in self.boxes)
        return self.boxes if own_line else tuple(box for box in self.boxes if box.kind != "wait")


def boxes_of(steps: Sequence[Step]) -> Path:
    """The boxes of a list of steps; every step is in exactly one."""
    folded = any(step.kind == "anyone" for step in steps)
    pending: list[int] = []
    waits: list[int] = []
    boxes: list[Box] = []
    for i, step in enumerate(steps):
        if step.kind == "recent_away" and folded:
            pending.append(i)
        elif step.kind in WAITS:
            waits.append(i)
        elif step.kind == "wait_for_group":
            boxes[-1] = replace(boxes[-1], steps=(*boxes[-1].steps, i), sentence=rules.GROUP_WAITS)
        else:
            own = (*pending, i) if step.kind == "anyone" else (i,)
            boxes.append(_box(step.kind, step, own, _condition(boxes, step.kind, steps)))
    boxes.append(_box("wait", steps[waits[-1]], tuple(waits), _condition(boxes, "wait", steps)))
    return _with_arcs(boxes)


def _box(kind: str, step: Step, places: tuple[int, ...], condition: Words) -> Box:
    return Box(kind, rule_name(step.rule, step.kind), rule_sentence(step.rule, step.kind), places, condition)


def _condition(before: Sequence[Box], kind: str, steps: Sequence[Step]) -> Words:
    """`steps` behind the box before tell whether a full group waits (KS6): then nobody else is asked."""
    if not before:
        return ""
    last = before[-1]
    folded = steps[last.steps[-1]].kind
    keys = ((last.kind, kind, folded), (last.kind, kind), ("", kind), (last.kind, ""))
    return next((CONDITIONS[key] for key in keys if key in CONDITIONS), NONE_FREE)


def _with_arcs(boxes: Sequence[Box]) -> Path:
    """The branches: an arc for each, and no arrow into a box that the one before does not lead to."""
    at = {box.kind: place for place, box in enumerate(boxes)}
    found = list(boxes)
    arcs: list[Arc] = []

    def branch(begin: str, end: str, condition: Words, *, alternative: bool = False) -> None:
        if begin in at and end in at and at[end] - at[begin] > 1:
            arcs.append(Arc(at[begin], at[end], condition))
            if alternative:
                found[at[end]] = replace(found[at[end]], alternative=True)

    if any(box.kind == "anyone" and len(box.steps) > 1 for box in boxes):
        branch("recent_contact", "anyone", _("Last contact not online: skips the box between"))
    if "recent_away" in at:
        branch("recent_contact", "even", _("no contact: straight to the even share"), alternative=True)
    if "all_groups" in at:
        branch("group", "anyone", _("bound to a group, none of it free"))
    if "entry" in at:
        source = "overflow" if "overflow" in at else "entry"
        branch(source, "wait", _("somebody online, all full: waits"), alternative=True)
    return Path(tuple(found), tuple(arcs))


def path_of(settings: Settings) -> Path:
    """The path as these settings make it: what is switched off or empty says so."""
    path = boxes_of(settings.steps)
    return Path(tuple(_as_set(box, settings) for box in path.boxes), path.arcs, _again(settings))


def _again(settings: Settings) -> str:
    rule = settings.silence
    if rule is None:
        return ""
    words = now(
        "No answer for %(seconds)s seconds: once more from the start, without that agent; at most %(times)s times"
    )
    return words % {"seconds": int(rule.after.total_seconds()), "times": rule.times}


def _as_set(box: Box, settings: Settings) -> Box:
    sentence = box.sentence
    if box.kind == "recent_contact":
        recent = settings.recent_contact
        if not recent.enabled:
            sentence = rules.RECENT_OFF
        elif recent.respect_max_concurrent:
            sentence = rules.RECENT_WITHIN_CAP
    elif box.kind == "offline_list":
        if not settings.offline_enabled:
            sentence = rules.OFFLINE_OFF
        elif not settings.offline_agents:
            sentence = rules.OFFLINE_EMPTY
    return replace(box, sentence=sentence)
