"""Jobs of the installation itself."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone
from django_q.models import Task

from agents.models import AccountMail, AccountNotice, AccountSession, AuditEntry, AuthToken, Device, SignInFailure
from agents.vocabulary import AuditAction
from config.jobs import job
from config.models import FailedItem
from config.watching.tallying import tally_decisions
from metrics.models import Replay, RollupDrift
from routing.models import CounterDrift

PIECE = 5000
"""Rows deleted at once."""


@job(name="config.tally_decisions", cron="* * * * *")
def tally() -> int:
    """Count the decisions that have come since, for /metrics; how many."""
    return tally_decisions()


@job(name="config.drop_old_records", cron="53 3 * * *")
def drop_old_records() -> int:
    """Drop what the installation has noted of itself and no longer needs; how many rows."""
    now = timezone.now()
    records, audit = now - timedelta(days=settings.KEEP_RECORDS_DAYS), now - timedelta(days=settings.KEEP_AUDIT_DAYS)
    old: list[QuerySet[Any]] = [
        Session.objects.filter(expire_date__lt=now),
        SignInFailure.objects.filter(at__lt=records),
        AccountSession.objects.exclude(session_key__in=Session.objects.values("session_key")),
        AccountNotice.objects.filter(at__lt=records),
        AccountMail.objects.filter(created_at__lt=records),
        AuthToken.objects.filter(expires_at__lt=now),
        Device.objects.filter(last_seen_at__lt=now - timedelta(days=400)),
        Task.objects.filter(stopped__lt=records),
        FailedItem.objects.filter(last_failed_at__lt=records),
        CounterDrift.objects.filter(at__lt=records),
        RollupDrift.objects.filter(at__lt=records),
        Replay.objects.filter(asked_at__lt=now - timedelta(days=7)),
    ]
    if settings.KEEP_READINGS_DAYS:
        readings = now - timedelta(days=settings.KEEP_READINGS_DAYS)
        old.append(AuditEntry.objects.filter(action=AuditAction.CONVERSATION_READ, at__lt=readings))
    if settings.KEEP_AUDIT_DAYS:
        old += [AuditEntry.objects.filter(at__lt=audit), LogEntry.objects.filter(action_time__lt=audit)]
    return sum(_drop(rows) for rows in old)


def _drop(rows: QuerySet[Any]) -> int:
    dropped = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:PIECE]):
        dropped += rows.model._default_manager.filter(pk__in=keys).delete()[0]
    return dropped
