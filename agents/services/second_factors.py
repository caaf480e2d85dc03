"""Second factors: codes of an app (TOTP, RFC 6238), passkeys, and recovery codes for when both are lost."""

import secrets
import time
from datetime import datetime

import pyotp
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from agents.errors import Conflict, Forbidden, Refused
from agents.models import Account, Authenticator, AuthToken, RecoveryCode, SubAccount
from agents.permissions import Actor, may_reset_password
from agents.services.audit import record
from agents.services.notices import notify
from agents.services.sessions import end_sessions
from agents.services.suspensions import suspend_guest_places
from agents.vocabulary import AuditAction, NoticeKind, SuspensionReason

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""A clock that is half a minute off still gets in."""
RECOVERY_CODES = 10
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
MAX_AUTHENTICATORS = 10


def new_totp_secret() -> str:
    return pyotp.random_base32()


def totp_address(account: Account, secret: str) -> str:
    """Return the address in the QR code by which an app takes up the secret."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.account, issuer_name="Fenliu")


def matching_step(secret: str, code: str, at: float) -> int | None:
    """The time step whose code this is, None if it is of none around `at`."""
    totp = pyotp.TOTP(secret)
    present = int(at) // STEP_SECONDS
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):
        if secrets.compare_digest(totp.at(step * STEP_SECONDS), code):
            return step
    return None


def add_totp(*, account: Account, secret: str, code: str, name: str, session_key: str) -> list[str]:
    """Add an app once it shows the right code. New recovery codes, if the account had none; else none.

    Raises Refused `wrong_code` at `code`.
    """
    step = matching_step(secret, clean_code(code), time.time())
    if step is None:
        raise Refused("wrong_code", _("That code is not right. Is the clock of the phone right?"), field="code")
    row = Authenticator(account=account, kind=Authenticator.Kind.TOTP, name=name, secret=secret, counter=step)
    return add_authenticator(row, session_key=session_key)


@transaction.atomic
def add_authenticator(row: Authenticator, *, session_key: str) -> list[str]:
    """Save a checked second factor. The first one ends the account's other sessions and its tokens, which came about
    by the password alone, and brings recovery codes."""
    account = Account.objects.select_for_update(of=("self",)).get(pk=row.account_id)
    there = Authenticator.objects.filter(account=account).count()
    if there >= MAX_AUTHENTICATORS:
        raise Conflict("too_many", _("At most %(most)s second factors.") % {"most": MAX_AUTHENTICATORS})
    row.name = row.name.strip()[:50] or str(Authenticator.Kind(row.kind).label)
    row.save()
    codes: list[str] = []
    if not there:
        Account.objects.filter(pk=account.pk).update(has_second_factor=True)
        end_sessions(account=account, but=session_key)
        AuthToken.objects.filter(account=account).delete()
        codes = _new_recovery_codes(account)
    record(shop=account.home_shop, action=AuditAction.SECOND_FACTOR_ADDED, subject=account.account)
    notify(account=account, kind=NoticeKind.SECOND_FACTOR_ADDED)
    return codes


@transaction.atomic
def remove_authenticator(*, account: Account, pk: int) -> None:
    """Raises Refused: `unknown`, `second_factor_required` for the last one where it is demanded."""
    row = Authenticator.objects.filter(account=account, pk=pk).first()
    if row is None:
        raise Refused("unknown", _("There is no such second factor."), status=404)
    last = not Authenticator.objects.filter(account=account).exclude(pk=pk).exists()
    if last and second_factor_demanded(account):
        words = _("You need a second factor here: add another one before you remove the last.")
        raise Conflict("second_factor_required", words)
    row.delete()
    _removed(account, last=last)


@transaction.atomic
def reset_second_factors(
    *, account: Account, actor: Actor | None = None, sub_account: SubAccount | None = None
) -> list[SubAccount]:
    """Remove all second factors of somebody who has lost them; their sessions and tokens end.

    Without an actor: by the operator's command. With one, places in other shops are suspended and returned
    (docs/adr/0013-guest-places.md); the caller ends their presence (routing.services.end_suspended_presence).
    """
    if actor is not None and (sub_account is None or not may_reset_password(actor, sub_account)):
        raise Forbidden("forbidden", _("Only the main account or an admin of the account's own shop may do this."))
    Authenticator.objects.filter(account=account).delete()
    end_sessions(account=account)
    AuthToken.objects.filter(account=account).delete()
    _removed(account, last=True)
    if actor is None:
        return []
    return suspend_guest_places(account=account, by=actor.shop, reason=SuspensionReason.SECOND_FACTOR_RESET)


def _removed(account: Account, *, last: bool) -> None:
    if last:
        Account.objects.filter(pk=account.pk).update(has_second_factor=False)
        RecoveryCode.objects.filter(account=account).delete()
    record(shop=account.home_shop, action=AuditAction.SECOND_FACTOR_REMOVED, subject=account.account)
    notify(account=account, kind=NoticeKind.SECOND_FACTOR_REMOVED)


def second_factor_demanded(account: Account) -> bool:
    """An operator, or a place in a shop that demands it."""
    if account.is_operator and settings.OPERATOR_SECOND_FACTOR:
        return True
    return SubAccount.objects.filter(account=account, enabled=True, shop__requires_second_factor=True).exists()


@transaction.atomic
def renew_recovery_codes(*, account: Account) -> list[str]:
    """New recovery codes in place of all old ones; shown this once."""
    if not account.has_second_factor:
        raise Refused("no_second_factor", _("Set up a second factor first."))
    return _new_recovery_codes(account)


def _new_recovery_codes(account: Account) -> list[str]:
    RecoveryCode.objects.filter(account=account).delete()
    codes = ["".join(secrets.choice(ALPHABET) for _n in range(10)) for _m in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create([RecoveryCode(account=account, digest=_digest(code)) for code in codes])
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def verify_code(*, account: Account, code: str, now: datetime | None = None) -> bool:
    """A code of one of the account's apps, or an unused recovery code. Each is good once."""
    now = now or timezone.now()
    given = clean_code(code)
    if not given:
        return False
    for row in Authenticator.objects.filter(account=account, kind=Authenticator.Kind.TOTP):
        if not row.secret:
            continue  # no key opens it
        step = matching_step(row.secret, given, now.timestamp())
        if step is not None:
            fresh = Authenticator.objects.filter(pk=row.pk, counter__lt=step)
            return bool(fresh.update(counter=step, last_used_at=now))
    unused = RecoveryCode.objects.filter(account=account, digest=_digest(given), used_at=None)
    if unused.update(used_at=now):
        notify(account=account, kind=NoticeKind.RECOVERY_CODE_USED, now=now)
        return True
    return False


def clean_code(code: str) -> str:
    """As typed, without blanks and hyphens."""
    return "".join(code.split()).replace("-", "").upper()[:32]


def _digest(code: str) -> str:
    return salted_hmac("agents.recovery_code", code).hexdigest()
