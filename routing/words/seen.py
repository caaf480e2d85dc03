from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from agents.labels import STATUSES
from agents.vocabulary import Status

THERE = timedelta(minutes=5)
"""Who is online and has been seen so lately is simply there."""


def seen_words(seen: datetime | None, status: str, now: datetime) -> str:
    """When somebody was last seen, as one says it: "3 min ago", "yesterday 21:04"; in the active time zone."""
    if status == Status.ONLINE and (seen is None or now - seen < THERE):
        return str(STATUSES[Status.ONLINE])
    if seen is None:
        return _("never signed in")
    minutes = int((now - seen).total_seconds()) // 60
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return _("%(minutes)s min ago") % {"minutes": minutes}
    local, today = timezone.localtime(seen), timezone.localtime(now).date()
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return _("today %(time)s") % {"time": clock}
    if local.date() == today - timedelta(days=1):
        return _("yesterday %(time)s") % {"time": clock}
    return f"{local:%m-%d} {clock}" if local.year == today.year else f"{local:%Y-%m-%d}"
