"""When each of a shop's people took part in routing, from the audit log and the log of statuses."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime

from agents.models import AuditEntry, Shop, SubAccount
from agents.vocabulary import AuditAction
from metrics.formulas.taking_part import AgentState, Change, Span, spans_taking_part
from metrics.selectors.presence import Switches


def times_taking_part(
    shop: Shop, people: Mapping[int, SubAccount], switches: Switches, start: datetime, end: datetime
) -> dict[int, list[Span]]:
    """By sub-account key; one query.

    A status that somebody had shows that they were there, even before their row was written: as in a shop whose past
    was brought along.
    """
    changes = _changes(shop, start)
    found = {}
    for pk, row in people.items():
        seen = _first_event_times(switches, pk, start)
        own = [change for change in changes[row.name] if change.before is not None or change.at <= seen]
        since = min(row.created_at, seen)
        found[pk] = spans_taking_part(AgentState(row.enabled, row.roles, since), own, start, end)
    return found


def _first_event_times(switches: Switches, pk: int, start: datetime) -> datetime:
    """When somebody first had a status within the range; the end of times where they had none."""
    if pk in switches.before:
        return start
    changes = switches.changes.get(pk)
    return changes[0][0] if changes else datetime.max.replace(tzinfo=UTC)


def _changes(shop: Shop, start: datetime) -> defaultdict[str, list[Change]]:
    """By account name, the latest first."""
    found: defaultdict[str, list[Change]] = defaultdict(list)
    actions = (AuditAction.SUB_ACCOUNT_ADDED, AuditAction.SUB_ACCOUNT_CHANGED)
    rows = AuditEntry.objects.filter(shop=shop, action__in=actions, at__gte=start).order_by("-at", "-pk")
    for action, name, at, before in rows.values_list("action", "subject", "at", "before"):
        found[name].append(Change(at, None if action == AuditAction.SUB_ACCOUNT_ADDED else before or {}))
    return found
