"""Leases of presence: rows outside the lane, for a sign of life is no event. What follows from silence is
`routing.services.lapse_leases`."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from agents.models import Account, PresenceLease, SubAccount

LONGEST_RESTART = timedelta(hours=1)


@transaction.atomic
def take_lease(*, sub_account: SubAccount, at: datetime, session_key: str = "") -> None:
    """Let an open page of this session hold the status from now on."""
    held = {"shop_id": sub_account.shop_id, "beat_at": at, "session_key": session_key}
    PresenceLease.objects.update_or_create(sub_account=sub_account, defaults=held)


@transaction.atomic
def drop_lease(*, sub_account: SubAccount) -> None:
    PresenceLease.objects.filter(sub_account=sub_account).delete()


def beat(*, account: Account, now: datetime) -> int:
    """A sign of life of somebody's page; how many leases it holds: one in each shop where they switched themselves."""
    return PresenceLease.objects.filter(sub_account__account=account).update(beat_at=now)


def renew_leases(*, now: datetime) -> int:
    """A web process begins: nobody could give a sign of life while there was none, so everybody has their time anew."""
    return PresenceLease.objects.filter(beat_at__gt=now - LONGEST_RESTART, beat_at__lt=now).update(beat_at=now)


def lapsed_before(now: datetime) -> datetime:
    """Leases last beaten before this are over."""
    return now - timedelta(seconds=settings.PRESENCE_LEASE)
