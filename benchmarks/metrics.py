"""Reply rates and reports on PostgreSQL: 100 shops, 2,000,000 messages over 90 days (× BENCH_SCALE)."""

import csv
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from agents.models import Shop
from agents.vocabulary import Platform
from benchmarks.history import SCALE, analyze, make_shop
from benchmarks.pages import pages
from benchmarks.table import Row
from conversations.models import Conversation, Message
from conversations.states import Sender
from metrics.services import sweep_shop
from routing.services import open_conversation, post_message

SHOPS, DAYS, A_DAY = 100, 90, 222
"""Of each shop, so many messages a day: 2,000,000 in all."""
SWEEPS = 60
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
    yield from pages(now)
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
            write_chats(path, count)
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


def write_chats(path: Path, count: int) -> None:
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
