"""Reply rates and reports on PostgreSQL: 100 shops, 2,000,000 messages over 90 days (× BENCH_SCALE)."""

import csv
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from agents.models import Account, Shop
from agents.services import add_sub_account
from agents.vocabulary import Platform
from benchmarks.history import SCALE, analyze, make_shop
from benchmarks.table import Row
from conversations.models import Conversation, Message
from conversations.states import Sender
from metrics.formulas.days import day_of
from metrics.formulas.measures import MEASURES
from metrics.services import sweep_shop
from routing.services import open_conversation, post_message

SHOPS, DAYS, A_DAY = 100, 90, 222
"""Of each shop, so many messages a day: 2,000,000 in all."""
TIMES, SWEEPS = 15, 60
IMPORT_ROWS = (100_000, 1_000_000)


def prepare(now: datetime) -> None:
    if Shop.objects.filter(slug="bench-history-000").exists():
        return
    for number in range(SHOPS):
        platform = list(Platform)[number % len(Platform)]
        make_shop(f"bench-history-{number:03}", platform, days=DAYS, messages=A_DAY * SCALE, now=now, seed=number)
    analyze()


def rows() -> Iterator[Row]:
    if connection.vendor != "postgresql":
        yield Row("reply rates", "skipped: needs PostgreSQL")
        return
    call_command("migrate", verbosity=0)
    now = timezone.now()
    prepare(now)
    yield from _rebuild(now)
    yield from _pages(now)
    yield from _up_to_date(now)
    yield from _imports()


def _rebuild(now: datetime) -> Iterator[Row]:
    shops = list(Shop.objects.filter(slug__startswith="bench-history-").order_by("slug"))
    count = Message.objects.filter(shop__in=shops).count()
    start = time.perf_counter()
    for shop in shops:
        fields = ("conversation_id", "sent_at", "sender", "identity", "author_id", "to_robot")
        for _ in Message.objects.filter(shop=shop).order_by("sent_at").values_list(*fields).iterator():
            pass
    read = time.perf_counter() - start
    yield Row(f"reading {count:,} messages of {len(shops)} shops", f"{count / read:,.0f} a second")
    start = time.perf_counter()
    for shop in shops:
        sweep_shop(shop=shop, now=now)
    whole = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    yield Row(
        f"counting them from the beginning, {DAYS} days, windows and all",
        f"{count / whole:,.0f} a second, {memory} MB",
        f"{whole / read:.1f} × reading them",
    )
    analyze()


BEST_TODAY = """SELECT metric, date, sum(passed), sum(failed), sum(pending) FROM metrics_raterollup
WHERE shop_id = %s AND dimension = 'shop' AND date >= %s GROUP BY metric, date"""
BEST_REPORT = f"""SELECT {{by}}, date >= %s, {", ".join(f"sum({name})" for name in MEASURES)}
FROM metrics_rollup WHERE shop_id = %s AND dimension = %s AND date >= %s GROUP BY 1, 2"""
"""By hand: what the figures of one table need, of the range and of the one before."""


