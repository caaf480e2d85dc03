"""The shop's plan of shifts, read: who is on duty at a moment, and whether a plan is kept at all."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from agents import duty
from agents.duty import Plan
from agents.models import ShiftException, ShiftKind, ShiftPattern, Shop, SubAccount
from agents.vocabulary import AGENT_ROLES

Dates = dict[str, dict[date, int | None]]
Week = dict[str, dict[int, int]]

_AGENT_ROLES = {role.value for role in AGENT_ROLES}


def staff_of(shop: Shop) -> QuerySet[SubAccount]:
    """Who is enabled; ask each whether it `is_agent`: only those count as staffing (G1), and roles are JSON."""
    return SubAccount.objects.for_shop(shop).filter(enabled=True).select_related("account").order_by("name")


def kinds_of(shop: Shop) -> list[ShiftKind]:
    """The shop's shifts, those that begin early first."""
    return sorted(ShiftKind.objects.filter(shop=shop), key=lambda kind: (kind.spans, kind.pk))


def plan_of(shop: Shop, first: date, last: date, kinds: Iterable[ShiftKind] | None = None) -> Plan:
    """The plan from `first` to `last`, and the day before: its shifts may end after midnight. Three queries, or two
    for who has the shifts already."""
    shifts = {kind.pk: kind.spans for kind in (kinds_of(shop) if kinds is None else kinds)}
    pattern: Week = {}
    weekly = ShiftPattern.objects.filter(shop=shop).order_by()
    for name, weekday, kind in weekly.values_list("sub_account__name", "weekday", "kind_id"):
        pattern.setdefault(name, {})[weekday] = kind
    exceptions: Dates = {}
    dated = ShiftException.objects.filter(shop=shop, date__range=(first - timedelta(days=1), last)).order_by()
    for name, day, shift in dated.values_list("sub_account__name", "date", "kind_id"):
        exceptions.setdefault(name, {})[day] = shift
    return Plan(shifts, pattern, exceptions)


def on_duty(shop: Shop, at: datetime) -> set[str]:
    """The account names of the agents on duty at that moment by the shop's plan, whatever their status.

    Only enabled agents and logistics agents count. Empty, too, where no plan is kept: ask `keeps_plan` first.
    Two queries, for the two days that can matter.
    """
    today = at.astimezone(shop.zone).date()
    days = (today - timedelta(days=1), today)
    shifts: dict[int, duty.Shift] = {}
    pattern: Week = {}
    exceptions: Dates = {}
    people: set[str] = set()
    enabled = {"shop": shop, "sub_account__enabled": True}
    weekly = ShiftPattern.objects.filter(weekday__in=[day.weekday() for day in days], **enabled)
    for line in weekly.select_related("kind", "sub_account").order_by():
        if line.sub_account.is_agent:
            people.add(line.sub_account.name)
            shifts[line.kind_id] = line.kind.spans
            pattern.setdefault(line.sub_account.name, {})[line.weekday] = line.kind_id
    dated = ShiftException.objects.filter(date__in=days, **enabled)
    for row in dated.select_related("kind", "sub_account").order_by():
        if row.sub_account.is_agent:
            people.add(row.sub_account.name)
            exceptions.setdefault(row.sub_account.name, {})[row.date] = row.kind_id
            if row.kind is not None:
                shifts[row.kind.pk] = row.kind.spans
    return duty.on_duty(Plan(shifts, pattern, exceptions), people, at, shop.zone)


def keeps_plan(shop: Shop) -> bool:
    """Whether the shop plans shifts: an enabled agent stands in the weekly pattern, or has a shift on some date from a
    week ago on. Who plans by dates alone and has stopped keeps no plan."""
    lately = timezone.now().astimezone(shop.zone).date() - timedelta(days=7)
    enabled = {"shop": shop, "sub_account__enabled": True}
    weekly = ShiftPattern.objects.filter(**enabled).order_by()
    dated = ShiftException.objects.filter(kind__isnull=False, date__gt=lately, **enabled).order_by()
    return any(
        not _AGENT_ROLES.isdisjoint(roles)
        for rows in (weekly, dated)
        for roles in rows.values_list("sub_account__roles", flat=True).distinct()
    )


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_of(day: date) -> list[date]:
    """The seven days of the week that the day lies in, from Monday on."""
    return [monday_of(day) + timedelta(days=n) for n in range(7)]


@dataclass(frozen=True)
class CopyChange:
    """What copying a week changes for one person on one date: shifts by key, None is free."""

    row: SubAccount
    day: date
    before: int | None
    after: int | None
    as_usual: bool
    """Afterwards it is as the weekly pattern says, so no exception is kept."""


@dataclass(frozen=True)
class WeekCopy:
    changes: tuple[CopyChange, ...]
    names: dict[int, str]

    @property
    def fingerprint(self) -> str:
        """Stands for exactly these changes."""
        told = repr([(c.row.pk, c.day.isoformat(), c.before, c.after) for c in self.changes])
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def told(self, *, before: bool) -> dict[str, str | None]:
        """{"a1 2026-11-30": "早班"}: for the audit log."""
        return {f"{c.row.name} {c.day.isoformat()}": self.name(c.before if before else c.after) for c in self.changes}

    def name(self, kind: int | None) -> str | None:
        return None if kind is None else self.names[kind]


def week_copy(shop: Shop, source: date, target: date) -> WeekCopy:
    """What would change if the week from Monday `target` became as the one from Monday `source`; five queries."""
    staff = [row for row in staff_of(shop) if row.is_agent]
    names = dict(ShiftKind.objects.filter(shop=shop).values_list("pk", "name"))
    plan = plan_of(shop, min(source, target), max(source, target) + timedelta(days=6))
    return WeekCopy(tuple(_copied(plan, staff, source, target)), names)


def _copied(plan: Plan, staff: list[SubAccount], source: date, target: date) -> Iterator[CopyChange]:
    for n, day in enumerate(week_of(target)):
        for row in staff:
            before, after = plan.shift_on(row.name, day), plan.shift_on(row.name, source + timedelta(days=n))
            if before != after:
                usual = plan.pattern.get(row.name, {}).get(day.weekday())
                yield CopyChange(row, day, before, after, as_usual=after == usual)
