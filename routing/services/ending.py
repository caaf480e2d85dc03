"""Presence ends with what held it: the session signed out of or ended elsewhere, the place disabled, the role taken."""

import logging
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import DatabaseError

from agents.errors import Refused
from agents.models import Account, Shop, SubAccount
from agents.services import drop_lease
from agents.vocabulary import Status
from routing.permissions import keeps_a_status
from routing.services.lane import Work, in_lane
from routing.services.leases import lapse_leases, overdue_shops
from routing.services.people import apply_change, find_member, put_presence

logger = logging.getLogger(__name__)


class Ended(StrEnum):
    """Why presence ended, as the presence log says it."""

    SIGNED_OUT = "signed_out"
    DISABLED = "disabled"
    ROLE_REMOVED = "role_removed"
    CREDENTIALS_RESET = "credentials_reset"
    ACCOUNT_CLOSED = "account_closed"


def end_presence(
    *,
    places: Iterable[SubAccount],
    reason: Ended,
    by: Account | None = None,
    device: str = "",
    now: datetime | None = None,
) -> int:
    """Set somebody offline in these places at once; in how many they were not. Their conversations stay theirs, but for
    those in which a buyer waits (G9).

    A shop whose lane cannot be had keeps nobody signed in: there the lease ends within its time.
    """
    ended = 0
    for place in places:
        try:
            with in_lane(place.shop, now) as work:
                ended += _leave(work, place.name, reason, by=by, device=device)
        except (DatabaseError, Refused) as error:
            logger.warning("The presence of a place is ended by the sweep: %s", error)
    return ended


def end_account_presence(*, account: Account, reason: Ended, by: Account | None = None) -> int:
    """The same in every shop of the account."""
    places = SubAccount.objects.filter(account=account).exclude(status=Status.OFFLINE)
    return end_presence(places=places.select_related("shop").order_by("pk"), reason=reason, by=by)


def end_lost_presence() -> int:
    """Set offline whose session has ended elsewhere, in all shops; how many. The sweep of leases does the same."""
    ended = 0
    for shop in overdue_shops():
        try:
            ended += lapse_leases(shop=shop)
        except (DatabaseError, Refused) as error:
            logger.warning("A lost presence is ended by the sweep: %s", error)
    return ended


def change_member(
    *, shop: Shop, agent: str, by: Account | None = None, now: datetime | None = None, **changes: Any
) -> SubAccount:
    """Change a sub-account as `change_sub_account` does; who is disabled, or of no role with a status any more, is
    offline with the same event."""
    with in_lane(shop, now) as work:
        row = apply_change(work, agent, changes)
        if not row.enabled:
            _leave(work, agent, Ended.DISABLED, by=by)
        elif not keeps_a_status(row):
            _leave(work, agent, Ended.ROLE_REMOVED, by=by)
        return row


def _leave(work: Work, agent: str, reason: Ended, *, by: Account | None = None, device: str = "") -> bool:
    row = find_member(work.shop, agent)
    drop_lease(sub_account=row)
    if row.status == Status.OFFLINE:
        return False
    put_presence(work, row, Status.OFFLINE, by=by, device=device, reason=reason.value)
    return True
