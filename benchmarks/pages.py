"""Pages of figures on PostgreSQL: their queries beside the best single SQL by hand for the same figures."""

import re
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import override_settings

from agents.models import Account, Shop
from agents.services import add_sub_account
from benchmarks.table import Row
from metrics.formulas.days import day_of
from metrics.formulas.measures import MEASURES

TIMES = 15

BEST_TODAY = """SELECT metric, date, sum(passed), sum(failed), sum(pending) FROM metrics_raterollup
WHERE shop_id = %(shop)s AND dimension = 'shop' AND date >= %(since)s GROUP BY metric, date"""
BEST_TABLE = f"""SELECT {{by}}, date >= %(first)s, {", ".join(f"sum({name})" for name in MEASURES)}
FROM metrics_rollup WHERE shop_id = %(shop)s AND dimension = %(dimension)s AND date >= %(before)s GROUP BY 1, 2"""
"""By hand: the measures of the report's main table, of the range and of the one before; nothing else of the page."""
_SUMS = f"ARRAY[{', '.join(f'sum({name})' for name in MEASURES)}]"
_OF_SHOP = "shop_id = %(shop)s AND date >= %(before)s AND dimension = 'shop'"
BEST_REPORT = f"""
SELECT 'day', date::text, NULL, {_SUMS} FROM metrics_rollup WHERE {_OF_SHOP} GROUP BY date
UNION ALL SELECT 'day', date::text, metric, ARRAY[sum(passed), sum(failed), sum(pending)]
FROM metrics_raterollup WHERE {_OF_SHOP} GROUP BY date, metric
UNION ALL SELECT 'staff', date::text, hour::text, ARRAY[sum(online_seconds), sum(break_seconds), max(most_open)]
FROM metrics_attendance WHERE shop_id = %(shop)s AND date >= %(before)s GROUP BY date, hour
UNION ALL SELECT 'week', extract(dow FROM date)::text, hour::text, ARRAY[sum(buyers), sum(questions), sum(slow)]
FROM metrics_rollup WHERE {_OF_SHOP} AND date >= %(first)s GROUP BY 2, 3
UNION ALL SELECT 'table', {{by}}::text, (date >= %(first)s)::text, {_SUMS} FROM metrics_rollup
WHERE shop_id = %(shop)s AND date >= %(before)s AND dimension = %(dimension)s GROUP BY 2, 3
UNION ALL SELECT 'table', {{by}}::text || metric, (date >= %(first)s)::text,
ARRAY[sum(passed), sum(failed), sum(pending)] FROM metrics_raterollup
WHERE shop_id = %(shop)s AND date >= %(before)s AND dimension = %(dimension)s GROUP BY 2, 3"""
"""By hand in one statement: every figure of the page, its tables and its charts."""


def pages(now: datetime) -> Iterator[Row]:
    shop = Shop.objects.get(slug="bench-history-000")
    main = "bench-history-main"
    if not Account.objects.filter(account=main).exists():
        add_sub_account(shop=shop, account=main, password="bench-Pass-1", roles=["main"])
    client = Client()
    client.force_login(Account.objects.get(account=main))
    today = day_of(now, shop.zone)
    first, last = today - timedelta(days=30), today - timedelta(days=1)
    base, days = f"/s/{shop.slug}", f"date_from={first}&date_to={last}"
    since: dict[str, Any] = {"shop": shop.pk, "since": today - timedelta(days=2)}
    asked = [("today", f"{base}/reply-rates/", since, (BEST_TODAY, BEST_TODAY))]
    columns = {"day": "date", "hour": "hour", "weekday": "extract(dow from date)"}
    for by in ("day", "agent", "entry", "order_status", "hour", "weekday"):
        dimension = by if by in ("agent", "entry", "order_status") else "shop"
        values = {"first": first, "shop": shop.pk, "dimension": dimension, "before": first - timedelta(days=30)}
        whole, table = (sql.replace("{by}", columns.get(by, "key")) for sql in (BEST_REPORT, BEST_TABLE))
        asked.append((f"30 days by {by}", f"{base}/reports/?by={by}&{days}", values, (whole, table)))
    plain_files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = settings.STORAGES | {"staticfiles": plain_files}
    with override_settings(ALLOWED_HOSTS=["testserver"], STORAGES=storages):
        for what, url, values, (whole, table) in asked:
            client.get(url)
            watch = _Watch()
            with connection.execute_wrapper(watch):
                assert client.get(url).status_code == 200, url
            own, best, part = _in_turn(
                partial(_queries, client, url), partial(_sql, whole, values), partial(_sql, table, values)
            )
            page, _ = _in_turn(partial(client.get, url), partial(_sql, whole, values))
            yield Row(
                f"{what}: {watch.count} queries, the page {page * 1000:.0f} ms",
                f"figures {own * 1000:.1f} ms, best SQL {best * 1000:.1f} ms",
                f"{own / best:.1f} × the best single SQL for them all, {own / part:.1f} × that for the table alone",
            )


class _Watch:
    """Counts queries, and the time in the database of those that read rates and rollups."""

    def __init__(self) -> None:
        self.count, self.seconds = 0, 0.0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            if FIGURES.search(sql):
                self.seconds += time.perf_counter() - start


FIGURES = re.compile(r'FROM "metrics_(rollup|raterollup|attendance|dayrate)"')


def _queries(client: Client, url: str) -> float:
    watch = _Watch()
    with connection.execute_wrapper(watch):
        client.get(url)
    return watch.seconds


def _sql(sql: str, values: dict[str, Any]) -> float:
    with connection.cursor() as cursor:
        start = time.perf_counter()
        cursor.execute(sql, values)
        return time.perf_counter() - start


def _in_turn(*runs: Callable[[], object]) -> list[float]:
    """Medians in seconds, taken in turn: what else the machine does hits all alike. A run that returns seconds is
    taken at its word."""
    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(TIMES):
        for place, run in enumerate(runs):
            start = time.perf_counter()
            told = run()
            taken[place].append(told if isinstance(told, float) else time.perf_counter() - start)
    return [statistics.median(times[1:]) for times in taken]
