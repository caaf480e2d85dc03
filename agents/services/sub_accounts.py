"""Rows of sub-accounts. Called by routing.services inside the shop's lane: what changes here can free somebody (G6)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from agents.errors import Conflict, Refused
from agents.models import Account, Shop, SubAccount
from agents.services.accounts import prepare_login, save_login
from agents.services.audit import record, record_changes
from agents.services.checks import refuse_invalid
from agents.services.names import count_taken_names
from agents.services.suspensions import check_may_lift, tell_guest_shops
from agents.vocabulary import MAX_CAP, AuditAction, Platform, Role

LARGEST_CAP = 100_000
"""More is a slip of the finger, and more than every database's integer would be an error."""


SEEN_EVERY = timedelta(minutes=1)


class Unset:
    """Not given: a cap of None is a value of its own."""


UNSET: Final = Unset()


def clean_roles(roles: Iterable[str]) -> list[str]:
    """The roles once each, in the order of the table. Raises Refused `unknown_role` or `roles_required`."""
    given = set(roles)
    known = [role.value for role in Role]
    unknown = sorted(str(role) for role in given - set(known))
    if unknown:
        raise Refused("unknown_role", _("Unknown role “%(role)s”.") % {"role": unknown[0]}, field="roles")
    if not given:
        raise Refused("roles_required", _("At least one role is needed."), field="roles")
    return [role for role in known if role in given]


def check_cap(shop: Shop, cap: int | None) -> None:
    """Raises Refused `cap_too_small` or `cap_too_large` (ROUTING section 4)."""
    if cap is None:
        return
    if cap < 1:
        raise Refused("cap_too_small", _("The cap is at least 1."), field="max_concurrent")
    most = MAX_CAP.get(Platform(shop.platform), LARGEST_CAP)
    if cap > most:
        raise Refused("cap_too_large", _("The cap is at most %(most)s.") % {"most": most}, field="max_concurrent")


def _check_last_main(sub_account: SubAccount, roles: list[str], enabled: bool) -> None:
    was_main = Role.MAIN.value in sub_account.roles and sub_account.enabled
    stays_main = Role.MAIN.value in roles and enabled
    if not was_main or stays_main:
        return
    others = SubAccount.objects.for_shop(sub_account.shop).filter(enabled=True, account__isnull=False)
    if not any(Role.MAIN.value in other.roles for other in others.exclude(pk=sub_account.pk)):
        raise Conflict(
            "last_main_account",
            _("This is the shop's last main account: it can be neither disabled nor given another role."),
            field="enabled" if not enabled else "roles",
        )


def prepare_sub_account(
    *,
    shop: Shop,
    account: str,
    password: str,
    display_name: str = "",
    roles: Iterable[str] = (Role.AGENT,),
    max_concurrent: int | None = None,
) -> Account:
    """Check a new sub-account and hash its password, before the shop's lane is taken. Refusals as
    `add_sub_account`."""
    clean_roles(roles)
    check_cap(shop, max_concurrent)
    try:
        return prepare_login(account=account, password=password, display_name=display_name)
    except Conflict:
        count_taken_names(shop, 1)
        raise


def add_sub_account(
    *,
    shop: Shop,
    account: str,
    password: str,
    display_name: str = "",
    roles: Iterable[str] = (Role.AGENT,),
    max_concurrent: int | None = None,
    enabled: bool = True,
) -> SubAccount:
    """Make a login and its place in the shop (S3).

    A sub-account that imported history has left under that name (without a login) gets the login. Raises Refused:
    `account_taken` (the name is unique in the installation), `unknown_role`, `cap_too_small`, `weak_password`, ….
    """
    cleaned = clean_roles(roles)
    login = prepare_sub_account(
        shop=shop,
        account=account,
        password=password,
        display_name=display_name,
        roles=cleaned,
        max_concurrent=max_concurrent,
    )
    return add_login(shop=shop, login=login, roles=cleaned, max_concurrent=max_concurrent, enabled=enabled)


@transaction.atomic
def add_login(
    *,
    shop: Shop,
    login: Account,
    roles: Iterable[str] = (Role.AGENT,),
    max_concurrent: int | None = None,
    enabled: bool = True,
    known_to_others: bool = False,
) -> SubAccount:
    """Save a login that `prepare_sub_account` has prepared, with its place in its home shop. `known_to_others`:
    the password was chosen by somebody else, so its holder chooses another one at the first sign-in."""
    login.must_change_password = known_to_others
    save_login(login, home_shop=shop)
    return attach_account(shop=shop, account=login, roles=roles, max_concurrent=max_concurrent, enabled=enabled)


