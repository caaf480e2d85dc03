"""Assessing and importing from several processes at once: the same rows, nothing twice (P5, DESIGN 5)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection

from agents.models import Shop
from conversations.models import Conversation, Message
from conversations.services.importing import ChatFile
from metrics.formulas.units import Figures
from metrics.models import Alert, DayRate, PenaltyWindow
from metrics.services import assess, import_chats, sweep_shop
from tests.metrics.builders import DAY, at
from tests.metrics.rows import ask, make_shop, rates

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
NOW = at("12:00", DAY + timedelta(days=2))
WORKERS = 4


def at_once(*tasks: Callable[[], object]) -> None:
    """Run the tasks in threads of their own that begin together; the first error is raised."""
    barrier = Barrier(len(tasks))

    def begin(task: Callable[[], object]) -> None:
        try:
            barrier.wait(timeout=10)
            task()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(tasks)) as pool:
        for done in [pool.submit(begin, task) for task in tasks]:
            done.result(timeout=60)


def assess_shop(shop: Shop) -> None:
    assess(shop=shop, date_from=DAY, date_to=DAY + timedelta(days=1), now=NOW)


def test_one_shop_assessed_by_several_at_once_has_one_of_each() -> None:
    shop = make_shop()
    ask(shop, DAY, missed=3)
    ask(shop, DAY + timedelta(days=1), missed=3)
    at_once(*[lambda: assess_shop(shop)] * WORKERS, lambda: sweep_shop(shop=shop, now=NOW))
    assert rates(shop).figures == Figures(0, 3)
    assert PenaltyWindow.objects.count() == 4
    assert sorted(Alert.objects.values_list("event", flat=True)) == ["opened"] * 4 + ["prolonged"] * 4
    assert DayRate.objects.filter(shop=shop, date=DAY).count() == 4


def test_one_file_imported_by_several_at_once_goes_in_once_and_is_counted(tmp_path: Path) -> None:
    shop = make_shop()
    lines = ["conversation,buyer,sender,agent,sent_at,message_id"]
    for number in range(300):
        lines.append(f"c{number},b{number % 50},buyer,,{DAY} 10:00:00,q{number}")
        lines.append(f"c{number},b{number % 50},agent,a{number % 7},{DAY} 10:02:00,a{number}")
    path = tmp_path / "chats.csv"
    path.write_text("\n".join(lines) + "\n")

    def run() -> None:
        import_chats(shop=shop, file=ChatFile(path), strict=False, now=NOW, on_refused=pytest.fail)

    at_once(*[run] * WORKERS, lambda: assess_shop(shop))
    assess_shop(shop)
    assert (Message.objects.count(), Conversation.objects.count(), shop.sub_accounts.count()) == (600, 300, 7)
    assert rates(shop).figures == Figures(50, 0)
    assert DayRate.objects.filter(shop=shop, date=DAY, metric="reply_5m").count() == 1
