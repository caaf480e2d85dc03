"""The audit log for people: what an entry changed, a sentence for each thing."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from agents.labels import PLATFORMS, ROLES
from agents.vocabulary import Platform, Role
from routing.words.changes import change_sentences

FIELDS: dict[str, str | Promise] = {
    "roles": _("Roles"),
    "max_concurrent": _("Cap"),
    "enabled": _("Enabled"),
    "display_name": _("Display name"),
    "name": _("Name"),
    "timezone": _("Time zone"),
    "platform": _("Platform"),
    "colour": _("Colour"),
    "times": _("Times"),
    "status_follows": _("Status follows the shift"),
    "on": _("On"),
    "text": _("Text"),
    "items": _("Lines"),
    "when": _("When"),
    "misses": _("Misses until a person takes over"),
    "human_words": _("Words for a person"),
    "mark": _("Mark"),
    "reason": _("Reason"),
    "note": _("Note"),
    "valid_from": _("Valid from"),
    "valid_to": _("Valid to"),
    "counts_robot": _("Robot counts"),
    "penalties": _("Penalties"),
    "account": _("Account"),
    "shop": _("Shop"),
}
LONGEST = 200


def audit_sentences(before: Any, after: Any, platform: str, names: Mapping[str, str]) -> list[str]:
    """What differs between `before` and `after` of an entry; a published version tells its own changes."""
    if isinstance(after, Mapping) and "changes" in after:
        return change_sentences(after["changes"], platform, names)
    old, new = _mapping(before), _mapping(after)
    return [_said(key, old, new) for key in dict.fromkeys((*old, *new)) if old.get(key) != new.get(key)]


def _mapping(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    return value if isinstance(value, Mapping) else {"": value}


def _said(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    field = FIELDS.get(key, key)
    if not old.get(key) and key not in old:
        return now("%(place)s: %(what)s") % {"place": field, "what": _value(key, new.get(key))}
    values = {"before": _value(key, old.get(key)), "after": _value(key, new.get(key))}
    what = now("%(before)s → %(after)s") % values
    return now("%(place)s: %(what)s") % {"place": field, "what": what} if field else what


def _value(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return now("yes") if value else now("no")
    if value is None or value in ("", [], {}):
        return "—"
    if key == "roles":
        return now(", ").join(str(ROLES[Role(role)]) if role in set(Role) else str(role) for role in value)
    if key == "platform" and value in set(Platform):
        return str(PLATFORMS[Platform(value)])
    return _text(value)[:LONGEST]


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return now("; ").join(f"{key}={_text(part)}" for key, part in value.items())
    if isinstance(value, Iterable) and not isinstance(value, str):
        return now(", ").join(_text(part) for part in value)
    return str(value)
