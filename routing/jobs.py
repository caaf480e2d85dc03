"""Routing's jobs: sweeps that find what is due, and one small job per shop."""

from django.utils import timezone

from agents.models import ShiftSettings, Shop
from config.jobs import each, enqueue, job
from routing.models import Lane
from routing.services import (
    compare_counters,
    follow_shifts,
    lapse_leases,
    overdue_shops,
    quiet_shops,
    run_time_outs,
    silent_shops,
    trim_events,
)
from routing.services.answering import forgotten, hand_over_forgotten, shops_with_robot
from routing.services.simulating import dropped_simulations, forget_simulations, run_simulation


@job(name="routing.sweep_time_outs", cron="* * * * *")
def sweep_time_outs() -> int:
    """Ask for `routing.time_out` for every shop where a conversation is due (DY13, G21)."""
    shops = quiet_shops() | silent_shops()
    for shop in sorted(shops):
        enqueue("routing.time_out", shop=shop)
    return len(shops)


@job(name="routing.time_out")
def time_out(shop: int) -> int:
    """Close and pass on what is due in one shop; the decisions that followed."""
    return len(run_time_outs(shop=Shop.objects.get(pk=shop)))


@job(name="routing.sweep_leases", cron="* * * * *")
def sweep_leases() -> int:
    """Set offline whose pages have fallen silent. The web processes look every few seconds; this one looks where no
    web process runs."""
    return each("routing.leases", overdue_shops(), lambda shop: lapse_leases(shop=shop), key=lambda shop: shop.pk)


@job(name="routing.trim_events", cron="23 4 * * *")
def trim_events_of_all() -> int:
    """Drop the events that are older than what is kept; how many."""
    return trim_events()


@job(name="routing.sweep_counters", cron="17 * * * *")
def sweep_counters() -> int:
    """Ask for `routing.compare_counters` for every shop that has routed anything."""
    shops = list(Lane.objects.values_list("shop_id", flat=True))
    for shop in shops:
        enqueue("routing.compare_counters", shop=shop)
    return len(shops)


@job(name="routing.compare_counters")
def compare_counters_of(shop: int) -> int:
    """Compare one shop's counters with the truth; how many differed."""
    return len(compare_counters(shop=Shop.objects.get(pk=shop)))


@job(name="routing.sweep_robot", cron="* * * * *")
def sweep_robot() -> int:
    """Ask for `routing.hand_over_forgotten` for every shop whose robot owes somebody an answer."""
    shops = Shop.objects.filter(pk__in=shops_with_robot())
    return each("routing.robot", shops, _ask_for_hand_over, key=lambda shop: shop.pk)


def _ask_for_hand_over(shop: Shop) -> int:
    owing = forgotten(shop).exists()
    if owing:
        enqueue("routing.hand_over_forgotten", shop=shop.pk)
    return int(owing)


@job(name="routing.hand_over_forgotten")
def hand_over_forgotten_of(shop: int) -> int:
    """Give a person to whom the robot of one shop has left without an answer; how many."""
    return hand_over_forgotten(shop=Shop.objects.get(pk=shop))


@job(name="routing.sweep_shifts", cron="* * * * *")
def sweep_shifts() -> int:
    """Ask for `routing.follow_shifts` for every shop whose statuses follow the shifts."""
    shops = list(ShiftSettings.objects.filter(follows=True).values_list("shop_id", flat=True))
    for shop in shops:
        enqueue("routing.follow_shifts", shop=shop)
    return len(shops)


@job(name="routing.follow_shifts")
def follow_shifts_of(shop: int) -> int:
    """Bring one shop's statuses to where its plan has them; how many people that concerned."""
    return follow_shifts(shop=Shop.objects.get(pk=shop))


@job(name="routing.simulate")
def simulate(pk: int) -> bool:
    """Run a large scenario, as it was asked for over the API."""
    return run_simulation(pk=pk, now=timezone.now())


@job(name="routing.sweep_simulations", cron="* * * * *")
def sweep_simulations() -> int:
    """Ask again for simulations that a runner has dropped, and forget old ones."""
    now = timezone.now()
    forget_simulations(now=now)
    dropped = dropped_simulations(now=now)
    for pk in dropped:
        enqueue("routing.simulate", pk=pk)
    return len(dropped)
