"""Penalty windows in the tables: replayed from the assessed days, compared with what is there (P1-P5, P8)."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, Q

from agents.models import Shop
from metrics.formulas.assessment import Assessment
from metrics.formulas.days import day_end
from metrics.formulas.kinds import Kind
from metrics.formulas.penalties import Failed, Spoken, Window, penalty_windows
from metrics.models import Alert, DayRate, PenaltyEntry, PenaltyWindow, Prolongation
from metrics.selectors.definitions import shop_definitions
from metrics.services.announcing import announce_penalties


def replay_windows(shop: Shop, first: date, now: datetime) -> None:
    """Make the shop's windows what its assessed days from `first` on, and what people said, bring about.

    A window whose opening day is cured is withdrawn, and kept; one event is alerted once (P5). Must run with the
    shop's AssessmentState locked.
    """
    start = _start_of_replay(shop, first)
    stored = {(row.kind, row.opened_on): row for row in PenaltyWindow.objects.filter(shop=shop, opened_on__gte=start)}
    found = penalty_windows(_assessments(shop, start), _spoken(shop, start, stored.values()), shop.zone)
    for window in found:
        row = stored.pop((window.kind.value, window.opened_on), None)
        _store(shop, window, row, now)
    for row in stored.values():
        if row.state != "withdrawn":
            row.state, row.withdrawn_at = "withdrawn", now
            row.save(update_fields=["state", "withdrawn_at"])
            _alert(row, "withdrawn", row.opened_on)
    _end_what_has_ended(shop, now)


def _end_what_has_ended(shop: Shop, now: datetime) -> None:
    """Timed windows end by themselves (P3). Only after the replay: the last day of a window may prolong it."""
    for row in PenaltyWindow.objects.filter(shop=shop, state="open", ends_at__lte=now):
        row.state = "ended"
        row.save(update_fields=["state"])
        _alert(row, "ended", row.opened_on)


def _start_of_replay(shop: Shop, first: date) -> date:
    """The last day up to `first` before which no window is in force: a replay begins with nothing."""
    start = first
    while True:
        in_force = (
            PenaltyWindow.objects.filter(shop=shop, opened_on__lt=start)
            .exclude(state="withdrawn")
            .filter(Q(ends_at=None) | Q(ends_at__gte=day_end(start, shop.zone)))
        )
        earliest = in_force.order_by("opened_on").values_list("opened_on", flat=True).first()
        if earliest is None:
            return start
        start = earliest


def _assessments(shop: Shop, start: date) -> list[Assessment]:
    rows = DayRate.objects.filter(shop=shop, date__gte=start, assessed=True).order_by("date", "pk")
    penalties = shop_definitions(shop)
    return [
        Assessment(
            row.date,
            row.metric,
            row.figures,
            row.window,
            row.assessed,
            row.passes,
            row.own_passes,
            penalties.penalties_of(row.metric, row.date),
        )
        for row in rows
    ]


def _spoken(shop: Shop, start: date, rows: Iterable[PenaltyWindow]) -> Spoken:
    entries = PenaltyEntry.objects.filter(shop=shop, date__gte=start).values_list("kind", "date")
    entered = {(Kind(kind), day) for kind, day in entries}
    dismissed = {}
    for row in rows:
        key = (Kind(row.kind), row.opened_on)
        if row.mark == "confirmed":
            entered.add(key)
        elif row.mark == "dismissed" and row.marked_at is not None:
            dismissed[key] = row.marked_at
    return Spoken(frozenset(entered), dismissed)


def _reasons(failed: Failed) -> list[dict[str, Any]]:
    return [
        {
            "metric": a.metric,
            "passed": a.window.passed,
            "failed": a.window.failed,
            "own_passed": a.own.passed,
            "own_failed": a.own.failed,
        }
        for a in failed
    ]


def _store(shop: Shop, window: Window, row: PenaltyWindow | None, now: datetime) -> None:
    """Writes what is new or another, and nothing else: a replay of what is known costs a look."""
    row = row or PenaltyWindow(shop=shop, kind=window.kind.value, opened_on=window.opened_on, created_at=now)
    over = window.ends_at is not None and window.ends_at <= now
    values = {
        "starts_at": window.starts_at,
        "not_before": window.not_before,
        "ends_at": window.ends_at,
        "run": window.run,
        "reasons": _reasons(window.because),
        "state": "ended" if over else "open",
        "withdrawn_at": None,
    }
    if _take(row, values):
        row.save()
        _alert(row, "opened", row.opened_on)
        if over:
            _alert(row, "ended", row.opened_on)
    _store_prolongations(row, window, now)


def _take(row: Model, values: dict[str, Any]) -> bool:
    """Put the values on the row; whether it has to be written."""
    if row.pk is not None and all(getattr(row, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    return True


def _store_prolongations(row: PenaltyWindow, window: Window, now: datetime) -> None:
    stored = {one.date: one for one in row.prolongations.all()}
    for prolongation in window.prolongations:
        one = stored.pop(prolongation.day, None) or Prolongation(shop_id=row.shop_id, window=row, date=prolongation.day)
        values = {"until": prolongation.until, "reasons": _reasons(prolongation.because), "withdrawn_at": None}
        if _take(one, values):
            one.save()
            _alert(row, "prolonged", prolongation.day)
    for one in stored.values():
        if one.withdrawn_at is None:
            one.withdrawn_at = now
            one.save(update_fields=["withdrawn_at"])


def _alert(row: PenaltyWindow, event: str, day: date) -> None:
    """Note it, once; whoever follows the shop is told after the commit, or by the next sweep."""
    _alert, made = Alert.objects.get_or_create(shop_id=row.shop_id, window=row, event=event, date=day)
    if made:
        transaction.on_commit(lambda: announce_penalties(shop=row.shop), robust=True)
