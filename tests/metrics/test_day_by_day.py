"""Days assessed one by one, as the jobs do, bring about what assessing all of them at once does (P5)."""

from datetime import date, timedelta
from random import Random

import pytest

from agents.models import Shop
from metrics.models import PenaltyWindow
from metrics.services import assess, enter_black_room, sweep_shop
from tests.metrics.builders import DAY, at
from tests.metrics.rows import ask, make_shop

pytestmark = pytest.mark.django_db
DAYS = 16


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def windows(shop: Shop) -> list[tuple]:
    rows = PenaltyWindow.objects.filter(shop=shop).order_by("opened_on", "kind")
    return [
        (row.kind, row.opened_on, row.ends_at, row.state, row.run, [p.date for p in row.prolongations.all()])
        for row in rows
    ]


@pytest.mark.parametrize("seed", range(8))
def test_day_by_day_is_the_same_as_all_at_once(seed: int) -> None:
    rng = Random(seed)
    talk = [rng.choice([{"missed": 1}, {"missed": 1}, {"answered": 2}, {}]) for _ in range(DAYS)]
    daily, whole = make_shop(), make_shop()
    for number, units in enumerate(talk):
        for shop in (daily, whole):
            ask(shop, day(number), **units)
        sweep_shop(shop=daily, now=at("12:00", day(number + 1)))
    assess(shop=whole, date_from=DAY, date_to=day(DAYS), now=at("12:00", day(DAYS)))
    assert windows(daily) == windows(whole)


def test_P2_one_activity_ban_is_in_force_at_a_time_however_long_it_lasts() -> None:
    shop = make_shop()
    for number in (0, 10):
        ask(shop, day(number), missed=1)
        sweep_shop(shop=shop, now=at("12:00", day(number + 1)))
    assert [w[1:] for w in windows(shop) if w[0] == "activity_ban"] == [(DAY, None, "open", 0, [day(10)])]


def test_P4_a_window_ends_though_nothing_ran_for_days_and_nothing_is_counted() -> None:
    shop = make_shop("taobao")
    enter_black_room(shop=shop, day=DAY, by=None, now=at("12:00"))
    sweep_shop(shop=shop, now=at("12:00", day(40)))
    assert [w[3] for w in windows(shop)] == ["ended"]
