"""A unit of the day in words: what made it pass or fail (M14)."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.templatetags.fenliu import clock
from metrics.formulas.definitions import Definition
from metrics.formulas.units import Verdict
from metrics.selectors.day_detail import DetailRow

VERDICTS: dict[Verdict, str | Promise] = {
    Verdict.PASSED: gettext_lazy("In time"),
    Verdict.FAILED: gettext_lazy("Too late"),
    Verdict.PENDING: gettext_lazy("Still waiting"),
}


def answered_by(row: DetailRow) -> str:
    """Who answered: the robot, a person by name, somebody unknown, nobody."""
    if row.answered_at is None:
        return ""
    return _("Robot") if row.robot else row.by or _("Unknown person")


def why(row: DetailRow, definition: Definition) -> str:
    """What decided it, by the day's strictest metric."""
    if row.verdict is Verdict.PENDING:
        return _("%(time)s left to answer") % {"time": clock(row.left)}
    if row.verdict is Verdict.FAILED:
        return _failed(row, definition)
    if row.robot:
        return _("Answered by the robot, which counts")
    return _("%(count)s questions, all in time") % {"count": row.rounds} if row.rounds > 1 else _("Answered in time")


def _failed(row: DetailRow, definition: Definition) -> str:
    if row.answered_at is None:
        return _("Never answered") if row.charged else _("Never answered: it waited in line, nobody held it")
    over = row.took - definition.threshold_seconds
    if over <= 0:
        return _("On average later than %(time)s") % {"time": clock(definition.threshold_seconds)}
    told = _("%(time)s too late") % {"time": clock(over)}
    return _("%(late)s, the longest of %(count)s") % {"late": told, "count": row.rounds} if row.rounds > 1 else told
