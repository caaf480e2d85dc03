"""Metrics day by day as static/js/charts.js draws them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from metrics.selectors.trend import Track

TONES = ("acc", "text", "pale")
"""Of the windows' lines, one a metric; as a page's only accent allows."""


def rates_chart(tracks: Sequence[Track]) -> dict[str, Any]:
    """The rate over each metric's window as a line, the first one's own days as dots, the pass lines."""
    first = tracks[0]
    alone = len(tracks) == 1
    lines = [_line(track, TONES[n % len(TONES)], alone=alone) for n, track in enumerate(tracks)]
    own = {
        "name": _("The day's own"),
        "type": "dots",
        "tone": "off",
        "data": [_percent(row.own.rate) for row in first.rows],
    }
    return {
        "x": [date_format(row.day, "m-d") for row in first.rows],
        "axes": [{"percent": True, "max": 100}],
        "series": [own] if alone and first.definition.window_days == 1 else [*lines, own],
        "marks": _pass_lines(tracks),
    }


def _line(track: Track, tone: str, *, alone: bool) -> dict[str, Any]:
    name = _("Over %(count)s days") % {"count": track.definition.window_days} if alone else str(track.label)
    return {"name": name, "type": "line", "tone": tone, "data": [_percent(row.window.rate) for row in track.rows]}


def _pass_lines(tracks: Iterable[Track]) -> list[dict[str, Any]]:
    """Each once, where metrics share one."""
    lines = dict.fromkeys(t.definition.pass_line for t in tracks if t.definition.pass_line is not None)
    return [
        {"value": float(100 * line), "name": _("Pass line %(line)s%%") % {"line": f"{float(100 * line):g}"}}
        for line in lines
    ]


def _percent(rate: float | None) -> float | None:
    return None if rate is None else round(100 * rate, 1)
