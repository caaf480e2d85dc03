from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.errors import Conflict, Refused
from agents.models import Account, PresenceLog, SubAccount
from agents.vocabulary import Status


@transaction.atomic
def set_status(
    *,
    sub_account: SubAccount,
    status: str,
    by: Account | None,
    device: str = "",
    reason: str = "",
    at: datetime | None = None,
) -> bool:
    """Write a sub-account's status and its log line: who, when, from which device, why. False: it was so already.

    Called by routing.services inside the shop's lane. Raises Refused `unknown_status`; Conflict `no_login` where nobody
    could be there: a sub-account that imported history has left is offline until it gets a login.
    """
    if status not in set(Status):
        raise Refused("unknown_status", _("Unknown status “%(status)s”.") % {"status": status}, field="status")
    if status != Status.OFFLINE and sub_account.account_id is None:
        raise Conflict("no_login", _("This sub-account has no login: nobody can be online there."), field="status")
    previous = sub_account.status
    if previous == status:
        return False
    at = at or timezone.now()
    sub_account.status, sub_account.status_since = status, at
    sub_account.save(update_fields=["status", "status_since"])
    PresenceLog.objects.create(
        shop_id=sub_account.shop_id,
        sub_account=sub_account,
        status=status,
        previous=previous,
        at=at,
        by=by,
        device=device[:200],
        reason=reason[:200],
    )
    return True


@transaction.atomic
def note_app_login(*, sub_account: SubAccount) -> None:
    """The sub-account has used the mobile app: from now on it gets pushes (G10)."""
    if not sub_account.mobile_app:
        sub_account.mobile_app = True
        sub_account.save(update_fields=["mobile_app"])
