"""One item of a sweep that raises: the others are done, it is noted, parked after some tries, and can be repeated."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from agents.models import Shop
from config import failures, jobs, keeping
from config.celery import run_job
from config.failures import MAX_TRIES, repeat_failed
from config.models import FailedItem
from config.watching import tallying
from metrics import jobs as metrics_jobs
from outgoing import services as outgoing
from outgoing.models import Delivery
from outgoing.services import following, pushing, sweeping
from routing import jobs as routing_jobs
from routing import services
from tests.agents.factories import make_account, make_member, make_shop
from tests.outgoing.builders import make_webhook

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def poison_for(bad: object, key: Callable[..., object] = lambda item: item) -> Callable[..., int]:
    def work(*arguments: Any, **named: Any) -> int:
        item = arguments[0] if arguments else named["shop"]
        if key(item) == bad:
            raise ValueError("poison")
        return 1

    return work


def due_now() -> None:
    FailedItem.objects.update(next_at=timezone.now() - timedelta(seconds=1))


def test_the_others_are_done_and_the_failure_rests_before_it_is_tried_again() -> None:
    assert jobs.each("s", [1, 2, 3], poison_for(2)) == 2
    row = FailedItem.objects.get()
    assert (row.sweep, row.key, row.attempts, row.error) == ("s", "2", 1, "ValueError: poison")
    assert jobs.each("s", [1, 2, 3], poison_for(2)) == 2
    row.refresh_from_db()
    assert row.attempts == 1, "it rests"
    due_now()
    jobs.each("s", [2], poison_for(2))
    row.refresh_from_db()
    assert row.attempts == 2
    assert timedelta(seconds=50) < row.next_at - timezone.now() < timedelta(seconds=70), "a growing pause"


def test_after_some_failures_it_is_parked_and_tried_once_an_hour_and_a_success_forgets_it() -> None:
    for _ in range(MAX_TRIES):
        jobs.each("s", ["a"], poison_for("a"))
        due_now()
    assert FailedItem.objects.get().parked_at is not None
    jobs.each("s", ["a"], poison_for("a"))
    assert FailedItem.objects.get().next_at - timezone.now() > timedelta(minutes=55)
    due_now()
    assert jobs.each("s", ["a"], poison_for("b")) == 1
    assert not FailedItem.objects.exists()


def test_a_lock_that_another_transaction_holds_counts_as_no_failure() -> None:
    def locked(_item: object) -> int:
        raise OperationalError("canceling statement due to lock timeout") from LockNotAvailable()

    assert jobs.each("s", ["a"], locked) == 0
    assert not FailedItem.objects.exists()


def test_an_operator_has_it_tried_again(client: Client) -> None:
    jobs.each("s", ["a"], poison_for("a"))
    client.force_login(make_account(operator=True))
    row = FailedItem.objects.get()
    page = client.get("/admin/config/faileditem/")
    assert "ValueError: poison" in page.content.decode()
    client.post("/admin/config/faileditem/", {"action": "try_again", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.attempts == 0 and row.next_at <= timezone.now()


@pytest.fixture
def shops() -> tuple[Shop, Shop]:
    return make_shop("bad"), make_shop("good")


SWEEPS: dict[str, tuple[Any, str, Callable[[], object], Any, str]] = {
    # sweep: (module, function that is poisoned, the sweep, module and name of what finds the items)
    "routing.leases": (routing_jobs, "lapse_leases", routing_jobs.sweep_leases, routing_jobs, "overdue_shops"),
    "routing.robot": (routing_jobs, "_ask_for_hand_over", routing_jobs.sweep_robot, None, ""),
    "metrics.announcements": (
        metrics_jobs,
        "announce_penalties",
        metrics_jobs.announce,
        metrics_jobs,
        "unannounced_shops",
    ),
    "metrics.rollups": (metrics_jobs, "check_some", metrics_jobs.check_rollups, None, ""),
    "metrics.assessments": (metrics_jobs, "_sweep_one", metrics_jobs.sweep_assessments, None, ""),
    "outgoing.outlets": (sweeping, "_follow_all", sweeping.sweep, sweeping, "outlets_behind"),
    "outgoing.queues": (sweeping, "watch_queue", sweeping.sweep, sweeping, "watching_queues"),
    "outgoing.mornings": (sweeping, "tell_morning", sweeping.sweep, sweeping, "wanting_mornings"),
    "outgoing.push_shops": (sweeping, "follow_pushes", sweeping.sweep, sweeping, "shops_behind"),
    "config.tally": (tallying, "_tally_shop", tallying.tally_decisions, None, ""),
    "keeping: routing.leases": (keeping, "lapse_leases", keeping.set_offline, keeping, "overdue_shops"),
    "keeping: routing.time_outs": (keeping, "run_time_outs", keeping.pass_on_silent, keeping, "silent_shops"),
}


@pytest.mark.parametrize("sweep", SWEEPS)
def test_one_poison_item_leaves_the_others_of_its_sweep_alone(
    sweep: str, shops: tuple[Shop, Shop], monkeypatch
) -> None:
    module, function, run, finder, found = SWEEPS[sweep]
    bad, good = shops
    for shop in shops:
        member = make_member(shop)
        services.set_presence(shop=shop, agent=member.name, status="online")
        services.open_conversation(shop=shop, external_id="c", buyer="b", entry="goods_detail")
    done: list[int] = []

    def work(*arguments: Any, **named: Any) -> Any:
        item = arguments[0] if arguments else named["shop"]
        pk = item if isinstance(item, int) else item.pk
        if pk == bad.pk:
            raise ValueError("poison")
        done.append(pk)
        return [] if function in ("check_some", "run_time_outs") else 0

    monkeypatch.setattr(module, function, work)
    if finder is not None:
        shop_rows = function in {"lapse_leases", "announce_penalties"}
        items = list(shops) if shop_rows else [bad.pk, good.pk]
        monkeypatch.setattr(finder, found, lambda *_: items)
    if sweep == "routing.robot":
        monkeypatch.setattr(routing_jobs, "shops_with_robot", lambda: [bad.pk, good.pk])
    run()
    assert done == [good.pk]
    assert FailedItem.objects.get().key == str(bad.pk)


def opened(shop: Shop, name: str) -> None:
    services.open_conversation(shop=shop, external_id=name, buyer=name, entry="goods_detail")


def test_an_event_that_cannot_be_told_is_parked_and_the_outlet_goes_on(
    shops: tuple[Shop, Shop], monkeypatch, settings
) -> None:
    bad = shops[0]
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    outlets = [make_webhook(shop, "http://127.0.0.1:9/hook", "conversation.opened") for shop in shops]
    for shop in shops:
        make_member(shop)
        for name in ("c1", "c2", "c3"):
            opened(shop, name)
    whole = following.webhook_body
    broken = True

    def body(shop: Shop, event: str, at: Any, seq: int, about: Any) -> str:
        if broken and shop == bad and "c2" in str(about):
            raise ValueError("poison")
        return whole(shop, event, at, seq, about)

    monkeypatch.setattr(following, "webhook_body", body)
    monkeypatch.setattr(sweeping, "due_outlets", lambda _now: [])
    outgoing.sweep()
    assert Delivery.objects.filter(outlet=outlets[1]).count() == 3, "another shop's outlet waits for nothing"
    assert Delivery.objects.filter(outlet=outlets[0]).count() == 1, "this one waits before the event"
    for _ in range(MAX_TRIES):
        outgoing.sweep()
    assert Delivery.objects.filter(outlet=outlets[0]).count() == 2, "and goes on without it once it is parked"
    parked = FailedItem.objects.get()
    assert parked.parked_at is not None and parked.sweep == "outgoing.events"
    broken = False
    assert repeat_failed(row=parked)
    bodies = list(Delivery.objects.filter(outlet=outlets[0]).order_by("seq").values_list("body", flat=True))
    assert len(bodies) == 3 and "c2" in bodies[1]
    assert not FailedItem.objects.exists()


def test_a_decision_that_cannot_be_pushed_is_parked_and_the_others_are_pushed(monkeypatch) -> None:
    made: list[int] = []

    def pushes(decision: Any, _now: Any) -> list[Any]:
        if decision.pk == 1:
            raise ValueError("poison")
        made.append(decision.pk)
        return []

    monkeypatch.setattr(pushing, "_pushes", pushes)

    class Row:
        def __init__(self, pk: int) -> None:
            self.pk = pk

    for pk in (1, 2):
        assert pushing._pushes_or_parked(Row(pk), timezone.now()) == []  # type: ignore[arg-type]
    assert made == [2]
    row = FailedItem.objects.get()
    assert (row.sweep, row.key) == ("outgoing.pushes", "1") and row.parked_at is not None


def test_a_job_whose_process_dies_again_and_again_is_parked(monkeypatch) -> None:
    runs: list[str] = []

    def die(name: str, *_: Any) -> None:
        runs.append(name)
        raise SystemExit  # nothing after it runs, as when the process is killed

    monkeypatch.setattr(jobs, "run", die)
    for _ in range(MAX_TRIES + 3):
        run_job.push_request(id="run-1", delivery_info={"redelivered": True})
        with suppress(SystemExit):
            run_job.run("routing.sweep_counters")
        run_job.pop_request()
    assert len(runs) == MAX_TRIES - 1
    row = FailedItem.objects.get()
    assert row.key == "routing.sweep_counters run-1" and row.parked_at is not None
    run_job.push_request(id="run-2", delivery_info={"redelivered": False})
    with suppress(SystemExit):
        run_job.run("routing.sweep_counters")
    run_job.pop_request()
    assert len(runs) == MAX_TRIES
    assert repeat_failed(row=row) and not FailedItem.objects.exists(), "an operator strikes it off"


def test_a_run_that_goes_well_when_it_comes_again_is_forgotten(monkeypatch) -> None:
    monkeypatch.setattr(jobs, "run", lambda *_: None)
    run_job.push_request(id="run-1", delivery_info={"redelivered": True})
    run_job.run("routing.sweep_counters")
    run_job.pop_request()
    assert not FailedItem.objects.exists()


def test_a_sweep_asks_for_its_failures_once_whatever_the_number_of_items(django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        assert jobs.each("s", range(1000), lambda _item: 1) == 1000


def test_an_error_of_any_length_and_with_a_nul_is_noted() -> None:
    def broken(_item: object) -> int:
        raise ValueError("x\x00" * 5000)

    jobs.each("s", ["k" * 500], broken)
    row = FailedItem.objects.get()
    assert len(row.key) == 200 and len(row.error) <= failures.MAX_ERROR and "\x00" not in row.error
    due_now()
    jobs.each("s", ["k" * 500], lambda _item: 1)
    assert not FailedItem.objects.exists()
