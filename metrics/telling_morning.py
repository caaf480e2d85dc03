"""The morning report in words: the first line says whether the shop stands well."""

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from metrics.formulas.definitions import Definition
from metrics.selectors.morning import Morning
from metrics.selectors.rates import DayFigures, metric_label
from metrics.telling import banner_of
from metrics.telling_reports import duration, headline
from metrics.templatetags.rates import percent


@dataclass(frozen=True)
class MetricTold:
    """`tone`: bad where it failed; `verdict` in a word."""

    name: str
    own: str
    window: str
    line: str
    verdict: str
    tone: str


@dataclass(frozen=True)
class MorningTold:
    subject: str
    sentences: list[str]
    metrics: list[MetricTold]
    agents: list[tuple[str, str, str]]
    """Label, slow replies, mean response."""

    @property
    def lines(self) -> list[str]:
        """The whole as plain text."""
        metrics = [
            _("%(name)s: %(own)s that day, %(window)s over its window, line %(line)s – %(verdict)s") % vars(metric)
            for metric in self.metrics
        ]
        agents = [
            _("%(name)s: %(slow)s slow replies, %(mean)s on average") % {"name": name, "slow": slow, "mean": mean}
            for name, slow, mean in self.agents
        ]
        return [*self.sentences, *metrics, *agents]


def told_morning(found: Morning) -> MorningTold:
    metrics = [_metric(found, definition, figures) for definition, figures in found.metrics]
    failed = [metric for metric in metrics if metric.tone == "bad"]
    return MorningTold(
        subject=_subject(found, failed),
        sentences=[sentence for sentence in (*_standing(found), headline(found.report), _worst(found)) if sentence],
        metrics=metrics,
        agents=[
            (
                label,
                str(line.now.amounts["slow"]),
                _mean(line.now.amounts["response_seconds"], line.now.amounts["responses"]),
            )
            for label, line in found.agents
        ],
    )


def _subject(found: Morning, failed: list[MetricTold]) -> str:
    day = f"{found.day:%m-%d}"
    if failed:
        worst = failed[0]
        return _("morning report of %(day)s: %(metric)s failed, %(rate)s") % {
            "day": day,
            "metric": worst.name,
            "rate": worst.window,
        }
    if not found.report.total.now.amounts["buyers"]:
        return _("morning report of %(day)s: nobody came") % {"day": day}
    return _("morning report of %(day)s: all lines are met") % {"day": day}


def _standing(found: Morning) -> list[str]:
    banner = banner_of(found.shop, found.penalties)
    return [banner.title, banner.missing] if banner else [_("No penalty is in force.")]


def _worst(found: Morning) -> str:
    if found.worst_hour is None:
        return ""
    return _("Most slow replies: %(hour)s:00.") % {"hour": found.worst_hour}


def _metric(found: Morning, definition: Definition, figures: DayFigures | None) -> MetricTold:
    line: Fraction | None = definition.pass_line
    passes = figures.passes if figures else None
    return MetricTold(
        name=str(metric_label(definition.key, found.shop.platform)),
        own=_rate(figures.own.rate, figures.own.passed, figures.own.decided) if figures else "—",
        window=f"{percent(figures.window.rate)}%" if figures and figures.window.rate is not None else "—",
        line="—" if line is None else f"{float(100 * line):g}%",
        verdict=_("Fails") if passes is False else _("Passes") if passes else _("Not assessed"),
        tone="bad" if passes is False else "",
    )


def _rate(rate: float | None, passed: int, decided: int) -> str:
    return "—" if rate is None else f"{percent(rate)}% ({passed}/{decided})"


def _mean(seconds: int, count: int) -> str:
    return duration(seconds / count) if count else "—"
