from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.errors import Conflict, Forbidden, Refused
from agents.models import Account, AuthToken, Device, Shop, SubAccount
from agents.permissions import Actor, may_reset_password
from agents.services.audit import record
from agents.services.checks import refuse_invalid, refuse_weak_password
from agents.services.notices import notify
from agents.services.sessions import end_sessions
from agents.services.sign_in_limits import lift_lock
from agents.services.suspensions import suspend_guest_places
from agents.vocabulary import AuditAction, NoticeKind, SuspensionReason


def prepare_login(*, account: str, password: str, display_name: str = "", operator: bool = False) -> Account:
    """Check and hash a new login without saving it: hashing is slow, so it stands outside of every transaction.

    Raises Refused: name taken or invalid, weak password.
    """
    login = Account(account=account, display_name=display_name, is_operator=operator, is_superuser=operator)
    refuse_invalid(login, exclude={"password"})
    if Account.objects.filter(account=account).exists():
        raise _taken(login)
    refuse_weak_password(login, password)
    login.set_password(password)
    return login


def save_login(login: Account, *, home_shop: Shop | None = None) -> Account:
    """Save what `prepare_login` has prepared. Raises Conflict if the name has been taken meanwhile."""
    login.home_shop = home_shop
    try:
        with transaction.atomic():
            login.save()
    except IntegrityError as error:
        raise _taken(login) from error
    return login


def _taken(account: Account) -> Conflict:
    words = _("The account name “%(account)s” is taken.") % {"account": account.account}
    return Conflict("account_taken", words, field="account")


def create_operator(*, account: str, password: str) -> Account:
    """Make a login that runs the installation (CONTRACT 1). Raises Refused: name taken or invalid, weak password."""
    login = prepare_login(account=account, password=password, operator=True)
    login.password_chosen_at = timezone.now()
    return save_login(login)


def _hash_password(account: Account, password: str) -> None:
    """Put the new password's hash into `account`, unsaved; outside of every transaction."""
    refuse_weak_password(account, password)
    account.set_password(password)


def _save_password(account: Account, *, known_to_others: bool, but: str = "") -> None:
    """A new password ends every session but one and every token, and lifts a lock.

    `known_to_others`: somebody else has set it, so the holder has to choose one of their own.
    """
    account.must_change_password = known_to_others
    account.password_chosen_at = None if known_to_others else timezone.now()
    account.save(update_fields=["password", "must_change_password", "password_chosen_at"])
    AuthToken.objects.filter(account=account).delete()
    end_sessions(account=account, but=but)
    lift_lock(account)


def change_password(*, account: Account, old_password: str, new_password: str, session_key: str = "") -> None:
    """Change one's own password. Ends all tokens, and all sessions but the one with the key `session_key`.

    Raises Refused `wrong_password` (field `old_password`), `same_password` or `weak_password`.
    """
    if not account.check_password(old_password):
        raise Refused("wrong_password", _("That is not your present password."), field="old_password")
    if old_password == new_password:
        raise Refused("same_password", _("That is your present password: choose another one."), field="password")
    set_own_password(account=account, password=new_password, session_key=session_key)


def set_own_password(*, account: Account, password: str, session_key: str = "") -> None:
    """A password that its holder has chosen, who has been checked already. Raises Refused `weak_password`."""
    _hash_password(account, password)
    with transaction.atomic():
        _save_password(account, known_to_others=False, but=session_key)
        record(shop=account.home_shop, action=AuditAction.PASSWORD_CHANGED, subject=account.account)
        notify(account=account, kind=NoticeKind.PASSWORD_CHANGED)


def reset_password(*, actor: Actor, sub_account: SubAccount, password: str) -> list[SubAccount]:
    """Set somebody's password: the home shop's main or admin alone (DESIGN 8). Ends their sessions and tokens; they
    choose one of their own when they sign in.

    Suspends their places in other shops, in the same transaction: whoever has set the password knows it. Returns these
    places; routing.services.reset_password ends their presence.
    """
    account = sub_account.account
    if account is None:
        raise Refused("no_login", _("This sub-account has no login."), field="account")
    if not may_reset_password(actor, sub_account):
        raise Forbidden("forbidden", _("Only the main account or an admin of the account's own shop may do this."))
    _hash_password(account, password)
    with transaction.atomic():
        _save_password(account, known_to_others=True)
        Device.objects.filter(account=account).delete()
        record(shop=actor.shop, action=AuditAction.PASSWORD_RESET, subject=account.account)
        notify(account=account, kind=NoticeKind.PASSWORD_RESET)
        return suspend_guest_places(account=account, by=actor.shop, reason=SuspensionReason.PASSWORD_RESET)
