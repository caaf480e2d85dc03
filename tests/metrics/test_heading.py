"""Before the fact (P7): a day on its way to a fail is told of once, and only when its pace says something."""

from datetime import date, datetime, timedelta

import pytest

from agents.models import Shop
from metrics.models import Heading
from metrics.services import assess, warn_heading
from metrics.services.heading import LEAST
from routing.models import ShopEvent
from tests.agents.factories import make_shop
from tests.metrics.builders import DAY, at
from tests.metrics.rows import ask

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]
NOON = at("15:30")
"""Half of the counted hours are over."""


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def counted(shop: Shop, now: datetime, day: date = DAY) -> None:
    assess(shop=shop, date_from=day - timedelta(days=2), date_to=day, now=now)


def events(shop: Shop) -> list[dict[str, object]]:
    return [event.data["heading"] for event in ShopEvent.objects.filter(shop=shop, kind="heading").order_by("seq")]


def test_a_day_at_a_failing_pace_is_told_of_once_a_metric(shop: Shop) -> None:
    ask(shop, DAY, answered=2, missed=LEAST)
    counted(shop, NOON)
    assert warn_heading(shop=shop, now=NOON) == ["reply_5m", "reply_15m", "reply_60m"]
    assert events(shop)[0] == {"metric": "reply_5m", "day": DAY.isoformat(), "rate": 0.1667, "needed": 8}
    assert warn_heading(shop=shop, now=NOON + timedelta(hours=1)) == []
    assert len(events(shop)) == 3
    assert Heading.objects.filter(shop=shop, date=DAY).count() == 3


def test_the_next_day_is_told_of_anew(shop: Shop) -> None:
    for day in (DAY, DAY + timedelta(days=1)):
        ask(shop, day, missed=LEAST)
        now = NOON + (day - DAY)
        counted(shop, now, day)
        assert warn_heading(shop=shop, now=now)


def test_too_few_say_nothing_and_a_good_pace_says_nothing(shop: Shop) -> None:
    ask(shop, DAY, missed=LEAST - 1)
    counted(shop, NOON)
    assert warn_heading(shop=shop, now=NOON) == []
    ask(shop, DAY, answered=3 * LEAST)
    counted(shop, NOON)
    assert warn_heading(shop=shop, now=NOON) == []
    assert events(shop) == []


def test_a_metric_that_brings_no_penalty_warns_of_none() -> None:
    shop = make_shop(platform="kuaishou")
    ask(shop, DAY, missed=2 * LEAST)
    counted(shop, NOON)
    assert warn_heading(shop=shop, now=NOON) == []
