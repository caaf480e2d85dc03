from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.errors import Forbidden
from agents.models import ShopKey
from agents.permissions import Actor, Permission, may
from agents.services.audit import record
from agents.services.checks import refuse_invalid
from agents.services.tokens import KEY_PREFIX, digest_of, new_secret
from agents.vocabulary import AuditAction

SHOWN = 9
"""How much of a key is kept to recognise it by: `fk_` and six characters of 43."""

TOUCH_EVERY = timedelta(minutes=1)


def _refuse_others(actor: Actor) -> None:
    if not may(actor, Permission.KEYS_EDIT):
        raise Forbidden("forbidden", _("Only the main account or an admin may do this."))


@transaction.atomic
def create_key(*, actor: Actor, name: str) -> tuple[ShopKey, str]:
    """Make a key for another program (CONTRACT 5). The key itself is in no table: it is shown this once."""
    _refuse_others(actor)
    secret = new_secret(KEY_PREFIX)
    key = ShopKey(
        shop=actor.shop,
        name=name.strip(),
        prefix=secret[:SHOWN],
        digest=digest_of(secret),
        created_by=actor.account,
    )
    refuse_invalid(key)
    key.save()
    record(shop=actor.shop, action=AuditAction.KEY_MADE, subject=str(key))
    return key, secret


@transaction.atomic
def revoke_key(*, actor: Actor, key: ShopKey) -> None:
    """From now on the key opens nothing; its row stays, for the log."""
    _refuse_others(actor)
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        record(shop=actor.shop, action=AuditAction.KEY_REVOKED, subject=str(key))


def touch_key(*, key: ShopKey, now: datetime) -> None:
    """Remember that the key was used: at most once a minute, so that a busy program does not write a row each time."""
    if key.last_used_at is None or now - key.last_used_at >= TOUCH_EVERY:
        ShopKey.objects.filter(pk=key.pk).update(last_used_at=now)
