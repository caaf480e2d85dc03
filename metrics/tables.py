"""Reports as tables: what a page shows, what a chart is drawn from and what a file holds are the same rows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents.labels import WEEKDAYS
from metrics.formulas.figures import Figure as Formula
from metrics.formulas.figures import Unit
from metrics.formulas.measures import EDGES, TOOK
from metrics.selectors.reports import Amount, Line, Report, WeekHour
from metrics.telling_reports import FIGURES as WORDS
from metrics.telling_reports import change_text, duration, figure_text, hour_words

Value = float | None
RATE = "rate"


@dataclass(frozen=True)
class Column:
    """`hint`: the definition. `main`: shown where there is little room. `head`: what stands above several columns."""

    label: str
    unit: Unit = Unit.COUNT
    hint: str = ""
    main: bool = True
    head: str = ""


@dataclass(frozen=True)
class Cell:
    text: str
    value: Value = None
    unit: Unit = Unit.COUNT
    change: str = ""
    tone: str = ""
    main: bool = True


@dataclass(frozen=True)
class Row:
    """`href`: where what is behind it is looked at; empty where nothing is. `day`: what its label stands for."""

    label: str
    cells: tuple[Cell, ...]
    href: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Table:
    """`first`: what the rows are. `total`: the last row, None where rows do not add up."""

    key: str
    title: str
    first: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None

    @property
    def heads(self) -> list[tuple[str, int]]:
        """What stands above the columns, and over how many of them."""
        return [(head, len(list(several))) for head, several in groupby(column.head for column in self.columns)]


def dimension_words(by: str) -> str:
    return {
        "day": _("Day"),
        "weekday": _("Weekday"),
        "hour": _("Hour"),
        "agent": _("Agent"),
        "group": _("Group"),
        "entry": _("Entry"),
        "order_status": _("Order status"),
        "shop": _("Shop"),
    }[by]


def figure_cell(figure: Formula, now: Amount, before: Amount) -> Cell:
    value, earlier = figure.of(now.amounts), figure.of(before.amounts)
    change, tone = change_text(figure, value, earlier)
    return Cell(figure_text(figure.unit, value), value, figure.unit, change, tone, figure.main)


def took_table(report: Report) -> Table:
    """The distribution of response times."""
    amounts, total = report.total.now.amounts, report.total.now.amounts["responses"]
    names = [_("up to %(time)s") % {"time": duration(edge)} for edge in EDGES]
    names.append(_("longer than %(time)s") % {"time": duration(EDGES[-1])})
    rows = []
    below = 0
    for name, label in zip(TOOK, names, strict=True):
        below += amounts[name]
        rows.append(Row(label, (_count(amounts[name]), _percent(amounts[name], total), _percent(below, total))))
    columns = (
        Column(_("Answers")),
        Column(_("Part"), Unit.PERCENT),
        Column(_("So far"), Unit.PERCENT, _("Answered within this time or less.")),
    )
    return Table(
        "took",
        _("Response times"),
        _("Within"),
        columns,
        tuple(rows),
        Row(_("In total"), (_count(total), _percent(total, total), _percent(total, total))),
    )


def load_table(hours: Mapping[int, WeekHour], staff: Mapping[int, int], length: int) -> Table:
    """Hour by hour: how much comes, and who is there, on an average day. `staff`: seconds online by hour."""
    rows = tuple(
        Row(
            hour_words(hour),
            (
                _ratio(hours.get(hour, WeekHour()).questions / length),
                _ratio(staff.get(hour, 0) / 3600 / length),
                _count(hours.get(hour, WeekHour()).slow),
            ),
        )
        for hour in sorted({*hours, *staff})
    )
    columns = (
        Column(_("Questions an hour"), Unit.RATIO),
        Column(_("Agents online"), Unit.RATIO, _("Seconds online in this hour ÷ 3,600, on an average day.")),
        Column(_("Slow replies"), Unit.COUNT, str(WORDS["slow"][1])),
    )
    return Table("load", _("Load against staff"), _("Hour"), columns, rows)


def map_table(found: Mapping[tuple[int, int], WeekHour], shown: str) -> Table:
    """The week's map: a row a weekday, a column an hour. `shown`: buyers, slow or rate."""
    hours = range(24)
    unit = Unit.PERCENT if shown == RATE else Unit.COUNT
    rows = []
    for weekday, name in enumerate(WEEKDAYS):
        fields = [found.get((weekday, hour), WeekHour()) for hour in hours]
        cells = [_map_cell(one, shown, unit) for one in fields]
        rows.append(Row(str(name), tuple(cells)))
    return Table("map", _("The week"), _("Weekday"), tuple(Column(hour_words(h), unit) for h in hours), tuple(rows))


def _map_cell(one: WeekHour, shown: str, unit: Unit) -> Cell:
    value: Value = one.figures.rate if shown == RATE else float(one.slow if shown == "slow" else one.buyers)
    return Cell(figure_text(unit, value), value, unit)


def trend_table(report: Report, figure: Formula) -> Table:
    rows = tuple(
        Row(
            date_format(line.key, "m-d"),
            (figure_cell(figure, line.now, line.before), figure_cell(figure, line.before, Amount())),
            day=line.key,
        )
        for line in report.days
    )
    label = str(WORDS[figure.key][0])
    columns = (Column(label, figure.unit), Column(_("The range before"), figure.unit))
    return Table("trend", _("Trend: %(label)s") % {"label": label}, _("Day"), columns, rows)


def beside_table(lines: Iterable[Line], label: Callable[[Line], str], figure: Formula) -> Table:
    """Agents side by side by one figure, the most first."""
    cells = [(label(line), figure_cell(figure, line.now, line.before)) for line in lines]
    cells.sort(key=lambda one: (one[1].value is None, -(one[1].value or 0), one[0]))
    words = str(WORDS[figure.key][0])
    rows = tuple(Row(name, (cell,)) for name, cell in cells)
    return Table(
        "beside",
        _("Agents side by side: %(label)s") % {"label": words},
        _("Agent"),
        (Column(words, figure.unit),),
        rows,
    )


def _count(value: int) -> Cell:
    return Cell(figure_text(Unit.COUNT, value), value, Unit.COUNT)


def _ratio(value: float) -> Cell:
    return Cell(f"{value:.1f}", value, Unit.RATIO)


def _percent(part: int, whole: int) -> Cell:
    value = part / whole if whole else None
    return Cell(figure_text(Unit.PERCENT, value), value, Unit.PERCENT)
