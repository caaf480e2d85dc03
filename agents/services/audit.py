from typing import Any

from agents.acting import Acting, acting
from agents.models import AuditEntry, Shop
from agents.vocabulary import AuditAction

MOST = 200


def record(
    *,
    shop: Shop | None,
    action: AuditAction,
    subject: str = "",
    before: Any = None,
    after: Any = None,
    who: Acting | None = None,
) -> AuditEntry:
    """Write into the audit log, inside the transaction of the change that it tells of.

    `subject`: what was changed, by the name that people know it by (an account, a group, a template). `before`,
    `after`: JSON, only what differs; never a password or a key. Who and from where is the request's, unless
    `who` is given.
    """
    who = who or acting()
    return AuditEntry.objects.create(
        shop=shop,
        action=action,
        subject=subject[:MOST],
        before=before,
        after=after,
        by=who.account,
        by_name=who.name,
        address=who.address,
    )


def record_changes(
    *, shop: Shop | None, action: AuditAction, subject: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Record what differs between two states of one thing, and nothing if nothing does."""
    keys = [key for key in after if before.get(key) != after[key]]
    if keys:
        record(
            shop=shop,
            action=action,
            subject=subject,
            before={key: before.get(key) for key in keys},
            after={key: after[key] for key in keys},
        )