def _pages(now: datetime) -> Iterator[Row]:
    shop = Shop.objects.get(slug="bench-history-000")
    main = "bench-history-main"
    if not Account.objects.filter(account=main).exists():
        add_sub_account(shop=shop, account=main, password="bench-Pass-1", roles=["main"])
    client = Client()
    client.force_login(Account.objects.get(account=main))
    today = day_of(now, shop.zone)
    first, last = today - timedelta(days=30), today - timedelta(days=1)
    base, days = f"/s/{shop.slug}", f"date_from={first}&date_to={last}"
    asked: list[tuple[str, str, str, tuple[Any, ...]]] = [
        ("today", f"{base}/reply-rates/", BEST_TODAY, (shop.pk, today - timedelta(days=2))),
    ]
    columns = {"day": "date", "hour": "hour", "weekday": "extract(dow from date)"}
    for by in ("day", "agent", "entry", "order_status", "hour", "weekday"):
        dimension = by if by in ("agent", "entry", "order_status") else "shop"
        sql = BEST_REPORT.replace("{by}", columns.get(by, "key"))
        values = (first, shop.pk, dimension, first - timedelta(days=30))
        asked.append((f"30 days by {by}", f"{base}/reports/?by={by}&{days}", sql, values))
    plain_files = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = settings.STORAGES | {"staticfiles": plain_files}
    with override_settings(ALLOWED_HOSTS=["testserver"], STORAGES=storages):
        for what, url, sql, values in asked:
            client.get(url)
            watch = _Watch()
            with connection.execute_wrapper(watch):
                assert client.get(url).status_code == 200, url
            own, best = _in_turn(partial(_queries, client, url), partial(_sql, sql, values))
            page, _ = _in_turn(partial(client.get, url), partial(_sql, sql, values))
            yield Row(
                f"{what}: {watch.count} queries, the page {page * 1000:.0f} ms",
                f"figures {own * 1000:.1f} ms, best SQL {best * 1000:.1f} ms",
                f"{own / best:.1f} × the best single SQL over the rollups",
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


def _sql(sql: str, values: tuple[Any, ...]) -> float:
    start = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.fetchall()
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


def _up_to_date(now: datetime) -> Iterator[Row]:
    """A message and the sweep after it, in a shop with a long history and in one with a short one, in turn."""
    shops = {}
    for days in (5, DAYS):
        slug = f"bench-recent-{days:02}"
        found = Shop.objects.filter(slug=slug).first()
        shops[days] = found or make_shop(slug, "pinduoduo", days=days, messages=A_DAY * 10, now=now, seed=days)
        sweep_shop(shop=shops[days], now=now)
    analyze()
    taken: dict[int, list[float]] = {days: [] for days in shops}
    talks = {days: _open_talk(shop, now) for days, shop in shops.items()}
    for step in range(SWEEPS):
        for days, shop in shops.items():
            moment = now + timedelta(seconds=20 * step + 20)
            post_message(shop=shop, conversation=talks[days], sender=Sender.BUYER, text="在吗", now=moment)
            start = time.perf_counter()
            sweep_shop(shop=shop, now=moment)
            taken[days].append(time.perf_counter() - start)
    short, long = (statistics.median(taken[days]) for days in (5, DAYS))
    yield Row("a message counted, shop with 5 days of history", f"{short * 1000:.1f} ms")
    yield Row(f"the same with {DAYS} days", f"{long * 1000:.1f} ms", f"{long / short:.2f} × the time with 5")


def _open_talk(shop: Shop, now: datetime) -> str:
    if not Conversation.objects.filter(shop=shop, external_id="bench-talk").exists():
        open_conversation(shop=shop, external_id="bench-talk", buyer="bench", entry="goods_detail", now=now)
    return Conversation.objects.get(shop=shop, external_id="bench-talk").external_id


def _imports() -> Iterator[Row]:
    """Each in a process of its own, which tells the most memory it ever had."""
    peaks, rates = [], []
    for count in IMPORT_ROWS:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "chats.csv"
            _write(path, count)
            slug = f"bench-import-{count}-{time.time_ns()}"
            Shop.objects.create(slug=slug, name=slug, platform="pinduoduo")
            start = time.perf_counter()
            told = subprocess.run(
                [sys.executable, "-m", "benchmarks.import_worker", slug, str(path)],
                check=True,
                capture_output=True,
                text=True,
            )
            rates.append(count / (time.perf_counter() - start))
            peaks.append(int(told.stdout.split()[-1]))
    yield Row(f"import_chats, {IMPORT_ROWS[0]:,} rows", f"{rates[0]:,.0f} rows/s, {peaks[0]} MB at most")
    yield Row(
        f"import_chats, {IMPORT_ROWS[1]:,} rows",
        f"{rates[1]:,.0f} rows/s, {peaks[1]} MB at most",
        f"{peaks[1] / peaks[0]:.2f} × the memory of {IMPORT_ROWS[0]:,}",
    )


def _write(path: Path, count: int) -> None:
    first = datetime(2026, 8, 1, 8)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["conversation", "buyer", "sender", "agent", "sent_at", "message_id", "text"])
        for number in range(count):
            talk, place = divmod(number, 8)
            moment = first + timedelta(days=talk % 90, seconds=(talk // 90) % 40_000 + 40 * place)
            sender = "agent" if place % 2 else "buyer"
            name = f"a{talk % 6}" if place % 2 else ""
            writer.writerow(
                [f"c{talk}", f"b{talk // 2}", sender, name, f"{moment:%F %T}", f"m{number}", "什么时候发货呀"]
            )
