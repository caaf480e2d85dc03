"""What a routed conversation costs in a large shop, beside a small one: many agents, many who wait. In turn."""

import statistics
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

from django.core.management import call_command
from django.db import connection

from agents.models import Account, Shop, SubAccount
from benchmarks.table import Row
from conversations.models import Conversation
from conversations.states import ClosedBy, State
from routing import services

FEW_AGENTS, MANY_AGENTS = 10, 1000
FEW_WAITING, MANY_WAITING = 5, 5000
TIMES = 60


def rows() -> Iterator[Row]:
    if connection.vendor != "postgresql":
        yield Row("large shops", "skipped: needs PostgreSQL")
        return
    call_command("migrate", verbosity=0)
    few, many = _in_turn(*(_opening(_shop(f"scale-{n}", n)) for n in (FEW_AGENTS, MANY_AGENTS)))
    yield Row(f"open_conversation, {FEW_AGENTS} agents online", f"{few * 1000:.1f} ms")
    yield Row(f"the same, {MANY_AGENTS:,}", f"{many * 1000:.1f} ms", f"{many / few:.1f} × the time with {FEW_AGENTS}")
    few, many = _in_turn(*(_closing(_waiting(n)) for n in (FEW_WAITING, MANY_WAITING)))
    yield Row(f"close_conversation, {FEW_WAITING} waiting", f"{few * 1000:.1f} ms")
    yield Row(f"the same, {MANY_WAITING:,}", f"{many * 1000:.1f} ms", f"{many / few:.1f} × the time with {FEW_WAITING}")


def _shop(slug: str, agents: int, cap: int | None = None) -> Shop:
    shop, made = Shop.objects.get_or_create(slug=slug, defaults={"name": slug, "platform": "pinduoduo"})
    if made:
        logins = Account.objects.bulk_create(Account(account=f"{slug}-{n}") for n in range(agents))
        SubAccount.objects.bulk_create(
            SubAccount(shop=shop, name=f"a{n:04}", account=login, roles=["agent"], status="online", max_concurrent=cap)
            for n, login in enumerate(logins)
        )
    return shop


def _waiting(count: int) -> Shop:
    """All are full, and so many wait."""
    shop = _shop(f"waiting-{count}", 5, cap=20)
    while Conversation.objects.filter(shop=shop, state=State.QUEUED).count() < count:
        _open(shop)
    return shop


def _open(shop: Shop) -> None:
    services.open_conversation(shop=shop, buyer=uuid4().hex, external_id=uuid4().hex, entry="goods_detail")


def _opening(shop: Shop) -> Callable[[], float]:
    def once() -> float:
        start = time.perf_counter()
        _open(shop)
        return time.perf_counter() - start

    return once


def _closing(shop: Shop) -> Callable[[], float]:
    """The oldest held; who waits first comes in, and another joins the queue."""

    def once() -> float:
        held = Conversation.objects.filter(shop=shop, state=State.OPEN).order_by("pk")
        name = held.values_list("external_id", flat=True)[0]
        start = time.perf_counter()
        services.close_conversation(shop=shop, conversation=name, by=ClosedBy.AGENT)
        took = time.perf_counter() - start
        _open(shop)
        return took

    return once


def _in_turn(*runs: Callable[[], float]) -> list[float]:
    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(TIMES):
        for run, times in zip(runs, taken, strict=True):
            times.append(run())
    return [statistics.median(times[5:]) for times in taken]
