"""Going offline with conversations open: asked first, then kept, given back or handed over, all or nothing."""

import pytest
from django.test import Client

from agents.errors import Refused
from agents.models import Shop, SubAccount
from conversations.models import Conversation
from conversations.states import Sender
from routing import services
from routing.models import AgentCounter, Decision
from routing.services import Leaving
from tests.agents.factories import make_member, make_shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def leaver(shop: Shop) -> SubAccount:
    """Holds c1, which waits for an answer, and c2, which has one."""
    member = make_member(shop, "agent", name="a1")
    services.set_presence(shop=shop, agent="a1", status="online")
    for name in ("c1", "c2"):
        services.open_conversation(shop=shop, buyer=name, entry="goods_detail", external_id=name)
    services.post_message(shop=shop, conversation="c2", sender=Sender.AGENT, text="好的")
    return member


def online(shop: Shop, name: str = "a2", cap: int | None = None) -> SubAccount:
    member = make_member(shop, "agent", name=name)
    SubAccount.objects.filter(pk=member.pk).update(max_concurrent=cap)
    services.set_presence(shop=shop, agent=name, status="online")
    return member


def holders(shop: Shop) -> dict[str, str]:
    return dict(Conversation.objects.for_shop(shop).order_by("pk").values_list("external_id", "holder__name"))


def test_kept_ones_stay_but_who_waits_goes_on(shop: Shop, leaver: SubAccount) -> None:  # G9
    online(shop)
    services.go_offline(shop=shop, agent="a1", then=Leaving.KEEP)
    assert holders(shop) == {"c1": "a2", "c2": "a1"}


def test_given_back_all_are_decided_again_by_the_rules(shop: Shop, leaver: SubAccount) -> None:
    online(shop)
    services.go_offline(shop=shop, agent="a1", then=Leaving.HAND_BACK)
    assert holders(shop) == {"c1": "a2", "c2": "a2"}
    last = Decision.objects.filter(shop=shop).order_by("pk").last()
    assert last is not None
    assert (last.trigger, last.rule) == ("reassigned", "PDD2")
    counted = {row.sub_account.name: (row.open, row.waiting_replies) for row in AgentCounter.objects.all()}
    assert counted == {"a1": (0, 0), "a2": (2, 1)}


def test_what_nobody_can_take_stays(shop: Shop, leaver: SubAccount) -> None:
    online(shop, cap=1)
    services.go_offline(shop=shop, agent="a1", then=Leaving.HAND_BACK)
    assert holders(shop) == {"c1": "a2", "c2": "a1"}


def test_given_back_with_nobody_online_nothing_moves(shop: Shop, leaver: SubAccount) -> None:
    services.publish(shop=shop, document={"offline": {"agents": ["a1"]}})
    decisions = services.go_offline(shop=shop, agent="a1", then=Leaving.HAND_BACK)
    assert decisions == []
    assert holders(shop) == {"c1": "a1", "c2": "a1"}


def test_all_to_one_colleague_over_the_cap_with_the_reason(shop: Shop, leaver: SubAccount) -> None:  # G8
    online(shop, cap=1)
    services.go_offline(shop=shop, agent="a1", then=Leaving.TRANSFER, to="a2")
    assert holders(shop) == {"c1": "a2", "c2": "a2"}
    leaver.refresh_from_db()
    assert leaver.status == "offline"
    assert set(Decision.objects.filter(rule="G8").values_list("by__name", "reason")) == {("a1", "客服离线")}


def test_a_colleague_who_is_gone_meanwhile_changes_nothing(shop: Shop, leaver: SubAccount) -> None:
    online(shop)
    services.set_presence(shop=shop, agent="a2", status="offline")
    with pytest.raises(Refused) as refused:
        services.go_offline(shop=shop, agent="a1", then=Leaving.TRANSFER, to="a2")
    assert refused.value.code == "target_offline"
    leaver.refresh_from_db()
    assert leaver.status == "online"
    assert holders(shop) == {"c1": "a1", "c2": "a1"}


def test_the_switch_asks_first_and_does_as_told(shop: Shop, leaver: SubAccount) -> None:
    online(shop)
    client, url = Client(), f"/s/{shop.slug}/presence/"
    assert leaver.account is not None
    client.force_login(leaver.account)
    asked = client.post(url, {"status": "offline"}, headers=HTMX)
    assert asked.headers["HX-Retarget"] == "#dialog-host"
    page = asked.content.decode()
    assert "你手上还有 2 个会话" in page
    assert "其中 1 个买家在等你回复" in page
    leaver.refresh_from_db()
    assert leaver.status == "online"
    refused = client.post(url, {"status": "offline", "then": "transfer", "to": "nobody"}, headers=HTMX)
    assert refused.status_code == 422
    done = client.post(url, {"status": "offline", "then": "transfer", "to": "a2"}, headers=HTMX)
    assert "dialogClose" in done.headers["HX-Trigger"]
    assert holders(shop) == {"c1": "a2", "c2": "a2"}


def test_a_break_or_empty_hands_are_not_asked_about(shop: Shop, leaver: SubAccount) -> None:
    client, url = Client(), f"/s/{shop.slug}/presence/"
    assert leaver.account is not None
    client.force_login(leaver.account)
    assert "HX-Retarget" not in client.post(url, {"status": "break"}, headers=HTMX).headers
    for name in ("c1", "c2"):
        services.close_conversation(shop=shop, conversation=name, by="agent")
    assert "HX-Retarget" not in client.post(url, {"status": "offline"}, headers=HTMX).headers


def test_one_switch_for_all_shops_that_somebody_answers_in(shop: Shop, leaver: SubAccount) -> None:
    second = make_shop()
    assert leaver.account is not None
    there = make_member(second, "agent", account=leaver.account)
    client = Client()
    client.force_login(leaver.account)
    client.post(f"/s/{shop.slug}/presence/", {"status": "break", "everywhere": "1"}, headers=HTMX)
    there.refresh_from_db()
    assert there.status == "break"
    client.post(f"/s/{shop.slug}/presence/", {"status": "online"}, headers=HTMX)
    there.refresh_from_db()
    assert there.status == "break"
