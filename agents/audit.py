"""Reading the audit log."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from agents.models import AuditEntry, Shop
from agents.vocabulary import AuditAction


@dataclass(frozen=True)
class AuditFilters:
    """What the log is asked for; days are shop days, both included. `by` is part of a name, `subject` of a thing."""

    action: str = ""
    by: str = ""
    subject: str = ""
    date_from: date | None = None
    date_to: date | None = None


def audit_entries(shop: Shop, asked: AuditFilters) -> QuerySet[AuditEntry]:
    """The shop's entries, the newest first. Readings of conversations are many: only where they are asked for."""
    rows = AuditEntry.objects.filter(shop=shop).select_related("by").order_by("-at", "-pk")
    rows = rows.filter(action=asked.action) if asked.action else rows.exclude(action=AuditAction.CONVERSATION_READ)
    if asked.by:
        rows = rows.filter(by_name__icontains=asked.by)
    if asked.subject:
        rows = rows.filter(subject__icontains=asked.subject)
    if asked.date_from:
        rows = rows.filter(at__gte=shop.midnight(asked.date_from))
    if asked.date_to:
        rows = rows.filter(at__lt=shop.midnight(asked.date_to + timedelta(days=1)))
    return rows


def each_entry(rows: QuerySet[AuditEntry], size: int) -> Iterator[AuditEntry]:
    """All of `rows` (audit_entries), read `size` at a time from where the last piece ended.

    Memory does not grow with the log, and no cursor of the server's is held: a pooler in transaction mode has none.
    """
    piece = list(rows[:size])
    yield from piece
    while len(piece) == size:
        last = piece[-1]
        piece = list(rows.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))[:size])
        yield from piece
