"""The table of every figure: a line a row, each figure and each metric's rate against the range before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext as _

from agents.models import Shop
from metrics.formulas.definitions import Definition, strictest_first
from metrics.formulas.figures import FIGURES, Unit
from metrics.formulas.figures import Figure as Formula
from metrics.formulas.units import Figures
from metrics.selectors.rates import metric_label
from metrics.selectors.reports import Line, Report
from metrics.tables import RATE, Cell, Column, Row, Table, dimension_words, figure_cell
from metrics.telling_reports import FAMILIES, RATE_DEFINITION, change_text, figure_text
from metrics.telling_reports import FIGURES as WORDS


@dataclass(frozen=True)
class Metric:
    """A column of rates. `lines`: the pass line by the lines' keys; `line`: where it is the same for all of them."""

    key: str
    label: str
    line: Fraction | None = None
    lines: Mapping[object, Fraction | None] = field(default_factory=dict)

    def pass_line(self, of: Line) -> Fraction | None:
        return self.lines.get(of.key, self.line)


def metrics_of(report: Report) -> tuple[Metric, ...]:
    return tuple(Metric(d.key, str(metric_label(d.key, report.shop.platform)), d.pass_line) for d in report.definitions)


def metrics_of_shops(shops: Sequence[Shop], definitions: Mapping[int, Sequence[Definition]]) -> tuple[Metric, ...]:
    """Every metric that one of them has; each shop has its own line. `definitions` by the shops' keys."""
    found: dict[str, Metric] = {}
    every = strictest_first(d for shop in shops for d in definitions[shop.pk])
    for key in dict.fromkeys(d.key for d in every):
        having = {shop.pk: d for shop in shops for d in definitions[shop.pk] if d.key == key}
        labels = {str(metric_label(key, d.platform)) for d in having.values()}
        label = labels.pop() if len(labels) == 1 else str(metric_label(key))
        found[key] = Metric(key, label, lines={shop: d.pass_line for shop, d in having.items()})
    return tuple(found.values())


@dataclass(frozen=True)
class Named:
    """A line with what it is called, and where what is behind it is looked at."""

    line: Line
    label: str
    href: str = ""


def figures_table(metrics: Sequence[Metric], by: str, rows: Iterable[Named], total: Named | None) -> Table:
    """Every figure and every metric's rate, each against the range before."""

    def row(named: Named) -> Row:
        key = named.line.key
        return Row(named.label, _cells(metrics, named.line), named.href, key if isinstance(key, date) else None)

    return Table(
        key="figures",
        title=_("Figures"),
        first=dimension_words(by),
        columns=_columns(metrics),
        rows=tuple(row(named) for named in rows),
        total=row(total) if total else None,
    )


def _columns(metrics: Sequence[Metric]) -> tuple[Column, ...]:
    rates = [
        Column(metric.label, Unit.PERCENT, str(RATE_DEFINITION), n == 0, _("Reply rates"))
        for n, metric in enumerate(metrics)
    ]
    own = [Column(str(WORDS[f.key][0]), f.unit, str(WORDS[f.key][1]), f.main, str(FAMILIES[f.family])) for f in FIGURES]
    return (*rates, *own)


def _cells(metrics: Sequence[Metric], line: Line) -> tuple[Cell, ...]:
    rates = [
        _rate_cell(line.now.rates.get(m.key), line.before.rates.get(m.key), m.pass_line(line), main=n == 0)
        for n, m in enumerate(metrics)
    ]
    return (*rates, *(figure_cell(figure, line.now, line.before) for figure in FIGURES))


def _rate_cell(now: Figures | None, before: Figures | None, line: Fraction | None, *, main: bool) -> Cell:
    rate = now.rate if now else None
    earlier = before.rate if before else None
    below = now is not None and line is not None and now.exact_rate is not None and now.exact_rate < line
    change, _tone = change_text(RATE_FIGURE, rate, earlier)
    return Cell(figure_text(Unit.PERCENT, rate), rate, Unit.PERCENT, change, "bad" if below else "", main)


RATE_FIGURE = Formula(RATE, FIGURES[0].family, Unit.PERCENT, lambda amounts: None, better=1)
