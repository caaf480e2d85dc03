"""Each cause of getting many or few: its name, and its sentence with figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import fmean

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.templatetags.fenliu import lasting
from metrics.formulas.shares import Cause, Share
from metrics.selectors.shares import AgentShare, Shares

UNCLOSED = "unclosed"
"""Besides the causes: full or saturated because conversations were left open without a word (G7)."""

CAPS = "caps"
"""Besides the causes: full or saturated because the cap is lower than the others'."""

BUSY = "busy"
"""Besides the causes: beyond chance by the weights alone, where the busy get less (TB5)."""

BEYOND = "beyond"
"""Besides the causes: what neither the rules nor chance explain."""

NAMES: dict[str, str | Promise] = {
    Cause.COMPANY: gettext_lazy("how many others took part"),
    Cause.RECENT: gettext_lazy("returning buyers"),
    Cause.LISTS: gettext_lazy("lists and groups"),
    Cause.OFFLINE: gettext_lazy("time online"),
    Cause.BREAK: gettext_lazy("breaks"),
    Cause.FULL: gettext_lazy("who is full"),
    Cause.SILENT: gettext_lazy("reassigned on silence"),
    Cause.WEIGHT: gettext_lazy("weights"),
    Cause.EVEN: gettext_lazy("fewest today first"),
    Cause.SATURATED: gettext_lazy("least saturated first"),
    Cause.CHANCE: gettext_lazy("chance"),
    UNCLOSED: gettext_lazy("conversations left unclosed"),
    CAPS: gettext_lazy("caps that differ"),
    BUSY: gettext_lazy("the busy get less"),
    BEYOND: gettext_lazy("what the rules do not explain"),
}


@dataclass(frozen=True, slots=True)
class About:
    """One agent beside the others."""

    row: AgentShare
    others: Sequence[AgentShare]
    all: Shares

    def mean(self, value: Callable[[AgentShare], float]) -> float:
        return fmean(value(other) for other in self.others) if self.others else 0.0

    def share(self, count: int) -> int:
        """In percent of the conversations that no recent contact decided."""
        return round(100 * count / self.all.shared) if self.all.shared else 0

    def full(self, row: AgentShare) -> int:
        return self.share(row.share.left_out.get(Cause.FULL, 0))


def _company(about: About, part: float) -> str:
    percent = {"percent": round(100 * about.row.share.due.took_part)}
    if part > 0:
        return _("Took part in %(percent)s%% of the conversations, when fewer others did.") % percent
    return _("Took part in %(percent)s%% of the conversations, when more others did.") % percent


def _recent(about: About, part: float) -> str:
    told = {
        "own": about.row.share.recent,
        "all": about.all.recent,
        "even": figure(about.all.recent * about.row.share.due.fair),
    }
    if not about.row.share.recent:
        return _("None of the shop's %(all)s returning buyers knew them; an even share would be %(even)s.") % told
    return (
        _("%(own)s of the shop's %(all)s returning buyers came back to them; an even share would be %(even)s.") % told
    )


def _lists(about: About, part: float) -> str:
    share = about.row.share
    if not share.looked_at:
        return _("In none of the lists or groups that these buyers belonged to, not once.")
    return _(
        "In the list or group that the buyer belonged to in %(own)s%% of the cases, beside %(with)s others; "
        "the others in %(others)s%%, beside %(others_with)s."
    ) % {
        "own": about.share(share.looked_at),
        "with": figure(share.listed_with),
        "others": round(about.mean(lambda other: about.share(other.share.looked_at))),
        "others_with": figure(about.mean(lambda other: other.share.listed_with)),
    }


def _offline(about: About, part: float) -> str:
    if not about.all.presence_known:
        return _("Offline at other times than the others.")
    told = {
        "online": _span(about.row.online),
        "others": _span(timedelta(seconds=about.mean(lambda other: other.online.total_seconds()))),
        "there": round(100 * about.row.share.there_part),
        "others_there": round(100 * about.mean(lambda other: other.share.there_part)),
        "with": figure(about.row.share.there_with),
        "others_with": figure(about.mean(lambda other: other.share.there_with)),
    }
    if not about.row.online:
        return _("Never online in this time; the others %(others)s on average.") % told
    return (
        _(
            "Online %(online)s, the others %(others)s on average; of the buyers that could have come here %(there)s%% "
            "came while online, beside %(with)s others; of the others' %(others_there)s%%, beside %(others_with)s."
        )
        % told
    )


def _break(about: About, part: float) -> str:
    told = {
        "own": _span(about.row.on_break),
        "others": _span(timedelta(seconds=about.mean(lambda other: other.on_break.total_seconds()))),
        "missed": about.row.share.left_out.get(Cause.BREAK, 0),
        "others_missed": figure(about.mean(lambda other: other.share.left_out.get(Cause.BREAK, 0))),
    }
    if part > 0:
        return (
            _("Others' buyers came here during their breaks: passed over %(others_missed)s times, this one %(missed)s.")
            % told
        )
    return (
        _(
            "On break for %(own)s, the others %(others)s on average; passed over %(missed)s times for it, the others "
            "%(others_missed)s times."
        )
        % told
    )


