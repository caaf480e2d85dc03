"""Figures that the tables know, asked for when somebody looks. Whichever process is asked gives the same answer.

Nothing here reads a table that grows: queues by their partial indexes, states and counters by a row a person or shop,
the rest up to a bound.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Min, Model, Sum
from django.utils import timezone
from django_q.models import OrmQ
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agents.models import SubAccount
from agents.vocabulary import Platform
from config.jobs import REGISTRY
from config.models import DecisionTally, FailedItem, JobRecord
from config.watching.job_records import lateness
from conversations.models import Conversation, MissingImage
from conversations.states import State
from core.db.time import database_time
from metrics.models import AssessmentState, DirtyDay, RollupDrift
from outgoing.models import Delivery, Push
from outgoing.vocabulary import DUE_STATES
from routing.models import AgentCounter, CounterDrift

BOUND = 10_000
"""So far things are counted that may pile up; more is the same trouble."""
DAY = timedelta(days=1)

Rows = Iterable[tuple[Any, ...]]


class Tables(Collector):
    """One look: everything as of `now`. A database that is away leaves `fenliu_database_up 0` and nothing else."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("fenliu_database_up", "Whether the database answers.")
        try:
            found = [*_all(timezone.now())]
        except DatabaseError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        theirs = database_time(connection)
        difference = 0.0 if theirs is None else (timezone.now() - theirs).total_seconds()
        words = "By how much this machine's clock is ahead of the database's."
        yield _gauge("fenliu_clock_difference_seconds", words, (), [(difference,)])
        yield from found


def _all(now: datetime) -> Iterator[Metric]:
    yield from _decisions()
    yield from _queues(now)
    yield from _people()
    yield from _jobs(now)
    yield from _outgoing(now)
    yield from _truth(now)
    lost = len(MissingImage.objects.order_by().values_list("pk", flat=True)[:BOUND])
    words = f"Messages whose image is not on disk, as of last night, up to {BOUND}."
    yield _gauge("fenliu_missing_images", words, (), [(lost,)])
    yield _gauge("fenliu_database_bytes", "Size of the database.", (), [(_size(),)])
    yield _gauge(
        "fenliu_backup_timestamp_seconds", "When the last backup was finished; 0: never.", (), [(_backed_up(),)]
    )


