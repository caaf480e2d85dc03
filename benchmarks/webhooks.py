"""Webhooks: what one delivery takes, beside a bare POST of the same body to the same receiver, which answers at once.

The receiver is a process of its own on this machine; over a network its answer's time is added to both.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from multiprocessing import get_context
from multiprocessing.connection import Connection
from urllib.parse import urlsplit
from uuid import uuid4

from django.core.management import call_command
from django.test.utils import override_settings
from django.utils import timezone

from agents.models import Shop
from agents.services import create_shop
from benchmarks.table import Row
from outgoing.models import Delivery, Outlet
from outgoing.services import create_outlet
from outgoing.services.posting import OUTLETS
from outgoing.services.sending import send_due
from outgoing.vocabulary import DUE_STATES, WebhookEvent
from tests.outgoing.receiver import receiving

NUMBER, TURNS, MANY = 500, 5, 50_000
BODY = '{"text": "%s"}' % ("好" * 300)


@contextmanager
def receiver(closes: bool) -> Iterator[str]:
    """The address of one in a process of its own; `closes`: its connections, after each answer."""
    context = get_context("fork")
    here, there = context.Pipe()
    process = context.Process(target=_answer, args=(there, closes), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def _answer(line: Connection, closes: bool) -> None:
    with receiving() as listening:
        listening.closing = closes
        line.send(listening.url)
        line.poll(None)


def rows() -> Iterator[Row]:
    call_command("migrate", verbosity=0)
    with override_settings(ALLOW_PRIVATE_WEBHOOKS=True):
        for closes, how in ((False, "connection kept"), (True, "a connection each")):
            with receiver(closes) as url:
                yield from _beside_bare(_webhook(url), url, how)
        with receiver(False) as url:
            yield _with_many_waiting(_webhook(url))


def _beside_bare(outlet: Outlet, url: str, how: str) -> Iterator[Row]:
    """In turns, so that noise falls on both."""
    bare, ours = [], []
    for _ in range(TURNS):
        bare.append(_timed(lambda: _post_bare(url)))
        _wait_at(outlet, NUMBER)
        ours.append(_timed(lambda: _send(outlet)))
    ratio = statistics.median(mine / other for mine, other in zip(ours, bare, strict=True))
    yield Row(f"a bare POST, {how}", f"{statistics.median(bare):.2f} ms")
    yield Row(f"a delivery, {how}", f"{statistics.median(ours):.2f} ms", f"{ratio:.1f} × the bare POST")


def _with_many_waiting(outlet: Outlet) -> Row:
    few, many = [], []
    for _ in range(TURNS):
        _wait_at(outlet, NUMBER)
        few.append(_timed(lambda: _send(outlet)))
        _wait_at(outlet, MANY)
        many.append(_timed(lambda: _send(outlet)))
        Delivery.objects.filter(outlet=outlet, state__in=DUE_STATES).delete()
    ratio = statistics.median(mine / other for mine, other in zip(many, few, strict=True))
    what = f"a delivery where {MANY:,} wait"
    return Row(what, f"{statistics.median(many):.2f} ms", f"{ratio:.2f} × where {NUMBER} wait")


def _timed(work: Callable[[], int]) -> float:
    """Milliseconds for each that was sent."""
    began = time.perf_counter()
    sent = work()
    assert sent >= NUMBER, f"{sent} were sent"
    return (time.perf_counter() - began) * 1000 / sent


def _post_bare(url: str) -> int:
    where = urlsplit(url)
    with closing(HTTPConnection(str(where.hostname), where.port)) as line:
        for _ in range(NUMBER):
            line.request("POST", where.path, BODY.encode(), {"Content-Type": "application/json; charset=utf-8"})
            answer = line.getresponse()
            answer.read()
            assert answer.status == 200
    return NUMBER


def _send(outlet: Outlet) -> int:
    return send_due(OUTLETS, outlet.pk, clock=timezone.now, seconds=3)


def _webhook(url: str) -> Outlet:
    slug = f"bench-hooks-{uuid4().hex[:6]}"
    create_shop(slug=slug, platform="pinduoduo", main=f"{slug}-main", password="bench-Pass-1")
    shop = Shop.objects.get(slug=slug)
    return create_outlet(shop=shop, kind="webhook", name="bench", address=url, events=[WebhookEvent.MESSAGE.value])


def _wait_at(outlet: Outlet, number: int) -> None:
    made = {"shop": outlet.shop, "outlet": outlet, "event": WebhookEvent.MESSAGE, "body": BODY}
    Delivery.objects.bulk_create([Delivery(**made, key=uuid4().hex) for _ in range(number)], batch_size=5000)
