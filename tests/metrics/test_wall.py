"""The manager's wall: load, pools with their named blocker, statuses set and told, figures that lead on."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import PresenceLog, Shop, SubAccount
from agents.services import create_token
from conversations.states import Sender
from metrics.selectors.wall import pools
from routing import services
from routing.models import ShopEvent
from tests.agents.factories import make_member, make_shop

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def shop() -> Shop:
    """Kuaishou, grouped: 发货组 is a1 and a2 with room for one each, 售前组 is a3."""
    shop = make_shop(platform="kuaishou")
    for name in ("a1", "a2", "a3"):
        member = make_member(shop, "agent", name=name)
        SubAccount.objects.filter(pk=member.pk).update(max_concurrent=1)
        services.set_presence(shop=shop, agent=name, status="online")
    groups = [
        {"name": "发货组", "members": [{"account": "a1"}, {"account": "a2"}], "order_statuses": ["unshipped"]},
        {"name": "售前组", "members": [{"account": "a3"}], "order_statuses": ["none"]},
    ]
    services.publish(shop=shop, document={"mode": "grouped", "groups": groups})
    return shop


@pytest.fixture
def manager(shop: Shop) -> Client:
    client = Client()
    client.force_login(make_member(shop, "cs_manager", name="mg").account)
    return client


def unshipped(shop: Shop, *buyers: str) -> None:
    for buyer in buyers:
        services.open_conversation(shop=shop, buyer=buyer, external_id=buyer, order_status="unshipped")


def holder_of(shop: Shop, name: str) -> str:
    return shop.conversations.get(external_id=name).holder.name


def seen(client: Client, shop: Shop, query: str = "") -> str:
    answer = client.get(f"/s/{shop.slug}/wall/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_pool_says_who_is_full_and_that_it_waits_for_its_group(shop: Shop, manager: Client) -> None:  # KS6
    unshipped(shop, "b1", "b2", "b3", "b4")
    (pool,) = pools(shop)
    assert (pool.key, pool.count, pool.rule, pool.waits_for) == ("order_status:unshipped", 2, "KS6", ("a1", "a2"))
    page = seen(manager, shop)
    assert "在线 2 人均已满（1/1）。按规则只等本组，不分给组外。" in page
    assert "“待发货”" in page
    assert "请 a" not in page


def test_who_is_on_a_break_is_named_and_can_be_asked_back(shop: Shop, manager: Client) -> None:
    services.change_sub_account(shop=shop, agent="a2", max_concurrent=3)
    services.set_presence(shop=shop, agent="a2", status="break")
    unshipped(shop, "b1", "b2")
    page = seen(manager, shop)
    assert "在线 1 人均已满（1/1），1 人小休（a2" in page
    assert "回来就能接 3 位" in page
    assert "请 a2 回来" in page
    answer = manager.post(f"/s/{shop.slug}/wall/a2/ask-back/", headers=HTMX)
    assert "toast" in answer.headers["HX-Trigger"]
    event = ShopEvent.objects.filter(shop=shop, kind="ask_back").get()
    assert event.data["ask_back"] == {"by": "mg"}
    assert event.data["agents"] == [SubAccount.objects.get(name="a2").pk]
    assert SubAccount.objects.get(name="a2").status == "break", "nothing is switched over their head"
    assert services.set_presence(shop=shop, agent="a2", status="online"), "and the lane goes on counting"


def test_with_nobody_online_it_says_so(shop: Shop, manager: Client) -> None:  # G5
    for name in ("a1", "a2", "a3"):
        services.set_presence(shop=shop, agent=name, status="offline")
    unshipped(shop, "b1")
    assert "没有人在线，离线名单也接不了" in seen(manager, shop)


def test_a_status_is_set_for_somebody_and_they_are_told_who_did(shop: Shop, manager: Client) -> None:
    answer = manager.post(f"/s/{shop.slug}/wall/a1/status/", {"status": "break"}, headers=HTMX)
    assert answer.status_code == 204
    log = PresenceLog.objects.filter(sub_account__name="a1").first()
    assert log is not None and log.by is not None
    assert (log.status, log.by.account) == ("break", "mg")
    event = ShopEvent.objects.filter(shop=shop, kind="presence").order_by("seq").last()
    assert event is not None
    assert event.data["presence"] == {"status": "break", "by": "mg", "reason": ""}
    refused = manager.post(f"/s/{shop.slug}/wall/a1/status/", {"status": "asleep"}, headers=HTMX)
    assert refused.status_code == 409
    assert manager.post(f"/s/{shop.slug}/wall/nobody/status/", {"status": "break"}).status_code == 404


def test_every_figure_leads_to_the_conversations_behind_it(shop: Shop, manager: Client) -> None:
    unshipped(shop, "b1", "b2", "b3")
    holder = holder_of(shop, "b1")
    services.post_message(shop=shop, conversation="b1", sender=Sender.AGENT, text="在的")
    page = seen(manager, shop)
    for query in ("state=open", "state=queued", "unanswered=on", f"state=open&amp;agent={holder}"):
        assert f"/s/{shop.slug}/records/?{query}" in page
    unanswered = manager.get(f"/s/{shop.slug}/records/?unanswered=on").content.decode()
    assert ">b2<" in unanswered and ">b3<" in unanswered
    assert ">b1<" not in unanswered


def test_one_group_alone(shop: Shop, manager: Client) -> None:
    page = seen(manager, shop, "?group=售前组")
    assert 'id="status-a3"' in page
    assert 'id="status-a1"' not in page
    assert 'id="status-a1"' in seen(manager, shop, "?group=gone")


def test_the_queries_grow_neither_with_the_people_nor_with_the_waiting(shop: Shop, manager: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            seen(manager, shop)
        return len(queries)

    unshipped(shop, "b1", "b2", "b3", "b4")
    asked()
    few = asked()
    for n in range(40):
        make_member(shop, "agent", name=f"x{n}")
        unshipped(shop, f"y{n}")
    assert asked() == few


def test_a_missing_rate_is_neither_red_nor_led_by_a_dot(shop: Shop, manager: Client) -> None:
    page = seen(manager, shop)
    strip = page[page.index("wall-strip") : page.index("columns-wall")]
    rate = strip[strip.rindex("<a ") :]
    assert "<b>—</b>" in rate
    assert '<span class="hint">达标线' in rate


def test_the_manager_changes_a_cap_where_the_wall_leads(shop: Shop, manager: Client) -> None:
    unshipped(shop, "b1", "b2", "b3")
    page = seen(manager, shop)
    assert "调整上限" in page
    people = f"/s/{shop.slug}/sub-accounts/"
    assert f'href="{people}"' in page
    assert f'hx-post="{people}a1/cap/"' in manager.get(people).content.decode()
    assert manager.post(f"{people}a1/cap/", {"max_concurrent": "2"}, headers=HTMX).status_code == 200
    assert holder_of(shop, "b3") == "a1"  # the one who waited comes at once


def test_a_manager_changes_the_cap_and_nothing_else_over_http(shop: Shop) -> None:
    client = Client()
    token = create_token(account=make_member(shop, "cs_manager", name="mg2").account)
    address, sent = f"/api/v1/shops/{shop.slug}/sub-accounts/a1/", {"Authorization": f"Token {token}"}
    for body, status in (
        ({"max_concurrent": 3}, 200),
        ({"max_concurrent": None}, 200),
        ({"max_concurrent": 3, "enabled": False}, 403),
        ({"roles": ["main"]}, 403),
        ({}, 403),
    ):
        answer = client.patch(address, body, content_type="application/json", headers=sent)
        assert answer.status_code == status, (body, answer.content)
    assert SubAccount.objects.get(shop=shop, name="a1").enabled
