"""A shop's plan of shifts, changed: one transaction each, one at a time in a shop, every change recorded."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from agents.duty import Span, fit, read_spans
from agents.errors import Conflict, Refused
from agents.models import ShiftException, ShiftKind, ShiftMark, ShiftPattern, ShiftSettings, Shop, SubAccount
from agents.services.audit import record, record_changes
from agents.services.checks import refuse_invalid
from agents.shifts import WeekCopy, monday_of, week_copy
from agents.vocabulary import AuditAction

WEEKDAY_CODES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""How the audit log names the days of the weekly pattern."""

MOST_KINDS = 30


@transaction.atomic
def save_kind(*, shop: Shop, name: str, colour: str, times: str, kind: ShiftKind | None = None) -> ShiftKind:
    """Make a shift, or change one: whoever is planned for it works by the new times from now on.

    Raises Refused `bad_times`, `too_many_shifts` and what the fields refuse; Conflict `shift_exists`.
    """
    lock_plan(shop)
    kind = kind or ShiftKind(shop=shop)
    before = _told(kind) if kind.pk else {}
    kind.name, kind.colour, kind.times = name.strip(), colour, [list(span) for span in _read(times)]
    refuse_invalid(kind)
    others = ShiftKind.objects.filter(shop=shop).exclude(pk=kind.pk)
    if others.filter(name=kind.name).exists():
        raise Conflict("shift_exists", _("There is a shift “%(name)s” already.") % {"name": kind.name}, field="name")
    if others.count() >= MOST_KINDS:
        raise Refused("too_many_shifts", _("A shop has at most %(most)s shifts.") % {"most": MOST_KINDS})
    kind.save()
    record_changes(shop=shop, action=AuditAction.SHIFTS_CHANGED, subject=kind.name, before=before, after=_told(kind))
    return kind


@transaction.atomic
def remove_kind(*, shop: Shop, kind: ShiftKind, today: date) -> None:
    """Take a shift away that nobody is planned for any more; past dates that had it are told as free.

    Raises Conflict `shift_in_use`.
    """
    lock_plan(shop)
    used = ShiftPattern.objects.filter(shop=shop, kind=kind).count()
    used += ShiftException.objects.filter(shop=shop, kind=kind, date__gte=today).count()
    if used:
        words = _("“%(name)s” still stands in the plan in %(count)s places: plan something else there first.")
        raise Conflict("shift_in_use", words % {"name": kind.name, "count": used})
    ShiftException.objects.filter(shop=shop, kind=kind).update(kind=None)
    record(shop=shop, action=AuditAction.SHIFTS_CHANGED, subject=kind.name, before=_told(kind))
    kind.delete()


@transaction.atomic
def set_shift(*, shop: Shop, who: SubAccount, day: date, kind: ShiftKind | None, weekly: bool = False) -> None:
    """Somebody's shift (None: free) on one date, or with `weekly` on every such weekday from now on.

    What agrees with the weekly pattern needs no exception: there is none left then. Raises Refused `no_staff`.
    """
    lock_plan(shop)
    if not (who.enabled and who.is_agent):
        raise Refused("no_staff", _("“%(who)s” takes no conversations: only agents are planned.") % {"who": who.name})
    line = ShiftPattern.objects.select_related("kind").filter(shop=shop, sub_account=who, weekday=day.weekday()).first()
    dated = ShiftException.objects.select_related("kind").filter(shop=shop, sub_account=who, date=day).first()
    usual = line.kind if line else None
    if weekly:
        _record_cell(shop, who, WEEKDAY_CODES[day.weekday()], usual, kind)
        if dated is not None:
            dated.delete()
        _set_weekly(shop, who, day.weekday(), kind)
        return
    _record_cell(shop, who, day.isoformat(), dated.kind if dated else usual, kind)
    if kind == usual:
        ShiftException.objects.filter(shop=shop, sub_account=who, date=day).delete()
    else:
        ShiftException.objects.update_or_create(shop=shop, sub_account=who, date=day, defaults={"kind": kind})


