"""Jobs: idempotent, safe to run twice and at once, cut by shop and day; the next sweep finds what one dropped."""

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.utils import timezone

from agents.models import Shop
from config.jobs import each, enqueue, job
from metrics.models import PenaltyWindow
from metrics.services import (
    announce_penalties,
    assess,
    check_some,
    keep_only_recent,
    run_replay,
    sweep_shop,
    warn_heading,
)
from metrics.services.announcing import unannounced_shops
from metrics.services.replaying import to_be_run


@job(name="metrics.assess_shop_day")
def assess_shop_day(shop_id: int, day: str) -> None:
    """Assess one shop day, written as YYYY-MM-DD, and every later one (P5)."""
    shop = Shop.objects.get(pk=shop_id)
    assess(shop=shop, date_from=date.fromisoformat(day), date_to=date.fromisoformat(day), now=timezone.now())


@job(name="metrics.sweep_assessments", cron="* * * * *")
def sweep_assessments() -> None:
    """Today and yesterday of every shop in its own zone, and the days that late messages touched."""
    _sweep(Shop.objects.order_by("pk").values_list("pk", flat=True))


@job(name="metrics.end_penalties", cron="* * * * *")
def end_penalties() -> None:
    """End the penalties whose time is over (P3): the last day is assessed first, it may prolong them (P2)."""
    due = PenaltyWindow.objects.filter(state="open", ends_at__lte=timezone.now())
    _sweep(due.order_by("shop_id").values_list("shop_id", flat=True).distinct())


@job(name="metrics.announce_penalties", cron="* * * * *")
def announce() -> int:
    """Tell what a process that was killed between the assessment and the telling has left untold."""
    return each(
        "metrics.announcements",
        unannounced_shops(),
        lambda shop: announce_penalties(shop=shop),
        key=lambda shop: shop.pk,
    )


@job(name="metrics.replay")
def replay(pk: int) -> bool:
    """Run a day under a draft of the settings, as it was asked for on the settings page."""
    return run_replay(pk=pk)


@job(name="metrics.sweep_replays", cron="* * * * *")
def sweep_replays() -> int:
    """Ask again for replays that a runner has dropped."""
    dropped = to_be_run()
    for pk in dropped:
        enqueue("metrics.replay", pk=pk)
    return len(dropped)


@job(name="metrics.check_rollups", cron="20 3 * * *")
def check_rollups() -> int:
    """Yesterday and an earlier day of every shop, from their messages; how many days differed."""
    shops = Shop.objects.order_by("pk")
    return each(
        "metrics.rollups", shops, lambda shop: len(check_some(shop=shop, now=timezone.now())), key=lambda shop: shop.pk
    )


@job(name="metrics.drop_old", cron="43 3 * * *")
def drop_old() -> int:
    """Ask for `metrics.drop_old_of` for every shop, where conversations are not kept for ever."""
    if not (settings.KEEP_CONVERSATIONS_DAYS or settings.KEEP_BUYERS_DAYS):
        return 0
    shops = list(Shop.objects.order_by("pk").values_list("pk", flat=True))
    for shop in shops:
        enqueue("metrics.drop_old_of", shop=shop)
    return len(shops)


@job(name="metrics.drop_old_of")
def drop_old_of(shop: int) -> int:
    """Drop what one shop no longer keeps; what takes long goes on in a job of its own."""
    row, now = Shop.objects.get(pk=shop), timezone.now()
    dropped, done = keep_only_recent(shop=row, now=now)
    if not done:
        enqueue("metrics.drop_old_of", shop=shop)
    return dropped


def _sweep(shop_ids: Iterable[int]) -> None:
    """Assess the shops with these keys; one shop's trouble does not keep the others waiting."""
    each("metrics.assessments", shop_ids, _sweep_one)


def _sweep_one(shop_id: int) -> int:
    shop, now = Shop.objects.get(pk=shop_id), timezone.now()
    swept = sweep_shop(shop=shop, now=now)
    warn_heading(shop=shop, now=now)
    return int(swept)
