"""The week of shifts as the screen shows it: who, when, and where nobody is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from agents.duty import COUNTED, PEAK, Plan, Span, duty_of, gaps, headcount, next_gap, on_duty, within
from agents.labels import SHORT_WEEKDAYS, WEEKDAYS
from agents.models import ShiftKind, ShiftSettings, Shop, SubAccount
from agents.permissions import Actor, Permission
from agents.services.shift_templates import TEMPLATES, TemplateShift
from agents.shifts import kinds_of, monday_of, plan_of, staff_of, week_of
from agents.vocabulary import Status

FAR = timedelta(weeks=53)
"""So far from today a week can be looked at and planned."""

NAMED = 4


@dataclass(frozen=True)
class Piece:
    """A part of a day's strip from 8:00 to 23:00; `left` and `width` in percent."""

    left: float
    width: float
    people: int
    title: str


@dataclass(frozen=True)
class Day:
    date: date
    weekday: str | Promise
    today: bool
    past: bool
    pieces: tuple[Piece, ...]
    gaps: tuple[Span, ...]
    peak: tuple[Span, ...]
    """The parts of the peak 20:00–22:00 with nobody."""


@dataclass(frozen=True)
class Cell:
    value: str
    css: str
    title: str
    inner: SafeString


@dataclass(frozen=True)
class Line:
    row: SubAccount
    label: str
    me: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Gap:
    day: str
    span: Span
    peak: bool
    now: bool


@dataclass(frozen=True)
class Now:
    """What is true now: who is on duty, who of them is not online, and when nobody will be."""

    names: tuple[str, ...]
    more: int
    away: tuple[str, ...]
    away_count: int
    gap: Gap | None

    @property
    def count(self) -> int:
        return len(self.names) + self.more


@dataclass(frozen=True)
class Board:
    monday: date
    sunday: date
    before: date
    after: date
    this_week: bool
    kinds: tuple[ShiftKind, ...]
    days: tuple[Day, ...]
    lines: tuple[Line, ...]
    now: Now
    planned: bool
    follows: bool
    may_edit: bool


def day_name(day: date) -> str:
    """ "11-23 周一"."""
    return f"{day:%m-%d} {SHORT_WEEKDAYS[day.weekday()]}"


def shown_week(text: str | None, today: date) -> date:
    """The Monday of the week that an address names; of this week where it names none or one too far away."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        day = today
    return monday_of(day if abs(day - today) <= FAR else today)


def make_board(shop: Shop, actor: Actor, week: str | None, now: datetime) -> Board:
    today = now.astimezone(shop.zone).date()
    monday = shown_week(week, today)
    days = week_of(monday)
    staff = [row for row in staff_of(shop) if row.is_agent]
    kinds = kinds_of(shop)
    plan = plan_of(shop, min(monday, today), max(days[-1], today + timedelta(days=7)), kinds)
    names = [row.name for row in staff]
    me = actor.sub_account.pk if actor.sub_account else None
    settings = ShiftSettings.objects.filter(shop=shop).first()
    return Board(
        monday=monday,
        sunday=days[-1],
        before=monday - timedelta(days=7),
        after=monday + timedelta(days=7),
        this_week=monday == monday_of(today),
        kinds=tuple(kinds),
        days=tuple(_day(plan, names, day, today) for day in days),
        lines=tuple(_lines(plan, staff, days, {kind.pk: kind for kind in kinds}, me)),
        now=_now(plan, staff, shop, now),
        planned=any(plan.spans_on(name, day) for name in names for day in days),
        follows=settings is not None and settings.follows,
        may_edit=actor.may(Permission.SHIFTS_EDIT),
    )


def _day(plan: Plan, names: Iterable[str], day: date, today: date) -> Day:
    spans = duty_of(plan, names, day)
    free = gaps(spans, COUNTED)
    whole = COUNTED.end - COUNTED.start
    pieces = []
    for step in headcount(spans):
        start, end = max(step.start, COUNTED.start), min(step.end, COUNTED.end)
        if start < end:
            title = _("%(span)s: %(people)s on duty") % {"span": Span(start, end), "people": step.people}
            place = (100 * (start - COUNTED.start) / whole, 100 * (end - start) / whole)
            pieces.append(Piece(round(place[0], 2), round(place[1], 2), step.people, title))
    return Day(
        date=day,
        weekday=SHORT_WEEKDAYS[day.weekday()],
        today=day == today,
        past=day < today,
        pieces=tuple(pieces),
        gaps=tuple(free),
        peak=tuple(within(free, PEAK)),
    )


def _lines(
    plan: Plan, staff: list[SubAccount], days: list[date], kinds: dict[int, ShiftKind], me: int | None
) -> list[Line]:
    """One's own line first, so that an agent need not look for it."""
    headings = [(day, f"{day:%m-%d} {WEEKDAYS[day.weekday()]}") for day in days]
    looks = {(pk, dated): _look(kind, dated) for pk, kind in [(None, None), *kinds.items()] for dated in (True, False)}
    lines = []
    for row in staff:
        label, dates, cells = row.label, plan.exceptions.get(row.name, {}), []
        for day, heading in headings:
            look = looks[plan.shift_on(row.name, day), day in dates]
            cells.append(Cell(f"{row.name}/{day}", look.css, f"{label} {heading}: {look.told}", look.inner))
        lines.append(Line(row, label, row.pk == me, tuple(cells)))
    return sorted(lines, key=lambda line: not line.me)


@dataclass(frozen=True)
class Look:
    """What a shift looks like in a cell: made once, there are seven cells a person."""

    css: str
    told: str
    inner: SafeString


def _look(kind: ShiftKind | None, exception: bool) -> Look:
    inner = render_to_string("routing/shifts/_shift.html", {"kind": kind, "exception": exception})
    if kind is None:
        return Look("shift", _("free"), inner)
    return Look(f"shift shift-{kind.colour}", f"{kind.name} {kind.told}", inner)


def _now(plan: Plan, staff: list[SubAccount], shop: Shop, now: datetime) -> Now:
    there = on_duty(plan, [row.name for row in staff], now, shop.zone)
    on = [row for row in staff if row.name in there]
    away = [row.label for row in on if row.status != Status.ONLINE]
    names = [row.label for row in on]
    found = next_gap(plan, [row.name for row in staff], now, shop.zone, COUNTED)
    return Now(
        names=tuple(names[:NAMED]),
        more=len(names[NAMED:]),
        away=tuple(away[:NAMED]),
        away_count=len(away),
        gap=_gap(found, now.astimezone(shop.zone)) if found else None,
    )


def _gap(found: tuple[date, Span], here: datetime) -> Gap:
    day, span = found
    days = (day - here.date()).days
    name = _("today") if days == 0 else _("tomorrow") if days == 1 else day_name(day)
    at_once = days == 0 and span.start == here.hour * 60 + here.minute
    return Gap(name, span, bool(within([span], PEAK)), at_once)


@dataclass(frozen=True)
class Offer:
    """A template as it is offered: its shifts, and the times of the counted hours that it leaves with nobody."""

    key: str
    label: str | Promise
    text: str | Promise
    shifts: tuple[TemplateShift, ...]
    gaps: list[Span]
    peak: list[Span]


def offers() -> list[Offer]:
    return [
        Offer(template.key, template.label, template.text, template.shifts, free, within(free, PEAK))
        for template in TEMPLATES
        for free in [gaps((span for shift in template.shifts for span in shift.spans), COUNTED)]
    ]