def _full(about: About, part: float) -> str:
    told = {"own": about.full(about.row), "others": round(about.mean(about.full))}
    if part > 0:
        return _("Others were full (in %(others)s%% of the cases, this one in %(own)s%%).") % told
    return _("Full in %(own)s%% of the cases, the others in %(others)s%%.") % told


def _caps(about: About, part: float) -> str:
    known = [other.cap for other in about.others if other.cap is not None]
    told: dict[str, object] = {"cap": about.row.cap, "own": about.full(about.row)}
    if not known:
        return _("Cap %(cap)s, the others without limit: full in %(own)s%% of the cases.") % told
    told |= {"others": figure(fmean(known))}
    return _("Cap %(cap)s, the others %(others)s on average: full in %(own)s%% of the cases.") % told


def _unclosed(about: About, part: float) -> str:
    return _(
        "%(open)s open on average, %(idle)s of them without a message for over an hour: %(part)s%% of the cap "
        "of %(cap)s. Closing frees their places at once."
    ) % {
        "open": figure(about.row.open.mean),
        "idle": figure(about.row.open.idle),
        "part": round(100 * about.row.idle_part),
        "cap": about.row.cap,
    }


def _silent(about: About, part: float) -> str:
    if part > 0:
        return _("Others did not answer in time, and their buyers came here.")
    missed = about.row.share.left_out.get(Cause.SILENT, 0)
    return _("Taken away %(count)s times for want of an answer in time.") % {"count": missed}


def _weight(about: About, part: float) -> str:
    weights = [other.weight for other in about.others if other.weight is not None]
    if about.row.weight is None or not weights:
        return _("The weights of the groups share it out so.")
    return _("Weight %(own)s, the others %(others)s on average.") % {
        "own": about.row.weight,
        "others": figure(fmean(weights)),
    }


def _even(about: About, part: float) -> str:
    if part > 0:
        return _("Fewest received today goes first: who has had little, or came late, catches up.")
    return _("Fewest received today goes first: who has had many already lets the others go first.")


def _saturated(about: About, part: float) -> str:
    caps = {row.cap for row in about.all.rows}
    if part > 0:
        return _("Least saturated goes first, and that was this one more often (cap %(cap)s).") % {
            "cap": about.row.cap or _("none")
        }
    words = _("Least saturated goes first, and that was somebody else more often.")
    return words if len(caps) == 1 else f"{words} {_('The caps differ.')}"


def chance_key(row: AgentShare, found: Shares) -> str:
    """What the part that no rule names comes to: chance, or more; busyness takes one conversation at a time at most."""
    if not row.share.beyond:
        return Cause.CHANCE
    return BUSY if _busy_times(row, found) >= abs(row.share.chance) - row.share.usual else BEYOND


def _busy_times(row: AgentShare, found: Shares) -> int:
    """How often somebody who got too few had more open than the busy threshold: this one, or else the others."""
    return row.busy if row.share.chance < 0 else sum(other.busy for other in found.rows if other is not row)


def chance_words(row: AgentShare, found: Shares) -> str:
    """What is left when the rules have explained what they can."""
    share = row.share
    if not share.usual:
        return _("Nothing was left to chance.")
    told = {"usual": figure(share.usual), "percent": _percent(share), "times": _busy_times(row, found)}
    words = {
        Cause.CHANCE: _("Within the chance of the rules: up to ±%(usual)s is usual."),
        BEYOND: _(
            "Beyond the chance of the rules: up to ±%(usual)s is usual, so far off comes in %(percent)s%% of cases."
        ),
        BUSY: _(
            "Beyond chance by the weights alone (±%(usual)s is usual): with more open than the busy threshold "
            "%(times)s times, and the busy get less."
        )
        if share.chance < 0
        else _(
            "Beyond chance by the weights alone (±%(usual)s is usual): the others had more open than the busy "
            "threshold %(times)s times, and the busy get less."
        ),
    }
    return words[chance_key(row, found)] % told


def _chance(about: About, part: float) -> str:
    return chance_words(about.row, about.all)


SENTENCES: dict[str, Callable[[About, float], str]] = {
    Cause.COMPANY: _company,
    Cause.RECENT: _recent,
    Cause.LISTS: _lists,
    Cause.OFFLINE: _offline,
    Cause.BREAK: _break,
    Cause.FULL: _full,
    Cause.SILENT: _silent,
    Cause.WEIGHT: _weight,
    Cause.EVEN: _even,
    Cause.SATURATED: _saturated,
    Cause.CHANCE: _chance,
    UNCLOSED: _unclosed,
    CAPS: _caps,
    BUSY: _chance,
    BEYOND: _chance,
}


def figure(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _percent(share: Share) -> str:
    percent = 100 * share.likely
    return f"{percent:.1f}" if percent >= 0.1 else "< 0.1"


def _span(lasted: timedelta) -> str:
    moment = datetime(2000, 1, 1, tzinfo=UTC)
    return lasting(moment, moment + lasted)
