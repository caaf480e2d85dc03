"""The audit log for people: what an entry changed, a sentence for each thing."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from agents.labels import INVITATION_STATES, PLATFORMS, ROLES, SHIFT_COLOURS, SHORT_WEEKDAYS, SUSPENSIONS
from agents.vocabulary import AuditAction
from conversations.answering import Part
from conversations.labels import ANSWER_PARTS
from routing.words.changes import change_sentences
from routing.words.outgoing import EVENTS, KINDS, OFF_BECAUSE
from routing.words.places import PLACES

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
    "title": _("Title"),
    "welcome": _("Line below the title"),
    "origins": _("Websites"),
    "kind": _("Kind"),
    "address": _("Address"),
    "new_secret": _("New secret"),
    "events": _("Told of"),
    "language": _("Language"),
    "queue_longer": _("Queue longer than"),
    "waited_minutes": _("Waited longer than (minutes)"),
    "cool_down": _("Said again after (minutes)"),
    "off_because": _("Off because"),
    "removed": _("Removed"),
    "weekly": _("Every week"),
    "rotated": _("In turns"),
    "copied": _("Copied"),
    "hidden_pages": _("Hidden pages"),
    "mark": _("Mark"),
    "reason": _("Reason"),
    "note": _("Note"),
    "valid_from": _("Valid from"),
    "valid_to": _("Valid to"),
    "counts_robot": _("Robot counts"),
    "penalties": _("Penalties"),
    "account": _("Account"),
    "shop": _("Shop"),
    "state": _("State"),
    "first_read": _("First read in this hour"),
    "suspension": _("Suspended because"),
}
DAYS = dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), SHORT_WEEKDAYS, strict=True))
CODES: dict[str, Mapping[Any, str | Promise]] = {
    "hidden_pages": PLACES,
    "roles": ROLES,
    "state": INVITATION_STATES,
    "platform": PLATFORMS,
    "colour": SHIFT_COLOURS,
    "events": EVENTS,
    "kind": KINDS,
    "off_because": OFF_BECAUSE,
    "suspension": SUSPENSIONS,
}
"""Keys whose value is a code, or a list of codes, with words of its own."""
LONGEST = 200
NOTHING = "—"


def audit_subject(action: str, subject: str, names: Mapping[str, str]) -> str:
    """What was changed, by the name that people know it by."""
    if action == AuditAction.SETTINGS_PUBLISHED:
        return now("Version %(number)s") % {"number": subject}
    if action == AuditAction.CONVERSATION_READ:
        return now("No. %(number)s") % {"number": subject} if subject else now("all conversations")
    if action == AuditAction.ANSWERS_CHANGED and subject in set(Part):
        return str(ANSWER_PARTS[Part(subject)])
    return now(", ").join(names.get(name, name) for name in subject.split(", "))


def audit_sentences(before: Any, after: Any, platform: str, names: Mapping[str, str]) -> list[str]:
    """What differs between `before` and `after` of an entry; a published version tells its own changes."""
    if isinstance(after, Mapping) and "changes" in after:
        return change_sentences(after["changes"], platform, names)
    old, new = _mapping(before), _mapping(after)
    return [_Told(key, names).said(old, new) for key in dict.fromkeys((*old, *new)) if old.get(key) != new.get(key)]


def _mapping(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    return value if isinstance(value, Mapping) else {"": value}


class _Told:
    """One key of an entry in words."""

    def __init__(self, key: str, names: Mapping[str, str]) -> None:
        self.key, self.names = key, names
        self.field = str(FIELDS.get(key) or DAYS.get(key, key))

    def said(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
        """What is new as a whole has no before."""
        before, after = self._value(old.get(self.key)), self._value(new.get(self.key))
        what = (
            after
            if before == NOTHING and self.key not in old
            else now("%(before)s → %(after)s")
            % {
                "before": before,
                "after": after,
            }
        )
        return now("%(place)s: %(what)s") % {"place": self.field, "what": what} if self.field else what

    def _value(self, value: Any) -> str:
        if isinstance(value, bool):
            return now("yes") if value else now("no")
        if value is None or value in ("", [], {}):
            return NOTHING
        words = CODES.get(self.key)
        if words is None:
            return self._text(value)[:LONGEST]
        many = value if isinstance(value, list) else [value]
        return now(", ").join(str(words.get(code, code)) for code in many)

    def _text(self, value: Any) -> str:
        if isinstance(value, Mapping):
            if "ask" in value:
                return now("“%(ask)s” → “%(answer)s”") % {"ask": value["ask"], "answer": value.get("answer", "")}
            named = (f"{self.names.get(key) or DAYS.get(key, key)} {self._text(part)}" for key, part in value.items())
            return now("; ").join(named)
        if isinstance(value, Iterable) and not isinstance(value, str):
            parts = [self._text(part) for part in value]
            return now("; ").join(parts) if any(isinstance(part, Mapping) for part in value) else now(", ").join(parts)
        return self.names.get(str(value), str(value))
