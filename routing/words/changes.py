"""What changed between two routing documents, in words a shop owner would use."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from routing.engine.vocabulary import Allocation, Assign, Mode
from routing.words.places import PLACES, status_words

Words = str | Promise

MODES: dict[str, Words] = {
    Mode.BASIC: _("basic routing"),
    Mode.ADVANCED: _("advanced routing"),
    Mode.GROUPED: _("grouped routing"),
}
ALLOCATIONS: dict[str, Words] = {
    Allocation.LEAST_SATURATED: _("Least saturated first"),
    Allocation.EVEN_TODAY: _("Evenly over the day"),
    Allocation.PRIORITY: _("By priority (older version)"),
}
ASSIGNMENTS: dict[str, Words] = {
    Assign.UNIFIED: _("one list for all"),
    Assign.BY_QUESTION: _("by question"),
}
SINGLE: dict[str, Words] = {
    "allocation": _("Way of sharing"),
    "recent_contact.enabled": _("Recent contact first"),
    "recent_contact.within_hours": _("Recent contact within (hours)"),
    "recent_contact.respect_max_concurrent": _("Recent contact not over the cap"),
    "offline.enabled": _("Offline list in use"),
    "offline.agents": _("Offline list"),
    "never_route": _("Never-route list"),
    "queue.show_count_below": _("Show the count below"),
    "queue.notice": _("Queue notice"),
    "queue.busy_notice": _("Busy notice"),
    "queue.overflow": _("Overflow"),
    "busy_threshold": _("Busy above"),
    "auto_close_minutes": _("Time-out in minutes"),
    "silence.enabled": _("Reassign on silence"),
    "silence.after_seconds": _("Reassign on silence after (seconds)"),
    "silence.times": _("Reassign on silence at most (times)"),
}
GROUP = re.compile(r"groups\.(?P<group>.*?)(?:\.members\.(?P<member>.+)|\.(?P<statuses>order_statuses))?", re.DOTALL)
ENTRY = re.compile(
    r"entries\.(?P<entry>[^.]+)(?:\.(?P<agents>agents)|\.(?P<assign>assign)|\.questions(?:\.(?P<question>.+))?)?",
    re.DOTALL,
)

Change = Mapping[str, Any]
Names = Mapping[str, str]


def change_sentences(changes: Iterable[Change], platform: str, names: Names | None = None) -> list[str]:
    return [change_sentence(change, platform, names) for change in changes]


def change_sentence(change: Change, platform: str, names: Names | None = None) -> str:
    """One item of `RoutingVersion.changes` in words. `names`: labels by account name; an unknown one as it is."""
    path, names = str(change["path"]), names or {}
    if path == "mode":
        return now("Switched to %(mode)s") % {"mode": MODES.get(change["after"], change["after"])}
    if path.startswith("pages."):
        return _said(PLACES.get(path[6:], path[6:]), _moved(change, names))
    if path.startswith("groups."):
        return _group(change, platform, names)
    if path.startswith("entries."):
        return _entry(change, names)
    return _said(SINGLE.get(path, path), _what(change, names))


def _said(place: Words, what: str) -> str:
    return now("%(place)s: %(what)s") % {"place": place, "what": what}


def _what(change: Change, names: Names) -> str:
    if "added" in change:
        return _moved(change, names)
    return now("%(before)s → %(after)s") % {"before": _value(change["before"]), "after": _value(change["after"])}


def _moved(change: Change, names: Names) -> str:
    """ "+ a2, − a3"."""
    parts = [f"+ {names.get(name, name)}" for name in change.get("added", [])]
    parts += [f"− {names.get(name, name)}" for name in change.get("removed", [])]
    return now(", ").join(parts)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return now("on") if value else now("off")
    if value is None:
        return now("no limit")
    text = str(ALLOCATIONS.get(str(value), value))
    return text if isinstance(value, int | float) or text != value else now("“%(text)s”") % {"text": text}


def _group(change: Change, platform: str, names: Names) -> str:
    found = GROUP.fullmatch(str(change["path"]))
    if found is None:
        return str(change["path"])
    group = found["group"]
    if found["member"] is not None:
        return _said(group, _member(change, names.get(found["member"], found["member"])))
    if found["statuses"]:
        words = {status: status_words(status, platform) for key in ("added", "removed") for status in change[key]}
        return _said(group, _moved(change, words))
    if change.get("before") is None:
        members = [names.get(name, name) for name in change["after"]["members"]]
        what = now("New group “%(group)s”") % {"group": group}
        return _said(what, now(", ").join(members)) if members else what
    return now("Group “%(group)s” deleted") % {"group": group}


def _member(change: Change, name: str) -> str:
    before, after = change["before"], change["after"]
    if before is None:
        return now("+ %(name)s (weight %(weight)s)") % {"name": name, "weight": after}
    if after is None:
        return f"− {name}"
    return now("%(name)s weight %(before)s → %(after)s") % {"name": name, "before": before, "after": after}


def _entry(change: Change, names: Names) -> str:
    found = ENTRY.fullmatch(str(change["path"]))
    if found is None:
        return str(change["path"])
    place = PLACES.get(found["entry"], found["entry"])
    if found["question"] is not None:
        place = f"{place} · {found['question']}"
    if "added" in change:
        if not change["added"] and not change["removed"]:
            return _said(place, now("changed"))
        return _said(place, _moved(change, names))
    if found["assign"]:
        return _said(place, str(ASSIGNMENTS.get(change["after"], change["after"])))
    after = change["after"]
    if after is None:
        return _said(place, now("no longer set"))
    return _said(place, _content(after, names))


def _content(after: Any, names: Names) -> str:
    """An entry or its questions that are new as a whole."""
    if not isinstance(after, Mapping):
        return str(after)
    if "agents" in after:
        return now(", ").join(names.get(name, name) for name in after["agents"]) or now("everyone")
    questions = after.get("questions", after)
    return now("by question") + (now(": ") + now(", ").join(questions) if questions else "")
