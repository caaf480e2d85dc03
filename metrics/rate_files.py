"""Rates day by day as a file's rows."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from agents.views.downloads import Figure
from metrics.formulas.figures import Unit
from metrics.selectors.rates import DayFigures
from metrics.selectors.trend import Track
from metrics.table_files import FORMATS
from metrics.templatetags.rates import percent


def tracks_file(tracks: Sequence[Track]) -> tuple[list[str], Iterator[list[object]]]:
    """Head and rows: of each metric the day's own units and rate, the window's rate and the verdict."""
    head = [_("Day")]
    for track in tracks:
        head += [
            f"{track.label} · {words}"
            for words in (_("passed"), _("decided"), _("The day's own"), _("Window"), _("Verdict"))
        ]
    rows = zip(*(track.rows for track in tracks), strict=True)
    return head, ([row[0].day, *(cell for one in row for cell in _cells(one))] for row in rows)


def _cells(one: DayFigures) -> list[object]:
    verdict = "" if one.passes is None else _("Passes") if one.passes else _("Fails")
    return [one.own.passed, one.own.decided, rate_cell(one.own.rate), rate_cell(one.window.rate), verdict]


def rate_cell(rate: float | None) -> object:
    """A rate as a file has it; none is an empty cell."""
    return "" if rate is None else Figure(rate, FORMATS[Unit.PERCENT], f"{percent(rate)}%")
