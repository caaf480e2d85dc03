"""Places in other shops, suspended because an account's home shop has changed how its holder signs in.

The home shop may know the new password. What it can reach with it ends here: the other shop alone lifts the suspension
(docs/adr/0013). Suspended places are disabled too, so that nothing that looks at `enabled` needs to know of this.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.acting import Acting
from agents.errors import Conflict
from agents.models import Account, Invitation, Shop, SubAccount
from agents.services.audit import record
from agents.vocabulary import AuditAction, InvitationState, SuspensionReason


@transaction.atomic
def suspend_guest_places(
    *, account: Account, by: Shop | None, reason: SuspensionReason, now: datetime | None = None
) -> list[SubAccount]:
    """Suspend the account's places outside its home shop; the places, each with its shop.

    To be called inside the transaction that changes the credential. `by`: the shop that changes it, the only thing that
    the other shops' audit logs name. Invitations that wait for the holder's answer are withdrawn: whoever knows
    the new password could accept them. Presence ends with `routing.services.end_suspended_presence`, which a sweep
    calls as well.
    """
    now = now or timezone.now()
    who = Acting(None, "" if by is None else str(by), "")
    _withdraw_invitations(account, who, now)
    places = list(_guest_places(account).select_for_update(of=("self",)))
    for place in places:
        before = {"enabled": place.enabled, "suspension": place.suspension}
        if place.suspension != SuspensionReason.PASSWORD_RESET:
            place.suspension = reason
        place.enabled, place.suspended_at = False, now
        place.save(update_fields=["enabled", "suspended_at", "suspension"])
        after = {"enabled": False, "suspension": place.suspension}
        record(
            shop=place.shop,
            action=AuditAction.SUB_ACCOUNT_SUSPENDED,
            subject=place.name,
            before=before,
            after=after,
            who=who,
        )
    return places


def tell_guest_shops(*, account: Account, by: Shop, before: dict[str, str], after: dict[str, str]) -> None:
    """Record in the other shops what the home shop has changed of an account without touching its credentials."""
    for place in _guest_places(account):
        record(
            shop=place.shop,
            action=AuditAction.SUB_ACCOUNT_CHANGED,
            subject=place.name,
            before=before,
            after=after,
            who=Acting(None, str(by), ""),
        )


def check_may_lift(place: SubAccount) -> None:
    """Raise Conflict `password_not_chosen` while the holder's password is one that somebody else has set.

    Without this the suspension would end while the home shop still knows the password.
    """
    account, since = place.account, place.suspended_at
    if account is None or since is None or place.suspension != SuspensionReason.PASSWORD_RESET:
        return
    if account.password_chosen_at is None or account.password_chosen_at <= since:
        words = _("The holder of “%(account)s” has not chosen a password of their own since it was reset.")
        raise Conflict("password_not_chosen", words % {"account": place.name}, field="enabled")


def _guest_places(account: Account) -> QuerySet[SubAccount]:
    rows = SubAccount.objects.filter(account=account).exclude(shop=account.home_shop_id)
    return rows.select_related("shop", "account").order_by("shop", "pk")


def _withdraw_invitations(account: Account, who: Acting, now: datetime) -> None:
    rows = Invitation.objects.filter(account=account, state=InvitationState.PENDING).exclude(shop=account.home_shop_id)
    for row in rows.select_related("shop").select_for_update(of=("self",)).order_by("pk"):
        row.state, row.answered_at = InvitationState.WITHDRAWN, now
        row.save(update_fields=["state", "answered_at"])
        record(
            shop=row.shop,
            action=AuditAction.INVITATION_ANSWERED,
            subject=account.account,
            before={"state": InvitationState.PENDING.value},
            after={"state": InvitationState.WITHDRAWN.value},
            who=who,
        )
