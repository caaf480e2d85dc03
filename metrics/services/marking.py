"""What people say about penalties: confirmed, dismissed (P8), entered by hand (P4)."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from agents.errors import Conflict, Refused
from agents.models import Account, Shop
from agents.services import record
from agents.vocabulary import AuditAction
from metrics.formulas.days import day_of
from metrics.formulas.kinds import Kind
from metrics.models import PenaltyEntry, PenaltyWindow
from metrics.services.assessing import locked_state
from metrics.services.windows import replay_windows


@transaction.atomic
def mark_window(
    *, shop: Shop, window: int, mark: str, reason: str = "", by: Account | None, now: datetime
) -> PenaltyWindow:
    """Mark a window `confirmed` or `dismissed`, or take the mark back with "" (P8). A dismissed one is over at once;
    a confirmed one stays, whatever late messages say of its day.

    Raises Refused for an unknown mark or window, a dismissal without a reason, and for a withdrawn window.
    """
    if mark not in ("", "confirmed", "dismissed"):
        raise Refused("unknown_mark", _("Unknown mark."), field="mark")
    if mark == "dismissed" and not reason.strip():
        raise Refused("reason_missing", _("Say why the penalty is dismissed."), field="reason")
    locked_state(shop)
    row = PenaltyWindow.objects.filter(shop=shop, pk=window).first()
    if row is None:
        raise Refused("not_found", _("No such penalty."), status=404)
    if row.state == "withdrawn":
        raise Conflict("withdrawn", _("The penalty has been withdrawn."))
    before = {"mark": row.mark, "reason": row.mark_reason}
    row.mark, row.mark_reason = mark, reason.strip()
    row.marked_by, row.marked_at = by, now
    row.save(update_fields=["mark", "mark_reason", "marked_by", "marked_at"])
    after = {"mark": row.mark, "reason": row.mark_reason}
    subject = f"{row.kind} {row.opened_on}"
    record(shop=shop, action=AuditAction.PENALTY_MARKED, subject=subject, before=before, after=after)
    replay_windows(shop, row.opened_on, now)
    row.refresh_from_db()
    return row


@transaction.atomic
def enter_black_room(*, shop: Shop, day: date, note: str = "", by: Account | None, now: datetime) -> PenaltyWindow:
    """Enter that the platform announced the black room on `day` (P4): in force for the 30 whole shop days after it.

    While one is in force, another prolongs it (P2). Raises Refused for a day to come, Conflict for one entered before.
    """
    if day > day_of(now, shop.zone):
        raise Refused("future_day", _("This day has not come yet."), field="day")
    locked_state(shop)
    kind = Kind.BLACK_ROOM.value
    _entry, made = PenaltyEntry.objects.get_or_create(
        shop=shop, kind=kind, date=day, defaults={"note": note, "entered_by": by, "entered_at": now}
    )
    if not made:
        raise Conflict("entered_before", _("The black room of this day has been entered before."), field="day")
    record(shop=shop, action=AuditAction.PENALTY_MARKED, subject=f"{kind} {day}", after={"note": note})
    replay_windows(shop, day, now)
    windows = PenaltyWindow.objects.filter(shop=shop, kind=kind, opened_on__lte=day).exclude(state="withdrawn")
    return windows.order_by("-opened_on")[0]
