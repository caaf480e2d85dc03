from datetime import datetime

from agents.models import Account, Device
from agents.services.tokens import digest_of

MAX_DEVICES = 50
"""Of one account; the longest unseen is forgotten."""


def note_device(*, account: Account, secret: str, browser: str, now: datetime) -> bool:
    """Remember that the account has signed in in this browser; True if for the first time."""
    device, new = Device.objects.get_or_create(
        account=account,
        digest=digest_of(secret),
        defaults={"browser": browser[:200], "created_at": now, "last_seen_at": now},
    )
    if not new:
        Device.objects.filter(pk=device.pk).update(browser=browser[:200], last_seen_at=now)
        return False
    kept = account.devices.order_by("-last_seen_at", "-pk").values_list("pk", flat=True)
    old = list(kept[MAX_DEVICES:])
    if old:
        Device.objects.filter(pk__in=old).delete()
    return True
