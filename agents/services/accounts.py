from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.errors import Conflict, Forbidden, Refused
from agents.models import Account, AuthToken, Shop, SubAccount
from agents.permissions import Actor, may_reset_password
from agents.services.audit import record
from agents.services.checks import refuse_invalid, refuse_weak_password
from agents.services.suspensions import suspend_guest_places
from agents.vocabulary import AuditAction, SuspensionReason


def _create(account: Account, password: str) -> Account:
    refuse_invalid(account, exclude={"password"})
    if Account.objects.filter(account=account.account).exists():
        raise _taken(account)
    refuse_weak_password(account, password)
    account.set_password(password)
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:  # somebody else took the name at this very moment
        raise _taken(account) from error
    return account


def _taken(account: Account) -> Conflict:
    words = _("The account name “%(account)s” is taken.") % {"account": account.account}
    return Conflict("account_taken", words, field="account")


@transaction.atomic
def create_operator(*, account: str, password: str) -> Account:
    """Make a login that runs the installation (CONTRACT 1). Raises Refused: name taken or invalid, weak password."""
    login = Account(account=account, is_operator=True, is_superuser=True, password_chosen_at=timezone.now())
    return _create(login, password)


@transaction.atomic
def create_shop_account(*, shop: Shop, account: str, password: str, display_name: str = "") -> Account:
    """Make a login whose home is `shop`: only that shop's main or admin resets its password (DESIGN 8)."""
    return _create(Account(account=account, home_shop=shop, display_name=display_name), password)


def _set_password(account: Account, password: str, *, chosen_at: datetime | None) -> None:
    """A new password ends every session (their auth hash no longer fits) and every token.

    `chosen_at`: now if the holder chooses it themselves, None if somebody else does.
    """
    refuse_weak_password(account, password)
    account.set_password(password)
    account.password_chosen_at = chosen_at
    account.save(update_fields=["password", "password_chosen_at"])
    AuthToken.objects.filter(account=account).delete()


@transaction.atomic
def change_password(*, account: Account, old_password: str, new_password: str) -> None:
    """Change one's own password. Ends all sessions and tokens; the caller keeps this one session alive.

    Raises Refused `wrong_password` (field `old_password`) or `weak_password`.
    """
    if not account.check_password(old_password):
        raise Refused("wrong_password", _("That is not your present password."), field="old_password")
    _set_password(account, new_password, chosen_at=timezone.now())
    record(shop=account.home_shop, action=AuditAction.PASSWORD_CHANGED, subject=account.account)


@transaction.atomic
def reset_password(*, actor: Actor, sub_account: SubAccount, password: str) -> list[SubAccount]:
    """Set somebody's password: the home shop's main or admin alone (DESIGN 8). Ends their sessions and tokens.

    Suspends their places in other shops, in the same transaction: whoever has set the password knows it. Returns these
    places; routing.services.reset_password ends their presence.
    """
    account = sub_account.account
    if account is None:
        raise Refused("no_login", _("This sub-account has no login."), field="account")
    if not may_reset_password(actor, sub_account):
        raise Forbidden("forbidden", _("Only the main account or an admin of the account's own shop may do this."))
    _set_password(account, password, chosen_at=None)
    record(shop=actor.shop, action=AuditAction.PASSWORD_RESET, subject=account.account)
    return suspend_guest_places(account=account, by=actor.shop, reason=SuspensionReason.PASSWORD_RESET)