@transaction.atomic
def copy_week(*, shop: Shop, source: date, target: date, seen: str) -> WeekCopy:
    """Make the week of `target` as the week of `source` is: exceptions where that differs from the weekly pattern.

    `seen` is the fingerprint of the changes that the asker was shown. Raises Refused `same_week`; Conflict
    `plan_changed` where the plan has become another one since.
    """
    lock_plan(shop)
    source, target = monday_of(source), monday_of(target)
    if source == target:
        raise Refused("same_week", _("That is the same week."), field="target")
    copy = week_copy(shop, source, target)
    if copy.fingerprint != seen:
        raise Conflict("plan_changed", _("The plan has changed meanwhile: look at the changes once more."))
    if not copy.changes:
        return copy
    pks = {change.row.pk for change in copy.changes}
    touched = ShiftException.objects.filter(shop=shop, sub_account__in=pks)
    for day in (target + timedelta(days=n) for n in range(7)):
        touched.filter(date=day, sub_account__in={c.row.pk for c in copy.changes if c.day == day}).delete()
    ShiftException.objects.bulk_create(
        ShiftException(shop=shop, sub_account=change.row, date=change.day, kind_id=change.after)
        for change in copy.changes
        if not change.as_usual
    )
    record(
        shop=shop,
        action=AuditAction.SHIFTS_CHANGED,
        subject=f"{source.isoformat()} → {target.isoformat()}",
        before=copy.told(before=True),
        after=copy.told(before=False),
    )
    return copy


@transaction.atomic
def set_follows(*, shop: Shop, follows: bool) -> None:
    """Whether the status follows the shift. Where it begins to, it does so from the next beginning or end on."""
    row = lock_plan(shop)
    before, row.follows, row.looked_at = row.follows, follows, row.looked_at if row.follows == follows else None
    row.save()
    if before != follows:
        ShiftMark.objects.filter(shop=shop).delete()
    record_changes(
        shop=shop,
        action=AuditAction.SHIFTS_CHANGED,
        subject="",
        before={"status_follows": before},
        after={"status_follows": follows},
    )


def lock_plan(shop: Shop) -> ShiftSettings:
    """The row that whatever changes the plan takes first: two changes at once come one after the other."""
    ShiftSettings.objects.bulk_create([ShiftSettings(shop=shop)], ignore_conflicts=True)
    return ShiftSettings.objects.select_for_update().get(pk=shop.pk)


def set_weeks(*, shop: Shop, kinds: Mapping[int, ShiftKind]) -> dict[str, dict[str, str]]:
    """Replace the weekly pattern of these people (by key) with one shift, every day; what it was. Under the lock."""
    rows = ShiftPattern.objects.filter(shop=shop, sub_account__in=kinds)
    before: dict[str, dict[str, str]] = {}
    for line in rows.select_related("sub_account", "kind"):
        before.setdefault(line.sub_account.name, {})[WEEKDAY_CODES[line.weekday]] = line.kind.name
    rows.delete()
    ShiftPattern.objects.bulk_create(
        ShiftPattern(shop=shop, sub_account_id=pk, weekday=weekday, kind=kind)
        for pk, kind in kinds.items()
        for weekday in range(7)
    )
    return before


def _set_weekly(shop: Shop, who: SubAccount, weekday: int, kind: ShiftKind | None) -> None:
    if kind is None:
        ShiftPattern.objects.filter(shop=shop, sub_account=who, weekday=weekday).delete()
    else:
        ShiftPattern.objects.update_or_create(shop=shop, sub_account=who, weekday=weekday, defaults={"kind": kind})


def _record_cell(shop: Shop, who: SubAccount, day: str, before: ShiftKind | None, after: ShiftKind | None) -> None:
    record_changes(
        shop=shop,
        action=AuditAction.SHIFTS_CHANGED,
        subject=who.name,
        before={day: before.name if before else None},
        after={day: after.name if after else None},
    )


def _read(times: str) -> list[Span]:
    try:
        spans = read_spans(times)
    except ValueError as error:
        words = _("“%(text)s” is no time: write it as 08:30–20:30.")
        raise Refused("bad_times", words % {"text": str(error)[:40]}, field="times") from error
    if not fit(spans):
        words = _("At most four parts, none over another, and all of it within 24 hours.")
        raise Refused("bad_times", words, field="times")
    return spans


def _told(kind: ShiftKind) -> dict[str, object]:
    return {"name": kind.name, "colour": kind.colour, "times": [str(span) for span in kind.spans]}