@transaction.atomic
def attach_account(
    *,
    shop: Shop,
    account: Account,
    roles: Iterable[str] = (Role.AGENT,),
    max_concurrent: int | None = None,
    enabled: bool = True,
) -> SubAccount:
    """Give an existing login a place in the shop. Raises Conflict `already_in_shop`."""
    cleaned = clean_roles(roles)
    check_cap(shop, max_concurrent)
    sub = SubAccount.objects.for_shop(shop).filter(name=account.account).first()
    if sub is None:
        sub = SubAccount(shop=shop, name=account.account)
    elif sub.account_id is not None:
        raise Conflict(
            "already_in_shop",
            _("“%(account)s” is in this shop already.") % {"account": account.account},
            field="account",
        )
    sub.account, sub.roles, sub.max_concurrent, sub.enabled = account, cleaned, max_concurrent, enabled
    refuse_invalid(sub)
    sub.save()
    record(shop=shop, action=AuditAction.SUB_ACCOUNT_ADDED, subject=sub.name, after=audited(sub))
    return sub


@transaction.atomic
def update_sub_account(
    *,
    sub_account: SubAccount,
    roles: Iterable[str] | Unset = UNSET,
    max_concurrent: int | Unset | None = UNSET,
    enabled: bool | Unset = UNSET,
    display_name: str | Unset = UNSET,
) -> SubAccount:
    """Change what is given of a sub-account.

    Raises Refused: `unknown_role`, `cap_too_small`, `cap_too_large`, `last_main_account` (field `roles` or
    `enabled`: the last enabled main account can be neither disabled nor demoted), `no_login`, `password_not_chosen`
    (field `enabled`: enabling a suspended place lifts the suspension).
    """
    before = audited(sub_account)
    new_roles = sub_account.roles if isinstance(roles, Unset) else clean_roles(roles)
    new_enabled = sub_account.enabled if isinstance(enabled, Unset) else enabled
    if not isinstance(max_concurrent, Unset):
        check_cap(sub_account.shop, max_concurrent)
        sub_account.max_concurrent = max_concurrent
    _check_last_main(sub_account, new_roles, new_enabled)
    lifted = new_enabled and sub_account.suspended_at is not None
    if lifted:
        check_may_lift(sub_account)
        sub_account.suspended_at, sub_account.suspension = None, ""
    sub_account.roles, sub_account.enabled = new_roles, new_enabled
    sub_account.save(update_fields=["roles", "max_concurrent", "enabled", "suspended_at", "suspension"])
    if not isinstance(display_name, Unset):
        _rename(sub_account, display_name)
    record_changes(
        shop=sub_account.shop,
        action=AuditAction.SUSPENSION_LIFTED if lifted else AuditAction.SUB_ACCOUNT_CHANGED,
        subject=sub_account.name,
        before=before,
        after=audited(sub_account),
    )
    return sub_account


def touch_sub_account(*, sub_account: SubAccount, now: datetime) -> None:
    """Remember that they were seen in the shop: at most once a minute, one UPDATE, and no lane: no rule looks at it."""
    seen = sub_account.last_seen_at
    if seen is not None and now - seen < SEEN_EVERY:
        return
    stale = Q(last_seen_at=None) | Q(last_seen_at__lte=now - SEEN_EVERY)
    SubAccount.objects.filter(stale, shop=sub_account.shop_id, pk=sub_account.pk).update(last_seen_at=now)


def audited(sub_account: SubAccount) -> dict[str, object]:
    """What of a sub-account the audit log tells."""
    return {
        "roles": list(sub_account.roles),
        "max_concurrent": sub_account.max_concurrent,
        "enabled": sub_account.enabled,
        "display_name": sub_account.account.display_name if sub_account.account else "",
        **({"suspension": sub_account.suspension} if sub_account.suspension else {}),
    }


def _rename(sub_account: SubAccount, display_name: str) -> None:
    """The display name is the login's: only its home shop changes it, and the other shops are told."""
    account = sub_account.account
    if account is None:
        raise Refused("no_login", _("This sub-account has no login."), field="display_name")
    if account.home_shop_id != sub_account.shop_id:
        raise Refused("not_home_shop", _("Only the account's own shop may change this."), field="display_name")
    before, account.display_name = account.display_name, display_name.strip()
    if before == account.display_name:
        return
    refuse_invalid(account, exclude={"password"})
    account.save(update_fields=["display_name"])
    tell_guest_shops(
        account=account,
        by=sub_account.shop,
        before={"display_name": before},
        after={"display_name": account.display_name},
    )
