"""Yesterday under a draft: a day of 10,000 conversations, 50 agents, read from the database and replayed twice."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.management import call_command
from django.utils import timezone

from agents.models import PresenceLog, Shop
from benchmarks.table import Row
from conversations.models import Buyer, Conversation, Message
from metrics.formulas.days import day_start
from metrics.services import ask_for_replay, run_replay
from routing.models import Decision
from routing.services import publish
from tests.agents.factories import make_agent

CONVERSATIONS, AGENTS, MESSAGES = 10_000, 50, 4


def prepare() -> Shop:
    """A day as it is kept: each conversation with its decision, two questions and two answers, closed."""
    shop = Shop.objects.filter(slug="bench-replay").first()
    if shop is not None:
        return shop
    shop = Shop.objects.create(slug="bench-replay", name="Bench", platform="pinduoduo", seed=7)
    agents = [make_agent(shop, f"a{n:02}") for n in range(AGENTS)]
    publish(shop=shop, document={"pages": {"goods_detail": [agent.name for agent in agents[:10]]}})
    today = day_start(timezone.now().astimezone(shop.zone).date(), shop.zone)
    start = today - timedelta(days=1)
    PresenceLog.objects.bulk_create(
        PresenceLog(shop=shop, sub_account=agent, status="online", previous="offline", at=start) for agent in agents
    )
    buyers = Buyer.objects.bulk_create(Buyer(shop=shop, external_id=f"b{n}") for n in range(CONVERSATIONS))
    step = timedelta(hours=23) / CONVERSATIONS
    rows = Conversation.objects.bulk_create(
        Conversation(
            shop=shop,
            external_id=f"c{n}",
            buyer=buyer,
            entry="goods_detail",
            state="closed",
            holder=agents[n % 10],
            opened_at=start + n * step,
            assigned_at=start + n * step,
            closed_at=start + n * step + timedelta(minutes=12),
            closed_by="agent",
        )
        for n, buyer in enumerate(buyers)
    )
    Message.objects.bulk_create(
        (_message(shop, row, m, row.opened_at + timedelta(minutes=3 * m)) for row in rows for m in range(MESSAGES)),
        batch_size=5000,
    )
    Decision.objects.bulk_create(
        (
            Decision(
                shop=shop, conversation=row, number=1, seq=0, at=row.opened_at, trigger="opened", outcome="assigned",
                agent_id=row.holder_id, rule="PDD3", version=2, trace=[],
            )
            for row in rows
        ),
        batch_size=5000,
    )  # fmt: skip
    return shop


def _message(shop: Shop, row: Conversation, number: int, at: datetime) -> Message:
    sender = "agent" if number % 2 else "buyer"
    author = row.holder if sender == "agent" else None
    identity = f"{row.external_id}-{number}"
    return Message(
        shop=shop, conversation=row, identity=identity, sender=sender, author=author, kind="text", text="x",
        sent_at=at, received_at=at,
    )  # fmt: skip


def rows() -> Iterator[Row]:
    call_command("migrate", verbosity=0)
    shop = prepare()
    start = time.perf_counter()
    count = sum(1 for _ in Message.objects.filter(shop=shop).iterator())
    read = time.perf_counter() - start
    asked = ask_for_replay(shop=shop, document={}, by=None)
    start = time.perf_counter()
    run_replay(pk=asked.pk)
    whole = time.perf_counter() - start
    asked.refresh_from_db()
    result = asked.result or {}
    yield Row(f"reading the day's {count:,} messages as models", f"{read:.1f} s")
    yield Row(
        f"the day under a draft and under its own settings, {result['conversations']:,} conversations",
        f"{whole:.1f} s",
        f"{whole / read:.1f} × reading its messages",
    )
