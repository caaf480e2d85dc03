"""Gives a running worker one piece of work for each job and waits until the work is seen to be done.

python -m tests.runner_driver        prints {"effect": true or false, …}, exit 0 if all are true
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from agents.models import Shop  # noqa: E402
from config.jobs import REGISTRY, enqueue  # noqa: E402
from conversations.models import Conversation  # noqa: E402
from conversations.states import Sender, State  # noqa: E402
from metrics.models import DayRate, PenaltyEntry, PenaltyWindow  # noqa: E402
from metrics.services import enter_black_room  # noqa: E402
from routing import services  # noqa: E402
from routing.models import AgentCounter, CounterDrift  # noqa: E402
from tests.agents.factories import make_agent  # noqa: E402

SECONDS = 90


def prepare() -> Shop:
    """A conversation that is due, a counter that is wrong, messages not counted yet, a penalty that is over."""
    now = timezone.now()
    shop = Shop.objects.create(slug="jobs", name="Jobs", platform="pinduoduo")
    make_agent(shop, "a1")
    hour_ago = now - timedelta(hours=1)
    services.publish(shop=shop, document={"auto_close_minutes": 5}, now=hour_ago)
    services.set_presence(shop=shop, agent="a1", status="online", now=hour_ago)
    services.open_conversation(shop=shop, external_id="due", buyer="b1", entry="goods_detail", now=hour_ago)
    for sender in (Sender.BUYER, Sender.AGENT):
        services.post_message(shop=shop, conversation="due", sender=sender, text="x", now=hour_ago)
    month_ago = (now - timedelta(days=40)).date()
    enter_black_room(shop=shop, day=month_ago, by=None, now=now - timedelta(days=39))
    assert PenaltyWindow.objects.get(shop=shop).state == "open"
    assert PenaltyEntry.objects.filter(shop=shop).exists()
    AgentCounter.objects.filter(shop=shop).update(open=7)
    return shop


def effects(shop: Shop) -> dict[str, Callable[[], bool]]:
    return {
        "routing.time_out": lambda: Conversation.objects.get(shop=shop).state == State.CLOSED,
        "routing.compare_counters": lambda: CounterDrift.objects.filter(shop=shop).exists(),
        "metrics.sweep_assessments": lambda: DayRate.objects.filter(shop=shop).exists(),
        "metrics.end_penalties": lambda: PenaltyWindow.objects.get(shop=shop).state == "ended",
    }


def main() -> int:
    shop = prepare()
    for job in REGISTRY.values():
        if job.cron:
            enqueue(job.name)
    wanted = effects(shop)
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and not all(seen() for seen in wanted.values()):
        time.sleep(0.3)
    result = {name: seen() for name, seen in wanted.items()}
    print(json.dumps(result))
    return 0 if all(result.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
