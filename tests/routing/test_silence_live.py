"""G21 live: found in rows when it falls due, by the sweep and by the web process; counted, told and charged."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.models import Shop
from agents.vocabulary import Role
from config import jobs, keeping
from conversations.models import Conversation
from conversations.states import Sender
from routing import services
from routing.explanations import told_decisions, told_sentences
from routing.models import AgentCounter, Decision
from routing.services import quiet_shops, silent_shops
from tests.agents.factories import make_member, make_shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]

NOON = datetime(2030, 7, 1, 4, tzinfo=UTC)
"""12:00 in Shanghai."""


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def shop_with(times: int = 2, *, after: int = 120, enabled: bool = True) -> Shop:
    """a1 holds c1, whose buyer has waited since noon; a2 has come since."""
    shop = make_shop()
    for name in ("a1", "a2"):
        make_member(shop, Role.AGENT, name=f"{shop.slug}-{name}")
    rule = {"enabled": enabled, "after_seconds": after, "times": times}
    services.publish(shop=shop, document={"silence": rule}, now=at(-60))
    online(shop, "a1", -60)
    services.open_conversation(shop=shop, external_id="c1", buyer="b1", entry="goods_detail", now=at(0))
    online(shop, "a2", 1)
    return shop


def online(shop: Shop, name: str, seconds: float, status: str = "online") -> None:
    services.set_presence(shop=shop, agent=f"{shop.slug}-{name}", status=status, now=at(seconds))


def holder(shop: Shop) -> str:
    row = Conversation.objects.select_related("holder").get(shop=shop, external_id="c1")
    return row.holder.name.removeprefix(f"{shop.slug}-")


def test_only_the_shops_in_which_it_is_due_are_found() -> None:
    due, slow, off = shop_with(), shop_with(after=121), shop_with(enabled=False)
    assert silent_shops(at(119)) == set()
    assert silent_shops(at(120)) == {due.pk}
    assert silent_shops(at(121)) == {due.pk, slow.pk}
    assert off.pk not in silent_shops(at(999))
    assert quiet_shops(at(999)) == set()


def test_a_shop_is_not_found_for_ever_where_nothing_more_is_to_be_done() -> None:
    absent, spent, stuck = shop_with(), shop_with(times=1), shop_with()
    online(absent, "a2", 2, "offline")
    online(absent, "a1", 3, "offline")
    online(stuck, "a2", 2, "break")
    for shop in (spent, stuck):
        services.run_time_outs(shop=shop, now=at(130))
    assert (holder(spent), holder(stuck)) == ("a2", "a1")
    assert silent_shops(at(9_999)) == set()


def test_the_sweep_passes_it_on_at_its_due_time(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = shop_with()
    Conversation.objects.filter(shop=shop).update(silent_since=datetime.now(UTC) - timedelta(seconds=300))
    asked: list[dict[str, object]] = []
    monkeypatch.setattr("routing.jobs.enqueue", lambda name, **kwargs: asked.append({"name": name, **kwargs}))
    assert jobs.REGISTRY["routing.sweep_time_outs"].run() == 1
    assert asked == [{"name": "routing.time_out", "shop": shop.pk}]
    assert jobs.REGISTRY["routing.time_out"].run(shop=shop.pk) == 1
    assert holder(shop) == "a2"


def test_the_web_process_does_not_wait_for_the_sweep() -> None:
    shop = shop_with()
    keeping.pass_on_silent()
    assert holder(shop) == "a1"
    Conversation.objects.filter(shop=shop).update(silent_since=datetime.now(UTC) - timedelta(seconds=120))
    keeping.pass_on_silent()
    assert holder(shop) == "a2"


def test_places_and_waiting_replies_go_with_it() -> None:
    shop = shop_with()
    services.run_time_outs(shop=shop, now=at(500))
    rows = AgentCounter.objects.filter(shop=shop).order_by("sub_account__name")
    assert [(row.open, row.waiting_replies, row.received_today) for row in rows] == [(0, 0, 1), (1, 1, 1)]
    assert services.compare_counters(shop=shop) == []


def test_an_answer_wipes_the_slate() -> None:
    shop = shop_with()
    services.run_time_outs(shop=shop, now=at(120))
    row = Conversation.objects.get(shop=shop)
    assert (row.silence_times, row.taken_from, row.silent_since) == (1, [f"{shop.slug}-a1"], at(120))
    services.post_message(shop=shop, conversation="c1", sender=Sender.AGENT, text="在的", now=at(130))
    row.refresh_from_db()
    assert (row.silence_times, row.taken_from, row.silent_since, row.silence_stuck) == (0, [], None, False)


def test_the_decision_is_told_with_who_did_not_answer() -> None:
    shop = shop_with()
    services.run_time_outs(shop=shop, now=at(120))
    decision = Decision.objects.get(shop=shop, number=2)
    assert (decision.trigger, decision.rule, decision.at) == ("reassigned", "PDD4", at(120))
    assert decision.trace[0]["holder"] == f"{shop.slug}-a1"
    assert told_sentences(shop, [decision])[decision.pk] == f"超时没回复，按任一空闲转给 {shop.slug}-a2"
    (told,) = told_decisions(shop, [decision])
    assert told.rule == "任一空闲"
    assert [step.title for step in told.steps[:2]] == ["超时转接", "最近联系"]
    assert [step.title for step in told.steps if step.state == "decided"] == ["任一空闲"]
