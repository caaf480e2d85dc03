"""Penalty windows along 90 days, what was told of them, and the way to the buyers that failed a day (P6)."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agents.models import Shop
from metrics.models import PenaltyWindow
from metrics.selectors import penalty_windows
from metrics.selectors.timeline import SPAN, timeline, told_alerts
from metrics.services import assess, mark_window
from tests.agents.factories import make_member, make_shop
from tests.metrics.rows import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def today(shop: Shop) -> date:
    return timezone.now().astimezone(shop.zone).date()


def fail(shop: Shop, back: int) -> None:
    ask(shop, today(shop) - timedelta(days=back), answered=1, missed=4)


def assessed(shop: Shop, now: datetime | None = None) -> None:
    now = now or timezone.now()
    assess(shop=shop, date_from=today(shop) - timedelta(days=120), date_to=today(shop), now=now)


def test_a_bar_stands_where_the_window_was(shop: Shop) -> None:
    fail(shop, 20)
    assessed(shop)
    found = timeline(shop, penalty_windows(shop), timezone.now())
    removal = next(line for line in found.lines if line.kind == "resource_slot_removal")
    (bar,) = removal.bars
    assert bar.row.state == "ended"
    assert bar.width == pytest.approx(100 * 3 / SPAN, abs=0.01)
    assert bar.left == pytest.approx(100 * (SPAN - 1 - 19) / SPAN, abs=0.01)
    assert found.last == today(shop)
    assert len(found.ticks) >= 6


def test_one_that_ended_before_is_left_out_one_that_reaches_in_is_cut(shop: Shop) -> None:
    fail(shop, SPAN + 10)
    fail(shop, SPAN + 1)
    assessed(shop)
    lines = timeline(shop, penalty_windows(shop), timezone.now()).lines
    bars = next(line for line in lines if line.kind == "ad_removal").bars
    assert [bar.row.opened_on for bar in bars] == [today(shop) - timedelta(days=SPAN + 1)]
    assert bars[0].left == 0


def test_a_withdrawn_and_a_dismissed_window_stay_and_look_so(shop: Shop) -> None:
    fail(shop, 1)
    assessed(shop)
    window = PenaltyWindow.objects.get(shop=shop, kind="ad_removal")
    mark_window(shop=shop, window=window.pk, mark="dismissed", reason="平台没有处罚", by=None, now=timezone.now())
    client = Client()
    client.force_login(make_member(shop, "main").account)
    page = client.get(f"/s/{shop.slug}/penalties/").content.decode()
    assert "timeline-bar is-ended is-dismissed" in page
    assert "timeline-bar is-open" in page
    assert f"/reply-rates/?day={window.opened_on}&amp;show=failed#detail" in page


def test_what_was_told_stands_once_the_latest_first(shop: Shop) -> None:
    fail(shop, 10)
    assessed(shop)
    assessed(shop)
    told = told_alerts(shop)
    assert {(one.event, one.day) for one in told} >= {("预计处罚", today(shop) - timedelta(days=10))}
    assert len(told) == len({(one.event, one.kind, one.day) for one in told})
