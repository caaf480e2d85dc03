"""Limits on failed sign-ins: by account, by network, by both, and by password over all accounts.

Failures are rows of the database, so that they count for every process and survive a restart. A lock is nothing but
their number in a window: refused attempts are not recorded, so they never move its end. The limit on one password tried
on many accounts is counted in the cache by a keyed and shortened digest; no password, and no digest of one, is kept.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from agents.errors import Forbidden, TooMany
from agents.models import Account, Device, SignInFailure, SubAccount
from agents.permissions import Actor, may_reset_password
from agents.services.audit import record
from agents.services.tokens import digest_of
from agents.vocabulary import AuditAction
from core.limits import Limit

SPRAYED = Limit("SIGN_IN_LIMITS", "sprayed")
CHALLENGES = Limit("SIGN_IN_LIMITS", "challenges")
"""Sign-ins by passkey or provider that a stranger begins; each keeps something in a session."""
Kind = SignInFailure.Kind


@dataclass(frozen=True)
class Attempt:
    """An attempt to sign in as `name` from `network`. `device`: a browser that the account knows."""

    name: str
    network: str
    device: Device | None = None
    kind: str = Kind.PASSWORD

    @property
    def digest(self) -> str:
        return salted_hmac("agents.sign_in.name", self.name).hexdigest()[:32]


def make_attempt(*, name: str, network: str, device_secret: str = "", kind: str = Kind.PASSWORD) -> Attempt:
    """An attempt, with the account's device that the browser's cookie tells."""
    device = None
    if device_secret:
        device = Device.objects.filter(account__account=name, digest=digest_of(device_secret)).first()
    return Attempt(name, network, device, kind)


def refuse_locked(attempt: Attempt, password: str = "") -> None:
    """Raise TooMany `locked_out` if there have been too many failures. Nothing is recorded."""
    wait = _seconds_locked(attempt, timezone.now())
    if not wait and password and attempt.device is None:
        wait = SPRAYED.wait(_mark(password))
    if wait:
        raise locked_out(wait)


def record_failure(attempt: Attempt, password: str = "") -> None:
    """Note a failure. Raises TooMany if it is the one that locks."""
    account = Account.objects.filter(account=attempt.name).select_related("home_shop").first()
    SignInFailure.objects.create(
        kind=attempt.kind,
        name_digest=attempt.digest,
        account=account,
        device=attempt.device,
        network=attempt.network,
    )
    if password:
        SPRAYED.spend_once(_mark(password), attempt.name)
    wait = _seconds_locked(attempt, timezone.now())
    if wait:
        if account is not None:
            record(shop=account.home_shop, action=AuditAction.SIGN_IN_LOCKED, subject=account.account)
        raise locked_out(wait)


def clear_failures(attempt: Attempt) -> None:
    """Forget the failures that a success from the same place makes up for."""
    rows = SignInFailure.objects.filter(name_digest=attempt.digest, kind=attempt.kind)
    where = {"device": attempt.device} if attempt.device else {"device": None, "network": attempt.network}
    rows.filter(**where).delete()


def lift_lock(account: Account) -> int:
    """Forget all failures of an account; how many."""
    return SignInFailure.objects.filter(account=account).delete()[0]


def unlock_sign_in(*, actor: Actor, sub_account: SubAccount) -> None:
    """Lift the lock of an account of the actor's own shop, without giving it a new password."""
    account = sub_account.account
    if account is None or not may_reset_password(actor, sub_account):
        raise Forbidden("forbidden", _("Only the main account or an admin of the account's own shop may do this."))
    if lift_lock(account):
        record(shop=actor.shop, action=AuditAction.SIGN_IN_UNLOCKED, subject=account.account)


def locked_accounts(accounts: Iterable[int], now: datetime) -> set[int]:
    """Return those of the accounts that are locked for an unknown browser, from some network or all; one query."""
    (here_most, here_seconds), (most, seconds) = (
        settings.SIGN_IN_FAILURES[name] for name in ("account_here", "account")
    )
    windows = {
        name: Q(at__gt=now - timedelta(seconds=length)) for name, length in (("here", here_seconds), ("all", seconds))
    }
    rows = SignInFailure.objects.filter(
        account__in=accounts, at__gt=now - timedelta(seconds=max(here_seconds, seconds))
    )
    counts = {name: Count("pk", filter=window) for name, window in windows.items()}
    locked, everywhere = set(), Counter[int]()
    counted: Any = rows.order_by().values("account", "network").annotate(**counts)
    for row in counted:
        everywhere[row["account"]] += row["all"]
        if row["here"] >= here_most or everywhere[row["account"]] >= most:
            locked.add(row["account"])
    return locked


def locked_out(wait: int) -> TooMany:
    words = _("Too many failures. Try again in %(minutes)s minutes.") % {"minutes": -(-wait // 60)}
    return TooMany(words, wait, code="locked_out")


def _seconds_locked(attempt: Attempt, now: datetime) -> int:
    rows = SignInFailure.objects.filter(device=attempt.device)
    mine = rows.filter(name_digest=attempt.digest)
    if attempt.device is not None:
        return _wait("account_here", mine.filter(kind=attempt.kind), now)
    waits = [
        _wait("account_here", mine.filter(kind=attempt.kind, network=attempt.network), now),
        _wait("account", mine, now),
        _wait("network", rows.filter(network=attempt.network), now),
    ]
    return max(waits)


def _wait(limit: str, rows: QuerySet[SignInFailure], now: datetime) -> int:
    """Seconds until fewer of the rows than the limit are in its window."""
    most, seconds = settings.SIGN_IN_FAILURES[limit]
    recent = rows.filter(at__gt=now - timedelta(seconds=seconds)).order_by("-at").values_list("at", flat=True)
    oldest = list(recent[most - 1 : most])
    return max(1, round((oldest[0] - now).total_seconds()) + seconds) if oldest else 0


def _mark(password: str) -> str:
    return salted_hmac("agents.sign_in.sprayed", password).hexdigest()[:10]
