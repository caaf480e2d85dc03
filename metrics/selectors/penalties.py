"""Penalty windows for screens and programs: why opened, until when, what is still missing (P6)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Prefetch, Q, QuerySet, Value, When
from django.utils.functional import Promise

from agents.models import Shop
from metrics.formulas.days import day_end, day_start
from metrics.formulas.kinds import TERMS, Kind
from metrics.formulas.units import Figures
from metrics.labels import KINDS, WINDOW_STATES
from metrics.models import PenaltyWindow, Prolongation
from metrics.selectors.rates import metric_label


@dataclass(frozen=True, slots=True)
class Reason:
    """A metric that failed: its window's figures and the day's own."""

    metric: str
    label: str | Promise
    window: Figures
    own: Figures


@dataclass(frozen=True, slots=True)
class ProlongationRow:
    day: date
    until: datetime
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class PenaltyRow:
    """A penalty window. No reasons: a person entered it (P4). `ends_at` is None while it is not known: then it ends
    at the first 00:00, not before `not_before`, after `passing_days_missing` more days that pass on their own (P3)."""

    id: int
    kind: str
    label: str | Promise
    state: str
    state_label: str | Promise
    opened_on: date
    starts_at: datetime
    ends_at: datetime | None
    not_before: datetime
    passing_days_missing: int
    reasons: tuple[Reason, ...]
    prolongations: tuple[ProlongationRow, ...]
    mark: str
    mark_reason: str
    marked_at: datetime | None
    marked_by: str


def penalty_windows(shop: Shop, first: int = 0, most: int | None = None) -> list[PenaltyRow]:
    """The windows of the shop: those in force first, then the others, the newest first; from `first` on, `most`."""
    return [_row(window) for window in _windows(shop)[first : None if most is None else first + most]]


def penalty_window(shop: Shop, pk: int) -> PenaltyRow | None:
    """One of the shop's windows."""
    window = _windows(shop).filter(pk=pk).first()
    return None if window is None else _row(window)


def windows_between(shop: Shop, date_from: date, date_to: date) -> list[PenaltyRow]:
    """The windows that the days opened, or that were in force on one of them; the oldest first."""
    since = Q(ends_at=None) | Q(ends_at__gt=day_start(date_from, shop.zone)) | Q(opened_on__gte=date_from)
    found = _windows(shop).filter(since, starts_at__lte=day_end(date_to, shop.zone))
    order = list(Kind)
    rows = [_row(window) for window in found]
    return sorted(rows, key=lambda row: (row.opened_on, order.index(Kind(row.kind))))


def _windows(shop: Shop) -> QuerySet[PenaltyWindow]:
    prolongations = Prolongation.objects.filter(withdrawn_at=None).order_by("date")
    open_first = Case(When(state="open", then=Value(0)), default=Value(1))
    return (
        PenaltyWindow.objects.filter(shop=shop)
        .select_related("marked_by")
        .prefetch_related(Prefetch("prolongations", prolongations, to_attr="standing"))
        .order_by(open_first, "-opened_on", "pk")
    )


def _row(window: PenaltyWindow) -> PenaltyRow:
    standing: list[Prolongation] = window.standing  # type: ignore[attr-defined]
    missing = TERMS[Kind(window.kind)].passing_run - window.run
    return PenaltyRow(
        id=window.pk,
        kind=window.kind,
        label=KINDS[Kind(window.kind)],
        state=window.state,
        state_label=WINDOW_STATES[window.state],
        opened_on=window.opened_on,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        not_before=window.not_before,
        passing_days_missing=max(0, missing) if window.state == "open" and window.ends_at is None else 0,
        reasons=_reasons(window.reasons),
        prolongations=tuple(ProlongationRow(p.date, p.until, _reasons(p.reasons)) for p in standing),
        mark=window.mark,
        mark_reason=window.mark_reason,
        marked_at=window.marked_at,
        marked_by=window.marked_by.label if window.marked_by else "",
    )


def _reasons(stored: list[dict[str, Any]]) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            metric=reason["metric"],
            label=metric_label(reason["metric"]),
            window=Figures(reason["passed"], reason["failed"]),
            own=Figures(reason["own_passed"], reason["own_failed"]),
        )
        for reason in stored
    )
