"""Why somebody got many or few, as a shop owner would say it; what explains most comes first."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.labels import listed
from metrics.formulas.shares import Cause
from metrics.selectors.shares import AgentShare, Shares
from metrics.telling import sentences
from metrics.telling_causes import BEYOND, BUSY, CAPS, NAMES, SENTENCES, UNCLOSED, About, chance_key, figure

MUCH_IDLE = 0.5
"""Of somebody's cap: what was full would mostly not have been without the idle ones."""

MORE_IDLE = 0.15
"""Of the cap, above the others: enough to be passed over by the lowest load ÷ cap."""

EVENLY = 0.05
"""Of an even share: nobody being further off, it is said to be shared out evenly."""

NOT_COUNTED: dict[str, str | Promise] = {
    "never_route": gettext_lazy("on the never-route list"),
    "disabled": gettext_lazy("disabled"),
    "later": gettext_lazy("joined later"),
}
"""Why an agent takes no part, so that no even share is reckoned for them (G1)."""


WHOLE = 0.995
"""Less is told as a part of the time."""

WEIGHTY = 0.04
"""Of an even share: a cause that comes to less is only named."""


@dataclass(frozen=True, slots=True)
class Reason:
    """`key`: a cause, or UNCLOSED or CAPS; `amount`: conversations more (or fewer) than an even share by it."""

    key: str
    amount: float
    name: str | Promise
    sentence: str

    @property
    def count(self) -> int:
        return round(self.amount)


def reasons(row: AgentShare, found: Shares) -> list[Reason]:
    """What speaks for the difference first, the strongest first; then what works against it; chance at its place."""
    about = About(row, [other for other in found.rows if other is not row], found)
    sign = 1 if row.share.difference >= 0 else -1
    told = [_reason(cause, part, about) for cause, part in row.share.parts.items() if round(part)]
    return sorted(told, key=lambda reason: (-sign * reason.amount, reason.key))


def _reason(cause: Cause, part: float, about: About) -> Reason:
    key: str = _key(cause, part, about)
    return Reason(key, part, NAMES[key], SENTENCES[key](about, part))


def _key(cause: Cause, part: float, about: About) -> str:
    """What is behind being full or saturated: left unclosed, a lower cap, or simply so."""
    row = about.row
    if cause is Cause.CHANCE:
        return chance_key(row, about.all)
    if part > 0 or row.cap is None or cause not in (Cause.FULL, Cause.SATURATED):
        return cause
    more = row.idle_part - about.mean(lambda other: other.idle_part)
    if row.idle_part >= MUCH_IDLE or (cause is Cause.SATURATED and more >= MORE_IDLE):
        return UNCLOSED
    return CAPS if any(other.cap is None or other.cap > row.cap for other in about.others) else cause


def weighty(reason: Reason, row: AgentShare) -> bool:
    """Worth a sentence; what is left to chance always is."""
    return reason.key in (Cause.CHANCE, BUSY, BEYOND) or abs(reason.amount) >= max(1.5, WEIGHTY * row.share.even)


def headline(found: Shares) -> str:
    """The whole shop in a sentence or two: who is furthest off, and on the other side, and what explains it."""
    if len(found.rows) < 2:
        return _("Only one agent takes part: there is nothing to share out.")
    sides = (max(found.rows, key=_difference), min(found.rows, key=_difference))
    furthest, other = sorted(sides, key=lambda row: -abs(_difference(row)))
    if abs(_difference(furthest)) < max(1.0, EVENLY * furthest.share.even):
        return _("Shared out evenly: nobody is more than %(count)s off.") % {
            "count": figure(abs(_difference(furthest)))
        }
    told = [_told(furthest, found)]
    if 2 * abs(_difference(other)) >= abs(_difference(furthest)):
        told.append(_told(other, found))
    return sentences([*told, *_beyond(found)])


def given_out(found: Shares) -> str:
    """How much there was to share out, and how far it was looked at."""
    told = [
        _("Routing gave out %(count)s conversations; an even share is %(even)s.")
        % {"count": found.total, "even": figure(found.even)}
    ]
    partly = [row for row in found.rows if row.share.due.took_part < WHOLE]
    if partly:
        much = _("%(count)s took part in some of them only: their even share is smaller.")
        told.append(much % {"count": len(partly)})
    if found.recent:
        told.append(_("%(count)s went to whom the buyer knew already.") % {"count": found.recent})
    if found.every > 1:
        much = _("There are so many that one in %(every)s was looked at: what is said of causes is an estimate.")
        told.append(much % {"every": found.every})
    return sentences(told)


def _beyond(found: Shares) -> list[str]:
    names = [row.label for row in found.rows if chance_key(row, found) == BEYOND]
    return [_("More than chance: %(names)s.") % {"names": listed(names)}] if names else []


def _difference(row: AgentShare) -> float:
    return row.share.difference


def _told(row: AgentShare, found: Shares) -> str:
    sign = 1 if row.share.difference > 0 else -1
    why = [reason for reason in reasons(row, found) if sign * reason.count > 0][:2]
    count = abs(round(row.share.difference))
    told = {"name": row.label, "count": count, "why": _because(why, count)}
    if sign > 0:
        return _("%(name)s received %(count)s more than an even share: %(why)s.") % told
    return _("%(name)s received %(count)s fewer than an even share: %(why)s.") % told


def _because(why: Iterable[Reason], count: int) -> str:
    """The causes, and what is left of `count` after them, so that the figures add up for whoever reckons."""
    named = {reason.name: abs(reason.count) for reason in why}
    told = [_("%(count)s by %(cause)s") % {"count": amount, "cause": cause} for cause, amount in named.items()]
    rest = count - sum(named.values())
    if rest > 0:
        told.append(_("%(count)s by others") % {"count": rest})
    elif rest < 0:
        told.append(_("less %(count)s by what works against it") % {"count": -rest})
    return listed(told)
