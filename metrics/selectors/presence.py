"""The statuses of a shop's people over a time, from their log."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max

from agents.models import PresenceLog, Shop
from agents.vocabulary import Status

Switch = tuple[datetime, str]


@dataclass(slots=True)
class Switches:
    """By sub-account key: the status at the start, and every change, in order."""

    before: dict[int, str]
    changes: defaultdict[int, list[Switch]] = field(default_factory=lambda: defaultdict(list))

    @property
    def known(self) -> bool:
        """Whether any statuses were kept up to the end of the time."""
        return bool(self.before or self.changes)

    def of(self, agent: int) -> tuple[str, list[Switch]]:
        return self.before.get(agent, Status.OFFLINE.value), self.changes.get(agent, [])


def switches_between(shop: Shop, start: datetime, end: datetime) -> Switches:
    log = PresenceLog.objects.filter(shop=shop, at__lt=end)
    newest = log.filter(at__lt=start).order_by().values("sub_account").annotate(last=Max("pk")).values("last")
    found = Switches(dict(PresenceLog.objects.filter(pk__in=newest).values_list("sub_account_id", "status")))
    rows = log.filter(at__gte=start).order_by("at", "pk").values_list("sub_account_id", "at", "status")
    for who, at, status in rows:
        found.changes[who].append((at, status))
    return found
