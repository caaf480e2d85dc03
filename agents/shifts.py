"""The shop's plan of shifts, read: who is on duty at a moment, and whether a plan is kept at all."""

from datetime import date, datetime, timedelta

from django.db.models import QuerySet

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


def plan_of(shop: Shop, first: date, last: date) -> Plan:
    """The plan from `first` to `last`, and the day before: its shifts may end after midnight. Three queries."""
    shifts = {kind.pk: kind.spans for kind in ShiftKind.objects.filter(shop=shop)}
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
    """Whether the shop plans shifts: an enabled agent stands in the weekly pattern, or has a shift on some date."""
    enabled = {"shop": shop, "sub_account__enabled": True}
    weekly = ShiftPattern.objects.filter(**enabled).order_by()
    dated = ShiftException.objects.filter(kind__isnull=False, **enabled).order_by()
    return any(
        not _AGENT_ROLES.isdisjoint(roles)
        for rows in (weekly, dated)
        for roles in rows.values_list("sub_account__roles", flat=True).distinct()
    )
