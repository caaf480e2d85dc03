from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.errors import Conflict
from agents.models import Account, ExternalIdentity
from agents.services.audit import record
from agents.services.notices import notify
from agents.single_sign_on import Identity
from agents.vocabulary import AuditAction, NoticeKind


def account_of_identity(*, provider: str, identity: Identity) -> Account | None:
    """Return the active account that has linked the identity, if any."""
    rows = ExternalIdentity.objects.select_related("account").filter(provider=provider, subject=identity.subject)
    row = rows.filter(account__is_active=True).first()
    if row is None:
        return None
    ExternalIdentity.objects.filter(pk=row.pk).update(last_used_at=timezone.now())
    return row.account


def link_identity(*, account: Account, provider: str, identity: Identity) -> None:
    """From now on this identity signs the account in. Raises Conflict `identity_taken`."""
    row = ExternalIdentity(account=account, provider=provider, subject=identity.subject, name=identity.name)
    try:
        with transaction.atomic():
            row.save()
            record(shop=account.home_shop, action=AuditAction.IDENTITY_LINKED, subject=account.account)
            notify(account=account, kind=NoticeKind.IDENTITY_LINKED)
    except IntegrityError as error:
        raise Conflict("identity_taken", _("That is linked with an account already.")) from error


@transaction.atomic
def unlink_identity(*, account: Account, pk: int) -> bool:
    """From now on it signs nobody in; False if the account has none such."""
    if not ExternalIdentity.objects.filter(account=account, pk=pk).delete()[0]:
        return False
    record(shop=account.home_shop, action=AuditAction.IDENTITY_UNLINKED, subject=account.account)
    notify(account=account, kind=NoticeKind.IDENTITY_UNLINKED)
    return True
