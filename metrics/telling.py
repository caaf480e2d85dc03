"""Rates and penalties in sentences: what a shop owner would say."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import reduce

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from agents.labels import listed
from agents.models import Shop
from metrics.formulas.kinds import TERMS, Kind
from metrics.formulas.units import Figures
from metrics.selectors import MetricToday, PenaltyRow, Reason
from metrics.selectors.definitions import ShopDefinitions, shop_definitions
from metrics.templatetags.rates import percent

EDGE = 0.03
"""So near above the line that a few more late answers would fail it: "on the line"."""


@dataclass(frozen=True)
class Banner:
    """The penalties in force in one sentence, why, and what is still missing where the end is not known."""

    title: str
    why: str
    missing: str
    days: int
    """Days that still must pass in a row, 0 where every end is known."""


@dataclass(frozen=True)
class PenaltyTold:
    """A window with its sentences; `why` one line a metric."""

    row: PenaltyRow
    until: str
    why: list[str]
    prolonged: list[str]


def verdict_of(figures: Figures, line: float | None, meets: bool | None) -> str:
    """pass, edge, fail, none (no line), empty (nothing decided): as metric_tile.html takes it."""
    if line is None:
        return "none"
    if meets is None or figures.rate is None:
        return "empty"
    if not meets:
        return "fail"
    return "edge" if figures.rate < line + EDGE else "pass"


def sentences(told: Iterable[str]) -> str:
    """One after the other; in Chinese with nothing in between."""
    given = [one for one in told if one]
    return reduce(lambda first, then: _("%(first)s %(then)s") % {"first": first, "then": then}, given) if given else ""


def moment(at: datetime) -> str:
    """A time in the shop's zone (the page's own), short."""
    return date_format(localtime(at), "m-d H:i")


def banner_of(shop: Shop, rows: Sequence[PenaltyRow]) -> Banner | None:
    """The windows in force in one sentence; None when there are none."""
    open_ones = [row for row in rows if row.state == "open"]
    if not open_ones:
        return None
    ends: dict[datetime | None, list[str]] = defaultdict(list)
    for row in open_ones:
        ends[row.ends_at].append(str(row.label))
    parts = [_ending(labels, at) for at, labels in ends.items() if at is not None]
    unknown = ends.get(None, [])
    if not parts:
        parts = [listed(unknown)]
    missing = max((row.passing_days_missing for row in open_ones if row.ends_at is None), default=0)
    newest = max(open_ones, key=lambda row: row.opened_on)
    return Banner(
        title=_("Penalty in force: %(what)s") % {"what": _("; ").join(parts)},
        why=sentences(why_lines(newest.reasons, newest, shop_definitions(shop)))
        or _("Entered by hand for %(day)s.") % {"day": f"{newest.opened_on:%m-%d}"},
        missing=_missing(listed(unknown), missing) if unknown else "",
        days=missing,
    )


def _ending(labels: Sequence[str], at: datetime) -> str:
    return _("%(what)s, expected to end %(until)s") % {"what": listed(labels), "until": moment(at)}


def _missing(what: str, days: int) -> str:
    return _("%(what)s: %(days)s more passing days in a row are missing") % {"what": what, "days": days}


def why_lines(reasons: Sequence[Reason], row: PenaltyRow, definitions: ShopDefinitions) -> list[str]:
    """One sentence a metric that failed: its window's rate against the line, and the day's own figures (P6)."""
    return [_why(reason, row, definitions) for reason in reasons]


def _why(reason: Reason, row: PenaltyRow, definitions: ShopDefinitions) -> str:
    found = definitions.find(reason.metric, row.opened_on)
    line = found.pass_line if found and found.pass_line is not None else Fraction(1, 2)
    told = {
        "day": f"{row.opened_on:%m-%d}",
        "metric": reason.label,
        "days": found.window_days if found else 1,
        "rate": percent(reason.window.rate),
        "line": percent(float(line)).removesuffix(".0"),
        "failed": reason.own.failed,
        "all": reason.own.decided,
    }
    return (
        _(
            "%(metric)s of %(day)s (last %(days)s days) %(rate)s%%, below %(line)s%%; "
            "%(failed)s of that day's %(all)s buyers were answered too late."
        )
        % told
    )


def told_penalties(shop: Shop, rows: Sequence[PenaltyRow]) -> list[PenaltyTold]:
    definitions = shop_definitions(shop)
    return [_told(row, definitions) for row in rows]


def _told(row: PenaltyRow, definitions: ShopDefinitions) -> PenaltyTold:
    prolonged = [
        _("%(day)s failed too: prolonged to %(until)s") % {"day": f"{p.day:%m-%d}", "until": moment(p.until)}
        for p in row.prolongations
    ]
    return PenaltyTold(row, _until(row), why_lines(row.reasons, row, definitions), prolonged)


def _until(row: PenaltyRow) -> str:
    if row.ends_at is not None:
        return moment(row.ends_at)
    run = TERMS[Kind(row.kind)].passing_run
    return _("not before %(until)s, and only after %(run)s passing days in a row: %(days)s more are missing") % {
        "until": moment(row.not_before),
        "run": run,
        "days": row.passing_days_missing,
    }


@dataclass(frozen=True)
class State:
    """How the shop stands in one sentence. `tone`: ok, warn, bad or none."""

    tone: str
    sentence: str


def state_of(metrics: Sequence[MetricToday], banner: Banner | None) -> State:
    """Penalty in force, below the line, on the line, or fine."""
    if banner is not None:
        return State("bad", banner.title)
    verdicts = {m.key: verdict_of(m.window, m.pass_line, m.meets_line) for m in metrics}
    for verdict, penalised, tone, words in (
        ("fail", True, "bad", _("%(metrics)s below the line: if the day ends like this, penalties follow.")),
        ("fail", False, "bad", _("%(metrics)s below the line.")),
        ("edge", None, "warn", _("%(metrics)s on the line: a few more late answers would fail it.")),
    ):
        found = [m.label for m in metrics if verdicts[m.key] == verdict and penalised in (None, m.penalised)]
        if found:
            return State(tone, words % {"metrics": listed(found)})
    if all(v in ("empty", "none") for v in verdicts.values()):
        return State("none", _("Nothing has been counted in the last days yet."))
    return State("ok", _("All is well: every reply rate passes, no penalty in force."))


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of a metric today, in a sentence; `tone`: bad, warn, or empty."""

    tone: str
    sentence: str


def outlook_of(metric: MetricToday) -> Outlook | None:
    """P7: how many in a row bring it back to the line, and where the day ends at the present pace: an estimate."""
    found = metric.forecast
    if found is None or metric.window.decided < metric.min_volume:
        return None
    pace = (
        ""
        if found.rate is None
        else _("at the present pace %(rate)s%% (estimate)") % {"rate": percent(float(found.rate))}
    )
    ends = _("By the end of the day %(pace)s.") % {"pace": pace} if pace else ""
    if found.needed == 0:
        if found.passes is False:
            return Outlook("warn", _("Still passes, but %(pace)s: below the line.") % {"pace": pace})
        return Outlook("", ends) if ends else None
    if found.needed is None:
        return Outlook("bad", _("What has failed cannot be made good; today's line is out of reach."))
    words = _("%(count)s more in time, in a row, bring it back to the line; what has failed cannot be made good.")
    return Outlook("bad", sentences([words % {"count": found.needed}, ends]))
