"""Every accepted message is shown to everyone who should see it, in the same order, exactly once, whatever is killed.

Real processes on a PostgreSQL of their own, 50 conversations in motion; the checks know the HTTP API alone.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.asgi import wait_until
from tests.browser.conftest import browser  # noqa: F401  (a fixture)
from tests.live.processes import Installation, Network
from tests.live.traffic import Follower, Writers
from tests.servers import PostgreSQL, postgresql_server

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]
BEFORE, AFTER = 3.0, 3.0
"""Seconds of traffic before and after the fault."""
WATCHING = ("boss", "a0", "a1", "a2")


@pytest.fixture
def database() -> Iterator[PostgreSQL]:
    with postgresql_server() as server:
        yield server


@pytest.fixture
def fenliu(database: PostgreSQL, tmp_path: Path) -> Iterator[Installation]:
    made = Installation(database.url, tmp_path)
    try:
        made.start("web")
        made.start("worker")
        yield made
    finally:
        made.stop()


def run(fenliu: Installation, fault: Callable[[], None]) -> None:
    """Traffic, a fault in the middle of it, more traffic; then what was shown is held against what was accepted."""
    shop = fenliu.furnish("shop")
    followers = {name: Follower(fenliu.url, shop["tokens"][name]) for name in WATCHING}
    for follower in followers.values():
        assert follower.ready.wait(20)
    writers = Writers(fenliu.port, "live", shop["key"], list(shop["conversations"]))
    writers.start()
    time.sleep(BEFORE)
    fault()
    time.sleep(AFTER)
    writers.finish()
    truth = fenliu.furnish("truth")
    check_accepted(writers, truth)
    for name, follower in followers.items():
        check_shown(name, follower, shop["conversations"], truth)


def check_accepted(writers: Writers, truth: dict[str, list[str]]) -> None:
    accepted = {identity for identities in writers.accepted.values() for identity in identities}
    assert len(accepted) > 50, "there was hardly any traffic"
    assert len(truth["all"]) == len(set(truth["all"]))
    assert accepted == set(truth["all"])
    for conversation, identities in writers.accepted.items():
        assert set(truth[conversation]) == identities


def check_shown(name: str, follower: Follower, holders: dict[str, str], truth: dict[str, list[str]]) -> None:
    """The boss sees all, an agent what they hold."""
    place = {identity: conversation for conversation in holders for identity in truth.get(conversation, ())}
    due = [one for one in truth["all"] if name == "boss" or holders[place[one]] == name]
    wait_until(lambda: len(follower.seen) >= len(due), 30)
    follower.end()
    assert [identity for _, identity in follower.seen] == due, name
    assert follower.resets == 0


def test_a_web_process_is_killed(fenliu: Installation) -> None:
    def fault() -> None:
        for _ in range(2):
            fenliu.kill("web")
            time.sleep(1)
            fenliu.start("web")
            time.sleep(1)

    run(fenliu, fault)


def test_the_worker_is_killed(fenliu: Installation) -> None:
    def fault() -> None:
        fenliu.kill("worker")
        time.sleep(1)
        fenliu.start("worker")

    run(fenliu, fault)


def test_postgresql_is_restarted(fenliu: Installation, database: PostgreSQL) -> None:
    def fault() -> None:
        database.stop()
        time.sleep(2)
        database.start()

    run(fenliu, fault)


@pytest.mark.browser
def test_a_browsers_network_is_cut_for_a_minute(fenliu: Installation, browser: Browser) -> None:  # noqa: F811
    """The line stands still, as on a train: nobody is told, and a page shows everything once, in order, after it."""
    shop = fenliu.furnish("shop")
    mine = [pk for pk, holder in shop["conversations"].items() if holder == "a0"]
    network = Network(fenliu.port)
    page = browser.new_page(base_url=f"http://127.0.0.1:{network.port}", locale="zh-CN")
    page.goto("/sign-in/")
    page.fill("input[name=username]", "a0")
    page.fill("input[name=password]", "live-Pass-1")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    page.goto(f"/s/live/conversations/{mine[0]}/")
    bubbles = page.locator("[data-thread] .bubble-line")
    writers = Writers(fenliu.port, "live", shop["key"], [mine[0], *list(shop["conversations"])[:49]])
    writers.start()
    expect(bubbles.first).to_be_visible()
    network.cut.set()
    time.sleep(float(os.environ.get("FENLIU_CUT_SECONDS", "60")))
    network.cut.clear()
    time.sleep(AFTER)
    writers.finish()
    truth = fenliu.furnish("truth")
    check_accepted(writers, truth)
    expect(bubbles).to_have_count(len(truth[mine[0]]), timeout=60_000)
    page.locator("[data-thread]").hover()
    shown = bubbles.evaluate_all("all => all.map((one) => Number(one.id.replace('message-', '')))")
    assert shown == sorted(shown)
    assert len(shown) == len(set(shown))
    page.close()
    network.close()
