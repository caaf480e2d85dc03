"""The status follows the shift, where a shop wants it (S3): online at its beginning, off at its end.

Only where somebody comes on duty or goes off it is anything done, once: what a person sets by hand in between stands
until the next such boundary. How far everybody's status has followed is kept in rows (ShiftMark), so a run that was
missed catches up with the last boundary alone, and two runs at once do what one does.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from agents.duty import LOOK_BACK, Boundary, last_boundary
from agents.models import ShiftMark, ShiftSettings, Shop, SubAccount
from agents.services.shifts import lock_plan
from agents.shifts import plan_of, staff_of
from agents.vocabulary import Status
from routing.models import AgentCounter
from routing.services.lane import Work, in_lane
from routing.services.people import put_presence

REASON = "shift"
"""What the presence log says."""


def follow_shifts(*, shop: Shop, now: datetime | None = None) -> int:
    """Bring the shop's statuses to where the plan has them since the last look; how many people that concerned."""
    at = now or timezone.now()
    settings = ShiftSettings.objects.filter(shop=shop, follows=True).first()
    if settings is None:
        return 0
    staff = [row for row in staff_of(shop) if row.is_agent and row.account is not None and row.account.is_active]
    boundaries = _boundaries(shop, staff, at)
    if settings.looked_at is None:
        _begin(shop, staff, boundaries, at)
        return 0
    marks = {mark.pk: mark for mark in ShiftMark.objects.filter(shop=shop)}
    _forget(shop, set(marks) - {row.pk for row in staff})
    open_of = dict(AgentCounter.objects.filter(shop=shop).values_list("sub_account_id", "open"))
    concerned = 0
    for row in staff:
        mark, boundary = marks.get(row.pk), boundaries[row.pk]
        if _is_new(mark, boundary, settings.looked_at):
            concerned += _cross(shop, row.pk, boundary, at)
        elif mark and mark.leaving_since and (not mark.still_leaving(row.status_since) or not open_of.get(row.pk)):
            concerned += _finish(shop, row.pk, at)
    ShiftSettings.objects.filter(shop=shop, looked_at__lt=at).update(looked_at=at)
    return concerned


def _boundaries(shop: Shop, staff: list[SubAccount], at: datetime) -> dict[int, Boundary]:
    today = at.astimezone(shop.zone).date()
    plan = plan_of(shop, today - timedelta(days=LOOK_BACK), today)
    return {row.pk: last_boundary(plan, row.name, at, shop.zone) for row in staff}


@transaction.atomic
def _begin(shop: Shop, staff: list[SubAccount], boundaries: dict[int, Boundary], at: datetime) -> None:
    """From here on: who is on duty already is left as they are until their shift ends."""
    settings = lock_plan(shop)
    if not settings.follows or settings.looked_at is not None:
        return
    ShiftMark.objects.bulk_create(
        ShiftMark(shop=shop, sub_account=row, on=boundaries[row.pk].on, boundary=boundaries[row.pk].at) for row in staff
    )
    settings.looked_at = at
    settings.save(update_fields=["looked_at"])


def _forget(shop: Shop, gone: set[int]) -> None:
    """Who is disabled, or no agent any more, begins anew when they come back."""
    if gone:
        ShiftMark.objects.filter(shop=shop, sub_account__in=gone).delete()


def _is_new(mark: ShiftMark | None, boundary: Boundary, looked_at: datetime) -> bool:
    """Whether a boundary has been crossed since the last look; an edited plan may move one into the past."""
    if boundary.on != (mark.on if mark else False):
        return True
    known = mark.boundary if mark else None
    return boundary.at is not None and boundary.at > looked_at and boundary.at != known


def _cross(shop: Shop, pk: int, boundary: Boundary, at: datetime) -> bool:
    """Act on a boundary and remember it, in one transaction of the lane; False where another run has done so."""
    with in_lane(shop, at) as work:
        row, mark = _read(shop, pk)
        if not _wanted(shop) or (mark.on, mark.boundary) == (boundary.on, boundary.at):
            return False
        if boundary.on:
            _come(work, row, mark)
        else:
            _go(work, row, mark)
        mark.on, mark.boundary = boundary.on, boundary.at
        mark.save()
        return True


def _come(work: Work, row: SubAccount, mark: ShiftMark) -> None:
    """Online, from offline or from the break in which somebody finishes their last shift; any other stands."""
    if row.status == Status.OFFLINE or mark.still_leaving(row.status_since):
        put_presence(work, row, Status.ONLINE, reason=REASON)
    mark.leaving_since = None


def _go(work: Work, row: SubAccount, mark: ShiftMark) -> None:
    """Offline; on a break first where conversations are open: those stay, and no new ones come (G2)."""
    mark.leaving_since = None
    if row.status == Status.OFFLINE:
        return
    if work.state.agents[row.name].open:
        put_presence(work, row, Status.BREAK, reason=REASON)
        mark.leaving_since = row.status_since
    else:
        put_presence(work, row, Status.OFFLINE, reason=REASON)


def _finish(shop: Shop, pk: int, at: datetime) -> bool:
    """Offline once nothing is open any more, unless somebody has changed the status since."""
    with in_lane(shop, at) as work:
        row, mark = _read(shop, pk)
        if not _wanted(shop) or mark.leaving_since is None:
            return False
        if mark.still_leaving(row.status_since):
            if work.state.agents[row.name].open:
                return False
            put_presence(work, row, Status.OFFLINE, reason=REASON)
        mark.leaving_since = None
        mark.save()
        return True


def _read(shop: Shop, pk: int) -> tuple[SubAccount, ShiftMark]:
    row = SubAccount.objects.for_shop(shop).get(pk=pk)
    return row, ShiftMark.objects.filter(shop=shop, pk=pk).first() or ShiftMark(shop=shop, sub_account=row, on=False)


def _wanted(shop: Shop) -> bool:
    return ShiftSettings.objects.filter(shop=shop, follows=True).exists()
