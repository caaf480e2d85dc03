"""Try it: the real engine on the live shop, the draft included, and nothing written."""

import pytest
from django.utils import timezone

from agents.models import Shop
from agents.vocabulary import Role
from conversations.models import Buyer, Conversation
from routing import services
from routing.models import Decision, Lane, ShopEvent
from routing.services import checked_document, try_decision
from tests.agents.factories import make_member, make_shop
from tests.routing.page import SettingsPage

pytestmark = pytest.mark.django_db(transaction=True)


def make(platform: str = "pinduoduo", **statuses: str) -> Shop:
    shop = make_shop(platform, platform)
    for name, status in statuses.items():
        make_member(shop, name=name)
        services.set_presence(shop=shop, agent=name, status=status)
    return shop


def tried(shop: Shop, document: dict, **asked: str):
    return try_decision(shop=shop, document=checked_document(shop, document), **asked)


def test_several_candidates_are_shown_with_their_chances() -> None:
    shop = make(a1="online", a2="online", a3="break")
    found = tried(shop, {"pages": {"goods_detail": ["a1", "a2", "a3"]}}, entry="goods_detail")
    assert (found.rule, found.shares, found.drawn) == ("PDD3", {"a1": 0.5, "a2": 0.5}, True)
    assert found.trace[-1]["excluded"] == {"a3": "break"}


def test_weights_make_the_chances() -> None:
    shop = make(a1="online", a2="online")
    members = [{"account": "a1", "weight": 500}, {"account": "a2", "weight": 100}]
    document = {"mode": "advanced", "groups": [{"name": "组", "members": members, "order_statuses": ["unpaid"]}]}
    found = tried(shop, document, entry="live", order_status="unpaid")
    assert found.rule == "PDD6"
    assert found.shares == {"a1": pytest.approx(5 / 6), "a2": pytest.approx(1 / 6)}


def test_a_busy_agent_of_taobao_has_the_smaller_chance() -> None:  # TB5
    shop = make("taobao", a1="online", a2="offline")
    for n in range(8):
        services.open_conversation(shop=shop, buyer=f"b{n}")
    services.set_presence(shop=shop, agent="a2", status="online")
    assert tried(shop, {}).shares == {"a1": pytest.approx(1 / 3), "a2": pytest.approx(2 / 3)}


def test_where_the_rule_names_one_nothing_is_left_to_chance() -> None:
    shop = make("kuaishou", a1="online", a2="online")
    services.open_conversation(shop=shop, buyer="b1")
    found = tried(shop, {})
    assert (found.rule, found.drawn, len(found.shares)) == ("KS2", False, 1)


def test_a_known_buyer_goes_to_their_recent_agent() -> None:
    shop = make(a1="online", a2="offline")
    services.open_conversation(shop=shop, buyer="柚子茶", entry="goods_detail")
    services.set_presence(shop=shop, agent="a2", status="online")
    found = tried(shop, {"pages": {"goods_detail": ["a2"]}}, entry="goods_detail", buyer="柚子茶")
    assert (found.rule, found.shares, found.contact.agent) == ("PDD1", {"a1": 1.0}, "a1")


def test_nobody_online_waits_or_goes_to_the_offline_list() -> None:
    shop = make(a1="offline")
    assert tried(shop, {}).outcome == "queued"
    found = tried(shop, {"offline": {"agents": ["a1"]}})
    assert (found.outcome, found.shares, found.push) == ("offline", {"a1": 1.0}, False)


def test_trying_agrees_with_what_then_happens() -> None:
    shop = make(a1="online", a2="online", a3="online")
    services.publish(shop=shop, document={"pages": {"shop_home": ["a2", "a3"]}})
    found = try_decision(
        shop=shop, document=checked_document(shop, {"pages": {"shop_home": ["a2", "a3"]}}), entry="shop_home"
    )
    opened = services.open_conversation(shop=shop, buyer="b1", entry="shop_home").conversation
    assert opened.holder.name in found.shares


def test_trying_writes_nothing() -> None:
    shop = make(a1="online")
    before = [model.objects.count() for model in (Conversation, Buyer, Decision, ShopEvent)]
    lane = Lane.objects.values().get(pk=shop.pk)
    tried(shop, {}, entry="goods_detail", buyer="nobody before")
    assert before == [model.objects.count() for model in (Conversation, Buyer, Decision, ShopEvent)]
    assert lane == Lane.objects.values().get(pk=shop.pk)


def test_a_shop_in_which_nothing_has_happened_can_be_tried() -> None:
    shop = make_shop("fresh")
    make_member(shop, name="a1")
    assert tried(shop, {}, entry="goods_detail").outcome == "queued"
    assert not Lane.objects.filter(pk=shop.pk).exists()


def test_the_panel_tells_whom_and_why_in_words() -> None:
    shop = make(a1="online", a2="online", a3="break")
    page = SettingsPage(shop, make_member(shop, Role.MAIN))
    page.document = {**page.document, "pages": {"goods_detail": ["a1", "a2", "a3"]}}
    html = page.post("routing_try", try_entry="goods_detail").content.decode()
    assert "2 人有空，随机，各 50%" in html
    assert "由这条决定" in html
    assert "小休，不派新会话" in html
    assert html.count("没走到") == 2


def test_the_panel_counts_the_typed_weight_before_it_is_published() -> None:
    shop = make(a1="online", a2="online")
    members = [{"account": "a1", "weight": 100}, {"account": "a2", "weight": 100}]
    services.publish(
        shop=shop,
        document={"mode": "advanced", "groups": [{"name": "组", "members": members, "order_statuses": ["none"]}]},
    )
    page = SettingsPage(shop, make_member(shop, Role.MAIN), "advanced")
    html = page.post("routing_try", **{"f:groups[0].members[0].weight": "300"}).content.decode()
    assert "75%" in html
    assert "25%" in html


def test_the_clock_of_the_lane_is_never_left_behind() -> None:
    shop = make(a1="online")
    assert tried(shop, {}).outcome == "assigned"
    early = timezone.now().replace(year=2020)
    assert try_decision(shop=shop, document=checked_document(shop, {}), now=early).outcome == "assigned"


def test_a_buyer_with_an_open_conversation_would_go_on_in_it_and_the_panel_says_so() -> None:  # G18
    shop = make(a1="online")
    services.open_conversation(shop=shop, buyer="talks", entry="shop_home")
    services.set_presence(shop=shop, agent="a1", status="offline")
    services.open_conversation(shop=shop, buyer="waits", entry="shop_home")
    page = SettingsPage(shop, make_member(shop, Role.MAIN))
    assert "正在和 a1 对话" in page.post("routing_try", try_buyer="talks").content.decode()
    assert "已经在排队" in page.post("routing_try", try_buyer="waits").content.decode()
    assert "新买家" in page.post("routing_try", try_buyer="new").content.decode()
