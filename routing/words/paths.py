"""The rule path: the engine's own list of steps, drawn as few numbered boxes as its owners think in.

A step that only repeats another for a special case is folded into that box (PDD2 into PDD4: the dashed arc; KS6 into
KS9), and the waits at the end are one box.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from routing.engine.settings import Settings, Step
from routing.words import rules
from routing.words.rules import Words, rule_name, rule_sentence

WAITS = ("wait_nobody_online", "wait_all_full", "wait_for_list")
NONE_FREE = _("none free")
CONDITIONS: dict[tuple[str, str], Words] = {
    ("recent_contact", "recent_away"): _("not online"),
    ("recent_contact", ""): _("no contact"),
    ("recent_away", "even"): _("no contact"),
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


@dataclass(frozen=True)
class Path:
    boxes: tuple[Box, ...]
    jump: tuple[int, int] | None = None
    """From and to (from 0): the recent agent is not online, so the boxes between are passed by (PDD2)."""
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
            boxes[-1] = Box(
                boxes[-1].kind, boxes[-1].title, boxes[-1].sentence, (*boxes[-1].steps, i), boxes[-1].condition
            )
        else:
            own = (*pending, i) if step.kind == "anyone" else (i,)
            boxes.append(_box(step.kind, step, own, boxes))
    boxes.append(_box("wait", steps[waits[-1]], tuple(waits), boxes))
    at = next((n for n, box in enumerate(boxes) if box.kind == "anyone"), None)
    return Path(tuple(boxes), (0, at) if pending and at is not None and at > 1 else None)


def _box(kind: str, step: Step, places: tuple[int, ...], before: Sequence[Box]) -> Box:
    name, sentence = rule_name(step.rule, step.kind), rule_sentence(step.rule, step.kind)
    return Box(kind, name, sentence, places, _condition(before[-1].kind, kind) if before else "")


def _condition(before: str, kind: str) -> Words:
    keys = ((before, kind), ("", kind), (before, ""))
    return next((CONDITIONS[key] for key in keys if key in CONDITIONS), NONE_FREE)


def path_of(settings: Settings) -> Path:
    """The path as these settings make it: what is switched off or empty says so."""
    path = boxes_of(settings.steps)
    return Path(tuple(_as_set(box, settings) for box in path.boxes), path.jump, _again(settings))


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
    return Box(box.kind, box.title, sentence, box.steps, box.condition)
