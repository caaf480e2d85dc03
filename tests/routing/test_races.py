"""Many processes at one shop, on PostgreSQL: the cap, the order and the counters hold exactly."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from agents.models import Shop
from agents.vocabulary import Status
from conversations.models import Conversation
from conversations.states import State
from routing import services
from routing.engine.decide import decide
from routing.engine.vocabulary import Outcome, Trigger
from routing.models import AgentCounter, Decision, ShopEvent
from routing.services.counters import truth_of
from routing.services.lane import in_lane
from tests.agents.factories import make_agent

ROOT = Path(__file__).resolve().parent.parent.parent
PROCESSES = 8

pytestmark = [pytest.mark.postgresql, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop() -> Shop:
    made = Shop.objects.create(slug="race", name="Race", platform="pinduoduo")
    for i in range(20):
        make_agent(made, f"a{i:02}", max_concurrent=5)
        services.set_presence(shop=made, agent=f"a{i:02}", status=Status.ONLINE)
    return made


def at_once(*arguments: list[str]) -> None:
    """Run the workers as processes of their own against this test's database."""
    database = connection.settings_dict
    url = f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = os.environ | {"DATABASE_URL": url}
    command = [sys.executable, "-m", "tests.routing.race_worker"]
    running = [subprocess.Popen([*command, *each], env=environment, cwd=ROOT) for each in arguments]
    assert [process.wait(120) for process in running] == [0] * len(running)


def test_eight_processes_open_400_conversations_and_exactly_100_are_assigned(shop: Shop) -> None:
    at_once(*(["open", shop.slug, str(i * 50), "50"] for i in range(PROCESSES)))

    conversations = Conversation.objects.for_shop(shop)
    assert conversations.count() == 400
    assert conversations.filter(state=State.OPEN).count() == 100
    per_agent = truth_of(shop)
    assert {counts["open"] for counts in per_agent.values()} == {5}
    assert len(per_agent) == 20
    waiting = list(conversations.filter(state=State.QUEUED).order_by("waiting_seq"))
    assert len(waiting) == 300
    opened = [c.opened_seq for c in waiting]
    assert opened == sorted(opened)
    assert max(conversations.filter(state=State.OPEN).values_list("opened_seq", flat=True)) < min(opened)
    numbers = list(ShopEvent.objects.filter(shop=shop).order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_after_ten_seconds_of_everything_at_once_the_counters_are_true(shop: Shop) -> None:
    at_once(*(["mixed", shop.slug, str(i), "10"] for i in range(PROCESSES)))

    truth = truth_of(shop)
    for counter in AgentCounter.objects.filter(shop=shop):
        said = {"open": counter.open, "waiting_replies": counter.waiting_replies}
        assert said == truth.get(counter.pk, {"open": 0, "waiting_replies": 0}), counter.sub_account.name
    assert services.compare_counters(shop=shop) == []
    with in_lane(shop) as work:
        for conversation in list(work.state.backlog(())):
            if conversation.state == State.QUEUED:
                again = decide(work.state, conversation, work.at, Trigger.DRAINED)
                assert (again.outcome, again.pool) == (Outcome.QUEUED, conversation.pool)
            elif work.state.online:
                assert decide(work.state, conversation, work.at, Trigger.REASSIGNED).outcome is Outcome.QUEUED
    over_the_cap = {"PDD1", "G8"}
    for decision in Decision.objects.filter(shop=shop, outcome="assigned").exclude(rule__in=over_the_cap):
        load = decision.trace[-1]["candidates"][decision.agent.name]
        assert load["load"] < load["max_concurrent"]
    assert Decision.objects.filter(shop=shop).count() > 200
