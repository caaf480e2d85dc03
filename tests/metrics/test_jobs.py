"""The jobs of metrics, run as a runner would run them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config import jobs as registry
from metrics import jobs
from metrics.formulas.units import Figures
from metrics.models import DayRate, PenaltyWindow
from tests.metrics.rows import ask, make_shop, rates

pytestmark = pytest.mark.django_db


def test_the_sweep_reaches_every_shop_in_its_own_zone() -> None:
    shops = [make_shop(timezone=zone) for zone in ("Asia/Shanghai", "America/New_York", "Pacific/Auckland")]
    for shop in shops:
        ask(shop, timezone.now().astimezone(shop.zone).date() - timedelta(days=1), answered=1)
    jobs.sweep_assessments()
    for shop in shops:
        yesterday = timezone.now().astimezone(shop.zone).date() - timedelta(days=1)
        assert rates(shop, yesterday).figures == Figures(1)


def test_one_shops_trouble_does_not_keep_the_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, fine = make_shop(), make_shop()
    sweep = jobs.sweep_shop

    def fail_for_one(*, shop, now) -> None:
        if shop == broken:
            raise RuntimeError("trouble")
        sweep(shop=shop, now=now)

    monkeypatch.setattr(jobs, "sweep_shop", fail_for_one)
    jobs.sweep_assessments()
    assert set(DayRate.objects.values_list("shop", flat=True)) == {fine.pk}


def test_one_shop_day_can_be_assessed_by_name() -> None:
    shop = make_shop()
    day = timezone.now().astimezone(shop.zone).date() - timedelta(days=9)
    ask(shop, day, missed=1)
    registry.run("metrics.assess_shop_day", {"shop_id": shop.pk, "day": str(day)})
    assert rates(shop, day).figures == Figures(0, 1)


def test_penalties_end_by_the_clock() -> None:
    shop = make_shop()
    day = timezone.now().astimezone(shop.zone).date() - timedelta(days=9)
    ask(shop, day, missed=1)
    jobs.assess_shop_day(shop.pk, str(day))
    PenaltyWindow.objects.filter(kind="ad_removal").update(state="open")
    jobs.end_penalties()
    assert PenaltyWindow.objects.get(kind="ad_removal").state == "ended"


def test_every_job_may_run_twice() -> None:
    shop = make_shop()
    ask(shop, timezone.now().astimezone(shop.zone).date() - timedelta(days=1), missed=1)
    for _ in range(2):
        jobs.sweep_assessments()
        jobs.end_penalties()
    assert PenaltyWindow.objects.count() == 4
    assert {name for name in registry.REGISTRY if name.startswith("metrics.")} == {
        "metrics.announce_penalties",
        "metrics.assess_shop_day",
        "metrics.check_rollups",
        "metrics.drop_old",
        "metrics.drop_old_of",
        "metrics.end_penalties",
        "metrics.replay",
        "metrics.sweep_assessments",
        "metrics.sweep_replays",
    }
