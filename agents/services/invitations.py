"""Invitations: a shop asks another shop's account, its holder answers (DESIGN 8).

Accepting makes a sub-account, which can free somebody: it is called by routing.services inside the shop's lane.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.errors import Conflict, Forbidden, Refused
from agents.models import Account, Invitation, Shop, SubAccount
from agents.permissions import Actor, may_edit_sub_account
from agents.services.audit import record
from agents.services.names import count_invitation
from agents.services.sub_accounts import attach_account, check_cap, clean_roles
from agents.vocabulary import AuditAction, InvitationState, Role

LASTS = timedelta(days=14)


@transaction.atomic
def invite_account(
    *,
    actor: Actor,
    account: str,
    roles: Iterable[str] = (Role.AGENT,),
    max_concurrent: int | None = None,
    now: datetime | None = None,
) -> Invitation:
    """Ask an existing account to take a place in the actor's shop. Asking twice is one invitation.

    Raises Refused: `unknown_account`, `already_in_shop`, `may_not_be_invited` (who runs the installation), all at
    `account`; `forbidden` at `roles` (no admin makes a main account); `unknown_role`, `cap_too_small`, ….
    """
    now = now or timezone.now()
    cleaned = clean_roles(roles)
    check_cap(actor.shop, max_concurrent)
    if not may_edit_sub_account(actor, cleaned):
        raise Forbidden("forbidden", _("Only a main account makes main accounts."), field="roles")
    count_invitation(actor.shop)
    login = _invited(actor.shop, account.strip())
    row = (
        Invitation.objects.select_for_update()
        .filter(shop=actor.shop, account=login, state=InvitationState.PENDING)
        .first()
    )
    if row is None:
        row = Invitation(shop=actor.shop, account=login)
    elif row.is_open(now) and (row.roles, row.max_concurrent) == (cleaned, max_concurrent):
        return row
    row.roles, row.max_concurrent, row.invited_by = cleaned, max_concurrent, actor.account
    row.created_at, row.expires_at = now, now + LASTS
    row.save()
    record(
        shop=actor.shop,
        action=AuditAction.SUB_ACCOUNT_INVITED,
        subject=login.account,
        after={"roles": cleaned, "max_concurrent": max_concurrent},
    )
    return row


def _invited(shop: Shop, name: str) -> Account:
    """The account, locked so that two who invite it at once make one invitation."""
    login = Account.objects.select_for_update(of=("self",)).filter(account=name, is_active=True).first()
    if login is None:
        words = _("There is no account “%(account)s”. Add it as a new sub-account instead.")
        raise Refused("unknown_account", words % {"account": name}, field="account")
    here = SubAccount.objects.for_shop(shop).filter(account=login).first()
    if here is not None:
        words = (
            _("“%(account)s” is in this shop already.")
            if here.enabled
            else _("“%(account)s” is in this shop already, but disabled: enable it in the list.")
        )
        raise Conflict("already_in_shop", words % {"account": name}, field="account")
    if login.is_operator:
        words = _("“%(account)s” cannot be invited.")
        raise Refused("may_not_be_invited", words % {"account": name}, field="account")
    return login


@transaction.atomic
def accept_invitation(*, account: Account, pk: int, now: datetime | None = None) -> SubAccount:
    """The holder says yes: they have their place in the shop. In the shop's lane. Raises Refused `unknown_invitation`
    or `invitation_closed`."""
    row = _answered(Invitation.objects.filter(account=account), pk, InvitationState.ACCEPTED, now)
    return attach_account(shop=row.shop, account=account, roles=row.roles, max_concurrent=row.max_concurrent)


@transaction.atomic
def decline_invitation(*, account: Account, pk: int, now: datetime | None = None) -> Invitation:
    """The holder says no. Refusals as `accept_invitation`."""
    return _answered(Invitation.objects.filter(account=account), pk, InvitationState.DECLINED, now)


@transaction.atomic
def withdraw_invitation(*, actor: Actor, pk: int, now: datetime | None = None) -> Invitation:
    """The shop takes it back. Refusals as `accept_invitation`, and Forbidden for who may not invite so."""
    row = _answered(Invitation.objects.filter(shop=actor.shop), pk, InvitationState.WITHDRAWN, now)
    if not may_edit_sub_account(actor, row.roles):
        raise Forbidden("forbidden", _("Only a main account makes main accounts."))
    return row


def _answered(rows: QuerySet[Invitation], pk: int, state: InvitationState, now: datetime | None) -> Invitation:
    """The invitation, locked, with its answer written down."""
    now = now or timezone.now()
    row = rows.filter(pk=pk).select_related("shop", "account").select_for_update(of=("self",)).first()
    if row is None:
        raise Refused("unknown_invitation", _("There is no such invitation."), status=404)
    if not row.is_open(now):
        raise Conflict(
            "invitation_closed", _("This invitation is no longer open: it was answered, withdrawn or is too old.")
        )
    row.state, row.answered_at = state, now
    row.save(update_fields=["state", "answered_at"])
    record(
        shop=row.shop,
        action=AuditAction.INVITATION_ANSWERED,
        subject=row.account.account,
        before={"state": InvitationState.PENDING.value},
        after={"state": state.value},
    )
    return row
