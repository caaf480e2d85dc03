"""Shops with months of history, written straight into PostgreSQL: what the figures are counted from."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from django.db import connection
from django.db.models import Max, Model

from agents.models import PresenceLog, Shop, SubAccount
from conversations.models import Buyer, Conversation, Message
from metrics.formulas.days import day_start
from routing.engine.vocabulary import ORDER_STATUSES
from routing.models import Decision, Lane
from routing.services import publish
from routing.services.writing import DECISION

SCALE = int(os.environ.get("BENCH_SCALE", "1"))
AGENTS = 6
ENTRIES = ("goods_detail", "order_detail", "shop_home", "refund_detail")
LENGTHS = (2, 4, 6, 8, 10, 12, 14)
"""Messages of a conversation: 8 on average, question and answer in turn."""

WAITS = (5, 15, 30, 45, 60, 80, 100, 130, 160, 200, 240, 280, 500)
"""Seconds to the next message: a shop that mostly passes."""

CONVERSATION: tuple[str, ...] = (
    "id",
    "shop_id",
    "external_id",
    "buyer_id",
    "entry",
    "question",
    "order_status",
    "state",
    "holder_id",
)
CONVERSATION += ("offline", "labels", "pool", "silence_stuck", "silence_times", "taken_from", "opened_at", "opened_seq")
CONVERSATION += ("assigned_at", "last_message_at", "closed_at", "closed_by", "decision_count", "imported")
MESSAGE: tuple[str, ...] = (
    "shop_id",
    "conversation_id",
    "identity",
    "sender",
    "author_id",
    "kind",
    "text",
    "image",
    "to_robot",
)
MESSAGE += ("automatic", "sent_at", "received_at", "seq")


def make_shop(slug: str, platform: str, *, days: int, messages: int, now: datetime, seed: int = 1) -> Shop:
    """A shop with about so many messages a day on each of the `days` before today. Nothing is counted yet."""
    shop = Shop.objects.create(slug=slug, name=slug, platform=platform, seed=seed)
    publish(shop=shop, document={})
    agents = [SubAccount.objects.create(shop=shop, name=f"a{n:02}", roles=["agent"]).pk for n in range(AGENTS)]
    start = day_start(now.astimezone(shop.zone).date(), shop.zone) - timedelta(days=days)
    PresenceLog.objects.bulk_create(
        PresenceLog(
            shop=shop,
            sub_account_id=agent,
            status=status,
            previous="",
            at=start + timedelta(days=day, hours=hour + 4 * (number % 3)),
        )
        for day in range(days)
        for hour, status in ((8, "online"), (12, "break"), (13, "online"), (16, "offline"))
        for number, agent in enumerate(agents)
    )
    each = max(1, round(messages / (sum(LENGTHS) / len(LENGTHS))))
    told = _History(shop, agents, start, days, each, Random(seed))
    for model, names, rows in (
        (Buyer, ("id", "shop_id", "external_id"), told.buyers()),
        (Conversation, CONVERSATION, told.conversations()),
        (Decision, DECISION, told.decisions()),
        (Message, MESSAGE, told.messages()),
    ):
        _copy(model, names, rows)
    Lane.objects.filter(shop=shop).update(seq=told.seq)
    return shop


def analyze() -> None:
    """As autovacuum would have done by the time that anybody looks."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _copy(model: type[Model], names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        with cursor.copy(f'COPY "{table}" ({", ".join(names)}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
        if "id" in names:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM \"{table}\"))")


def _next(model: type[Model]) -> int:
    return (model._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1


class _History:
    """The same draws for each table: conversations are drawn once, and told table by table."""

    def __init__(self, shop: Shop, agents: Sequence[int], start: datetime, days: int, each: int, rng: Random) -> None:
        self.shop, self.seq = shop, 0
        first_buyer, number = _next(Buyer), count(_next(Conversation))
        self.people = range(first_buyer, first_buyer + max(1, days * each // 2))
        self.talks = []
        for day in range(days):
            for _ in range(each):
                at = start + timedelta(days=day, seconds=rng.randrange(7 * 3600, 24 * 3600 - 4000))
                length, self.seq = rng.choice(LENGTHS), self.seq + 20
                waits = [rng.choice(WAITS) for _ in range(length)]
                self.talks.append(
                    (next(number), rng.choice(self.people), at, rng.choice(agents), self.seq, waits, rng.random())
                )

    def buyers(self) -> Iterator[tuple[Any, ...]]:
        return ((pk, self.shop.pk, f"b{pk}") for pk in self.people)

    def conversations(self) -> Iterator[tuple[Any, ...]]:
        for pk, buyer, at, agent, seq, waits, draw in self.talks:
            last = at + timedelta(seconds=sum(waits))
            entry, status = ENTRIES[int(draw * 4)], ORDER_STATUSES[int(draw * 60) % 6]
            yield (
                *(pk, self.shop.pk, f"c{pk}", buyer, entry, "", status, "closed", agent, False, "[]", "", False, 0),
                *("[]", at, seq, at, last, last + timedelta(minutes=5), "agent", 1, False),
            )

    def decisions(self) -> Iterator[tuple[Any, ...]]:
        for pk, _buyer, at, agent, seq, _waits, draw in self.talks:
            queued = draw < 0.1
            if queued:
                yield (
                    *(self.shop.pk, pk, 1, seq, at, "opened", "queued", None, "G17", "shop"),
                    *("[]", False, 1, "[]", None, ""),
                )
            number, trigger = (2, "drained") if queued else (1, "opened")
            when = at + timedelta(seconds=30 * queued)
            yield (
                *(
                    self.shop.pk,
                    pk,
                    number,
                    seq + queued,
                    when,
                    trigger,
                    "assigned",
                    agent,
                    "PDD1" if draw > 0.8 else "PDD4",
                ),
                *("", "[]", False, 1, "[]", None, ""),
            )

    def messages(self) -> Iterator[tuple[Any, ...]]:
        for pk, _buyer, at, agent, seq, waits, _draw in self.talks:
            sent = at
            for place, wait in enumerate(waits):
                asks = place % 2 == 0
                sender, author = ("buyer", None) if asks else ("agent", agent)
                text = "这件什么时候发货呀？" if asks else "亲，今天下午就发出，请您放心。"
                yield (
                    *(self.shop.pk, pk, f"{pk}-{place}", sender, author, "text", text, "", False, "", sent, sent),
                    seq + 2 + place,
                )
                sent += timedelta(seconds=wait)
