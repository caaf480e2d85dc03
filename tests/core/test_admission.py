"""Admission: places, shares, priorities, and what is refused at once."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from config.admission import parties_of, priority_of
from core.http import admission as module
from core.http.admission import Admission, Limits, NotAdmitted, Priority
from tests.loops import run_to_end

URGENT, NORMAL, PAGE = Priority.URGENT, Priority.NORMAL, Priority.PAGE


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch) -> None:
    monkeypatch.setattr(module, "MAX_WAIT_SECONDS", dict.fromkeys(Priority, 0.05))


class Held:
    """Requests that hold their place until they are let go."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self.order: list[str] = []
        self._let_go: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def begin(self, name: str, priority: Priority = NORMAL, *parties: str) -> None:
        self._let_go[name] = asyncio.Event()

        async def hold() -> None:
            async with self.admission.admit(priority, parties):
                self.order.append(name)
                await self._let_go[name].wait()

        self._tasks[name] = asyncio.create_task(hold())
        await settle()

    async def end(self, name: str) -> None:
        self._let_go[name].set()
        await settle()

    async def result(self, name: str) -> None:
        await self._tasks[name]

    def cancel(self, name: str) -> None:
        self._tasks[name].cancel()


async def settle() -> None:
    for _ in range(6):
        await asyncio.sleep(0)


def with_places(test: Callable[[Held], Coroutine[Any, Any, None]], **limits: int) -> Admission:
    given = {"slots": 2, "per_party": 2, "pages": 2, "waiting": 4, "waiting_per_party": 4} | limits
    admission = Admission(Limits(**given))

    async def run() -> None:
        held = Held(admission)
        await test(held)
        for name in list(held._let_go):
            await held.end(name)

    run_to_end(run())
    assert (admission.running, admission.waiting) == (0, 0)
    assert not admission._by_party and not admission._waiting_by_party
    return admission


def test_what_finds_no_place_waits_and_is_admitted_in_order() -> None:
    async def test(held: Held) -> None:
        for name in ("a", "b", "c", "d"):
            await held.begin(name)
        assert held.order == ["a", "b"]
        await held.end("a")
        assert held.order == ["a", "b", "c"]
        await held.end("b")
        assert held.order == ["a", "b", "c", "d"]

    with_places(test)


def test_a_message_of_an_agent_is_admitted_before_pages_that_came_earlier() -> None:
    async def test(held: Held) -> None:
        await held.begin("a")
        await held.begin("b")
        await held.begin("report", PAGE)
        await held.begin("call", NORMAL)
        await held.begin("message", URGENT)
        for name in ("a", "b", "message"):
            await held.end(name)
        assert held.order[2:] == ["message", "call", "report"]

    with_places(test)


def test_waiting_has_an_end() -> None:
    async def test(held: Held) -> None:
        await held.begin("a")
        await held.begin("b")
        await held.begin("c", PAGE)
        with pytest.raises(NotAdmitted) as refused:
            await held.result("c")
        assert (refused.value.reason, refused.value.retry_after) == ("late", 5)

    assert with_places(test).refused == {"late": 1}


def test_a_full_queue_refuses_at_once_but_an_urgent_request_takes_a_page_s_place() -> None:
    async def test(held: Held) -> None:
        for name in ("a", "b", "c", "d"):
            await held.begin(name, PAGE)
        await held.begin("e", PAGE)
        with pytest.raises(NotAdmitted, match="full"):
            await held.result("e")
        await held.begin("message", URGENT)
        with pytest.raises(NotAdmitted, match="full"):
            await held.result("d")
        await held.end("a")
        assert held.order == ["a", "b", "message"]

    with_places(test, waiting=2)


def test_one_party_leaves_places_to_the_others() -> None:
    async def test(held: Held) -> None:
        for name in ("a", "b", "c"):
            await held.begin(name, NORMAL, "shop:stuck")
        await held.begin("other", NORMAL, "shop:other")
        assert held.order == ["a", "other"]
        await held.begin("d", NORMAL, "shop:stuck")
        with pytest.raises(NotAdmitted, match="party"):
            await held.result("d")

    with_places(test, per_party=1, waiting_per_party=2)


def test_pages_leave_places_to_calls() -> None:
    async def test(held: Held) -> None:
        await held.begin("page 1", PAGE)
        await held.begin("page 2", PAGE)
        await held.begin("call", NORMAL)
        assert held.order == ["page 1", "call"]

    with_places(test, pages=1)


def test_a_caller_that_leaves_while_it_waits_leaves_no_trace() -> None:
    async def test(held: Held) -> None:
        await held.begin("a")
        await held.begin("b")
        await held.begin("c", NORMAL, "shop:x")
        held.cancel("c")
        await settle()
        await held.begin("d")
        await held.end("a")
        assert held.order == ["a", "b", "d"]

    with_places(test)


def test_a_request_that_fails_gives_its_place_back() -> None:
    async def test(held: Held) -> None:
        for _ in range(5):
            with pytest.raises(ZeroDivisionError):
                async with held.admission.admit(NORMAL, ["shop:x"]):
                    raise ZeroDivisionError

    with_places(test)


def scope(method: str, path: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"method": method, "path": path, "headers": list(headers)}


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/api/v1/shops/a/conversations/", URGENT),
        ("POST", "/api/v1/shops/a/conversations/5/messages/", URGENT),
        ("PUT", "/api/v1/me/presence/", URGENT),
        ("POST", "/api/v1/auth/token/", URGENT),
        ("POST", "/chat/a/messages/", URGENT),
        ("POST", "/s/a/conversations/5/send/", URGENT),
        ("POST", "/sign-in/", URGENT),
        ("GET", "/api/v1/shops/a/conversations/", NORMAL),
        ("PUT", "/api/v1/shops/a/routing/", NORMAL),
        ("GET", "/s/a/conversations/", NORMAL),
        ("GET", "/s/a/reports/", PAGE),
        ("POST", "/s/a/routing/publish/", PAGE),
        ("GET", "/admin/", PAGE),
    ],
)
def test_the_priority_of_a_request(method: str, path: str, expected: Priority) -> None:
    assert priority_of(scope(method, path)) == expected


def test_the_parties_of_a_request_are_its_shop_and_its_key_and_the_key_is_not_kept() -> None:
    token = (b"authorization", b"Token fk_secret")
    found = list(parties_of(scope("GET", "/api/v1/shops/xiaoman/queue/", token)))
    assert found[0] == "shop:xiaoman"
    assert found[1].startswith("key:") and "secret" not in found[1]
    assert list(parties_of(scope("GET", "/s/xiaoman/wall/"))) == ["shop:xiaoman"]
    assert list(parties_of(scope("GET", "/sign-in/"))) == []