def _gauge(name: str, words: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    """Each row: the labels' values, then the figure."""
    family = GaugeMetricFamily(name, words, labels=labels)
    for *values, figure in rows:
        family.add_metric([str(value) for value in values], figure)
    return family


def _counter(name: str, words: str, labels: tuple[str, ...], rows: Rows) -> Metric:
    family = CounterMetricFamily(name, words, labels=labels)
    for *values, figure in rows:
        family.add_metric([str(value) for value in values], figure)
    return family


def _decisions() -> Iterator[Metric]:
    rows = DecisionTally.objects.values_list("platform", "rule", "outcome", "count")
    yield _counter(
        "fenliu_decisions", "Decisions, as of the last minute.", ("platform", "rule", "outcome"), rows.iterator()
    )


def _queues(now: datetime) -> Iterator[Metric]:
    """Every platform has a line, also while nobody waits: a figure that is missing is no alarm."""
    waiting = Conversation.objects.filter(state=State.QUEUED).order_by().values_list("shop__platform")
    found = {row[0]: row[1:] for row in waiting.annotate(Count("pk"), Min("waiting_since"))}
    counts = [(platform, found.get(platform, (0, None))[0]) for platform in Platform]
    waits = [(platform, _ago(found.get(platform, (0, None))[1], now)) for platform in Platform]
    yield _gauge("fenliu_waiting_conversations", "Conversations that wait in a pool.", ("platform",), counts)
    yield _gauge("fenliu_longest_wait_seconds", "How long the first of them has waited.", ("platform",), waits)


def _ago(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def _people() -> Iterator[Metric]:
    counters = AgentCounter.objects.order_by().values_list("shop__platform")
    held = {row[0]: row[1:] for row in counters.annotate(Sum("open"), Sum("waiting_replies"))}
    opened = [(platform, held.get(platform, (0, 0))[0]) for platform in Platform]
    unanswered = [(platform, held.get(platform, (0, 0))[1]) for platform in Platform]
    yield _gauge("fenliu_open_conversations", "Conversations that somebody holds.", ("platform",), opened)
    yield _gauge("fenliu_unanswered_conversations", "… and the buyer waits for an answer.", ("platform",), unanswered)
    statuses = SubAccount.objects.filter(enabled=True).order_by().values_list("shop__platform", "status")
    yield _gauge("fenliu_people", "Enabled sub-accounts.", ("platform", "status"), statuses.annotate(Count("pk")))


def _jobs(now: datetime) -> Iterator[Metric]:
    records = list(JobRecord.objects.all())
    scheduled = [(row, job.cron) for row in records if (job := REGISTRY.get(row.name)) is not None and job.cron]
    yield _gauge(
        "fenliu_job_late_seconds",
        "How long ago a scheduled job was due that has not gone well since.",
        ("name",),
        [(row.name, lateness(cron, row.succeeded_at or row.since, now)) for row, cron in scheduled],
    )
    yield _gauge(
        "fenliu_job_succeeded_timestamp_seconds",
        "When a job last went well; 0: never.",
        ("name",),
        [(row.name, row.succeeded_at.timestamp() if row.succeeded_at else 0) for row in records],
    )
    yield _gauge(
        "fenliu_job_last_seconds", "How long it took.", ("name",), [(row.name, row.last_seconds) for row in records]
    )
    yield _counter("fenliu_job_runs", "Runs that went well.", ("name",), [(row.name, row.runs) for row in records])
    yield _counter("fenliu_job_failures", "Runs that failed.", ("name",), [(row.name, row.failures) for row in records])
    seconds = [(row.name, row.seconds) for row in records]
    yield _counter("fenliu_job_seconds", "Seconds in all, of runs that went well.", ("name",), seconds)
    parked = dict(FailedItem.objects.exclude(parked_at=None).order_by().values_list("sweep").annotate(Count("pk")))
    words = "Items of a sweep that failed again and again and wait to be looked at."
    yield _gauge("fenliu_parked_items", words, ("sweep",), sorted(parked.items()) or [("none", 0)])
    if settings.TASK_RUNNER == "django_q":
        queued = OrmQ.objects.count()
        yield _gauge("fenliu_job_queue_length", "Jobs that wait for a worker (django-q2).", (), [(queued,)])


def _outgoing(now: datetime) -> Iterator[Metric]:
    due = Delivery.objects.filter(state__in=DUE_STATES, outlet__on=True).order_by().values_list("outlet__kind")
    found = {kind: (count, oldest) for kind, count, oldest in due.annotate(Count("pk"), Min("since"))}
    pushes = Push.objects.filter(state__in=DUE_STATES).aggregate(count=Count("pk"), oldest=Min("since"))
    found["push"] = (pushes["count"], pushes["oldest"])
    found.setdefault("webhook", (0, None))
    counts = [(kind, count) for kind, (count, _) in sorted(found.items())]
    oldest = [(kind, _ago(since, now)) for kind, (_, since) in sorted(found.items())]
    yield _gauge("fenliu_deliveries_pending", "What is still to go out to other systems.", ("kind",), counts)
    yield _gauge("fenliu_delivery_oldest_seconds", "How old the oldest of it is.", ("kind",), oldest)


def _truth(now: datetime) -> Iterator[Metric]:
    """Drifts are told by the time at which they were found, so they are read from the newest back, up to a bound."""
    drifts = [("counters", _lately(CounterDrift, now)), ("rollups", _lately(RollupDrift, now))]
    yield _gauge("fenliu_drifts", "Figures found to differ from the truth, and set right, in a day.", ("of",), drifts)
    marks = len(DirtyDay.objects.order_by().values_list("pk", flat=True)[:BOUND])
    yield _gauge("fenliu_days_to_count", f"Buyers' and shops' days still to be counted, up to {BOUND}.", (), [(marks,)])
    oldest = AssessmentState.objects.aggregate(oldest=Min("assessed_at"))["oldest"]
    words = "How old the figures are of the shop that was counted longest ago; a quiet one is counted once a day."
    yield _gauge("fenliu_assessment_age_seconds", words, (), [(_ago(oldest, now),)])


def _lately(model: type[Model], now: datetime) -> int:
    newest = model._default_manager.order_by("-pk").values_list("at", flat=True)[:BOUND]
    return sum(at >= now - DAY for at in newest)


def _backed_up() -> float:
    """deploy/backup touches a file when it is done."""
    try:
        return Path(settings.BACKUP_STAMP).stat().st_mtime
    except OSError:
        return 0.0


def _size() -> int:
    sql = (
        "SELECT pg_database_size(current_database())"
        if connection.vendor == "postgresql"
        else "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])
