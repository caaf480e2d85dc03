"""What a web process looks after beside its pages: whose page has fallen silent is set offline within seconds, what
a silent holder keeps goes on to somebody else (G21), what happened goes out to other systems.

Its work is idempotent and done in rows, so every process does it; a job looks once a minute as well.
"""

import asyncio
import logging
from collections.abc import Callable

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection
from django.utils import timezone

from agents.models import Shop
from agents.services import renew_leases
from config.jobs import each
from config.watching.job_records import know_jobs
from core.secrets import unreadable_columns
from outgoing.services import sweep
from routing.services import lapse_leases, overdue_shops, run_time_outs, silent_shops

EVERY = 5.0
"""Seconds between two looks at who has fallen silent."""
OUTGOING_EVERY = 2.0
"""Seconds between two looks at what is to go out."""

logger = logging.getLogger(__name__)


async def keep() -> None:
    """Until cancelled."""
    await _survive(lambda: renew_leases(now=timezone.now()))
    await _survive(know_jobs)
    await _survive(report_unreadable_secrets)
    await asyncio.gather(_again(EVERY, set_offline), _again(EVERY, pass_on_silent), _again(OUTGOING_EVERY, sweep))


def report_unreadable_secrets() -> None:
    """Say at the start which stored secrets no key opens; everything else goes on without them."""
    for one in unreadable_columns():
        logger.error("%s: %s values cannot be read by any key of FENLIU_SECRETS_KEY", one.label, one.unreadable)


async def _again(every: float, work: Callable[[], object]) -> None:
    while True:
        await asyncio.sleep(every)
        await _survive(work)


def set_offline() -> None:
    each("routing.leases", overdue_shops(), lambda shop: lapse_leases(shop=shop), key=lambda shop: shop.pk)


def pass_on_silent() -> None:
    shops = Shop.objects.filter(pk__in=silent_shops())
    each("routing.time_outs", shops, lambda shop: len(run_time_outs(shop=shop)), key=lambda shop: shop.pk)


async def _survive(work: Callable[[], object]) -> None:
    try:
        await sync_to_async(_with_connection, thread_sensitive=False)(work)
    except DatabaseError as error:
        logger.warning("The keeper waits for the database: %s", error)
    except Exception:
        logger.exception("The keeper failed; it goes on")


def _with_connection(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connection.close()
