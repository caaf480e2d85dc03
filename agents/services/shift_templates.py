"""Plans one click away: the shifts of a template, and people dealt out to them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.duty import Shift, Span
from agents.errors import Refused
from agents.models import ShiftException, ShiftKind, Shop, SubAccount
from agents.services.audit import record
from agents.services.shifts import lock_plan, save_kind, set_weeks
from agents.shifts import monday_of, staff_of
from agents.vocabulary import AuditAction, ShiftColour

ROTATED_WEEKS = 9
"""So far ahead a rotation is written down: three turns of three shifts."""


@dataclass(frozen=True)
class TemplateShift:
    name: str | Promise
    colour: ShiftColour
    spans: Shift


@dataclass(frozen=True)
class ShiftTemplate:
    key: str
    label: str | Promise
    text: str | Promise
    shifts: tuple[TemplateShift, ...]


def _hours(*hours: float) -> Shift:
    minutes = [round(hour * 60) for hour in hours]
    return tuple(Span(start, end) for start, end in zip(minutes[::2], minutes[1::2], strict=True))


_EARLY, _LATE = gettext_lazy("Early shift"), gettext_lazy("Late shift")

TEMPLATES = (
    ShiftTemplate(
        "day",
        gettext_lazy("Day shift 8:30–20:30"),
        gettext_lazy("What most small shops do: one long day."),
        (TemplateShift(gettext_lazy("Day shift"), ShiftColour.BLUE, _hours(8.5, 20.5)),),
    ),
    ShiftTemplate(
        "three",
        gettext_lazy("Three shifts round the clock"),
        gettext_lazy("Somebody is there at any hour."),
        (
            TemplateShift(_EARLY, ShiftColour.BLUE, _hours(8, 16)),
            TemplateShift(gettext_lazy("Middle shift"), ShiftColour.GREEN, _hours(16, 24)),
            TemplateShift(gettext_lazy("Night shift"), ShiftColour.DEEP, _hours(0, 8)),
        ),
    ),
    ShiftTemplate(
        "early_late",
        gettext_lazy("Early and late shift"),
        gettext_lazy("Two shifts that overlap in the afternoon; the evening peak is covered."),
        (
            TemplateShift(_EARLY, ShiftColour.BLUE, _hours(8, 17)),
            TemplateShift(_LATE, ShiftColour.GREEN, _hours(14, 23)),
        ),
    ),
    ShiftTemplate(
        "split",
        gettext_lazy("Split shift with a rest between"),
        gettext_lazy("Morning and evening by the same person, the afternoon off."),
        (TemplateShift(gettext_lazy("Split shift"), ShiftColour.GREEN, _hours(8, 12, 18, 23)),),
    ),
)


@transaction.atomic
def use_template(
    *, shop: Shop, template: str, accounts: Sequence[str] = (), rotate: bool = False, today: date
) -> list[ShiftKind]:
    """Make a template's shifts, and deal them out to the accounts in turn, for every day of the week.

    The accounts' weekly pattern is replaced, and what is planned for them by date from today on. With `rotate`
    everybody moves on by one shift a week, for ROTATED_WEEKS weeks, as exceptions. A shift that is there already is
    taken as it is. Raises Refused `unknown_template`, `unknown_agent`.
    """
    lock_plan(shop)
    chosen = next((known for known in TEMPLATES if known.key == template), None)
    if chosen is None:
        raise Refused("unknown_template", _("There is no such template."), field="template")
    staff = {row.name: row for row in staff_of(shop) if row.is_agent}
    unknown = [name for name in accounts if name not in staff]
    if unknown:
        raise Refused("unknown_agent", _("“%(who)s” is no agent.") % {"who": unknown[0]}, field="accounts")
    kinds = [_kind(shop, shift) for shift in chosen.shifts]
    rows = [staff[name] for name in dict.fromkeys(accounts)]
    if rows:
        _deal(shop, rows, kinds, rotate=rotate, today=today)
    return kinds


def _kind(shop: Shop, shift: TemplateShift) -> ShiftKind:
    """The shop's shift of that name and time; of another time, and it is called "… 2"."""
    there = {kind.name: kind for kind in ShiftKind.objects.filter(shop=shop)}
    for name in _names(str(shift.name)):
        if name not in there:
            times = ",".join(map(str, shift.spans))
            return save_kind(shop=shop, name=name, colour=shift.colour, times=times)
        if there[name].spans == shift.spans:
            return there[name]
    raise AssertionError("names do not end")


def _names(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name} {number}"
        number += 1


def _deal(shop: Shop, rows: list[SubAccount], kinds: list[ShiftKind], *, rotate: bool, today: date) -> None:
    place = {row.pk: n % len(kinds) for n, row in enumerate(rows)}
    before = set_weeks(shop=shop, kinds={pk: kinds[n] for pk, n in place.items()})
    ShiftException.objects.filter(shop=shop, sub_account__in=rows, date__gte=today).delete()
    rotate = rotate and len(kinds) > 1
    if rotate:
        ShiftException.objects.bulk_create(
            ShiftException(
                shop=shop,
                sub_account=row,
                date=monday_of(today) + timedelta(weeks=week, days=day),
                kind=kinds[(place[row.pk] + week) % len(kinds)],
            )
            for row in rows
            for week in range(1, ROTATED_WEEKS)
            if week % len(kinds)
            for day in range(7)
        )
    record(
        shop=shop,
        action=AuditAction.SHIFTS_CHANGED,
        subject=", ".join(row.name for row in rows),
        before={"weekly": before},
        after={"weekly": {row.name: kinds[place[row.pk]].name for row in rows}, "rotated": rotate},
    )
