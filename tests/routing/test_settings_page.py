"""Routing settings: picking publishes, the draft is kept in the page, errors stand at their place, nothing is lost."""

import json
import re

import pytest
from django.urls import reverse

from agents.models import Shop, SubAccount
from agents.vocabulary import Role
from routing import services
from routing.models import RoutingVersion
from routing.selectors import current_document, current_version
from tests.agents.factories import actor_of, make_member, make_shop
from tests.routing.page import SettingsPage, client_of

pytestmark = pytest.mark.django_db(transaction=True)

GROUPS = [
    {"name": "售前组", "members": [{"account": "a1", "weight": 300}, {"account": "a2"}], "order_statuses": ["none"]},
    {"name": "售后组", "members": [{"account": "a3"}], "order_statuses": ["after_sale"]},
]


@pytest.fixture
def shop() -> Shop:
    made = make_shop("pdd")
    for name in ("a1", "a2", "a3", "a4"):
        make_member(made, name=name)
    return made


@pytest.fixture
def main(shop: Shop) -> SubAccount:
    return make_member(shop, Role.MAIN, name="主账号")


@pytest.fixture
def page(shop: Shop, main: SubAccount) -> SettingsPage:
    services.publish(shop=shop, document={"groups": GROUPS}, actor=actor_of(main))
    return SettingsPage(shop, main)


def test_confirming_the_dialog_of_a_page_publishes_a_version(shop: Shop, page: SettingsPage) -> None:  # PDD10
    response = page.pick("pages.goods_detail", "a1", "a2")
    assert response.status_code == 200
    assert current_document(shop)["pages"] == {"goods_detail": ["a1", "a2"]}
    assert current_version(shop).number == 3
    events = json.loads(response.headers["HX-Trigger"])
    assert events["dialogClose"] is True
    assert "版本 3" in events["toast"]["text"]


def test_picking_the_same_again_publishes_nothing(shop: Shop, page: SettingsPage) -> None:
    page.pick("pages.goods_detail", "a1")
    page.pick("pages.goods_detail", "a1")
    assert current_version(shop).number == 3


def test_with_something_unpublished_the_pick_goes_with_it(shop: Shop, page: SettingsPage) -> None:
    page.type(mode="advanced")
    response = page.pick("offline", "a4")
    assert current_version(shop).number == 2
    assert page.draft(response).sentences == ["改用高级分流", "离线名单：+ a4"]
    page.publish()
    assert current_document(shop)["mode"] == "advanced"
    assert current_document(shop)["offline"]["agents"] == ["a4"]


@pytest.mark.parametrize(
    ("tab", "target", "key"), [("offline", "offline", "offline"), ("never", "never_route", "never_route")]
)
def test_the_two_lists_are_picked_the_same_way(shop: Shop, page: SettingsPage, tab: str, target: str, key: str) -> None:
    page.tab = tab
    page.pick(target, "a3", "a1")
    found = current_document(shop)[key]
    assert (found["agents"] if key == "offline" else found) == ["a3", "a1"]


def test_on_the_advanced_tab_nothing_is_published_before_it_is_said(shop: Shop, page: SettingsPage) -> None:
    page.tab = "advanced"
    response = page.pick("groups.0", "a1", "a2", "a4")
    assert current_version(shop).number == 2
    assert "+ a4（权重 100）" in response.content.decode()
    assert "发布为版本 3" in response.content.decode()


def test_putting_somebody_in_another_group_moves_them(page: SettingsPage) -> None:  # PDD9
    page.tab = "advanced"
    page.pick("groups.1", "a3", "a1")
    names = [[member["account"] for member in group["members"]] for group in page.document["groups"]]
    assert names == [["a2"], ["a3", "a1"]]


def test_a_group_with_members_is_not_deleted_and_says_why(page: SettingsPage) -> None:  # PDD9
    page.tab = "advanced"
    response = page.edit("group_delete|0")
    assert len(page.document["groups"]) == 2
    assert "组里还有客服，不能删除" in response.content.decode()
    page.pick("groups.0")
    page.edit("group_delete|0")
    assert [group["name"] for group in page.document["groups"]] == ["售后组"]


def test_groups_are_added_by_name(page: SettingsPage) -> None:
    page.tab = "advanced"
    page.edit("group_add", new_group=" 晚班组 ")
    assert page.document["groups"][-1] == {"name": "晚班组", "members": [], "order_statuses": []}


@pytest.mark.parametrize(
    ("name", "words"), [("", "不能为空"), ("售前组", "已有叫“售前组”的组"), ("长" * 51, "最多 50 个字")]
)
def test_a_bad_name_for_a_new_group_is_refused_at_its_field(page: SettingsPage, name: str, words: str) -> None:
    page.tab = "advanced"
    response = page.edit("group_add", new_group=name)
    assert page.draft(response).errors.keys() == {"new_group"}
    assert words in response.content.decode()
    assert len(page.document["groups"]) == 2


def test_a_status_bound_elsewhere_moves(page: SettingsPage) -> None:  # KS11
    page.edit("bind|1|none")
    assert [group["order_statuses"] for group in page.document["groups"]] == [[], ["none", "after_sale"]]
    page.edit("unbind|1|after_sale")
    assert page.document["groups"][1]["order_statuses"] == ["none"]


BAD = [
    ({"groups[0].members[0].weight": "abc"}, "groups[0].members[0].weight", "请填整数"),
    ({"groups[0].members[0].weight": "-1"}, "groups[0].members[0].weight", "请填 0 到 1000000"),
    ({"groups[0].members[0].weight": "0", "groups[0].members[1].weight": "0"}, "groups[0].members", "权重不能全是 0"),
    ({"groups[0].name": ""}, "groups[0].name", "不能为空"),
    ({"groups[0].name": "售后组"}, "groups[1].name", "已有叫“售后组”的组"),
    ({"recent_contact.within_hours": "-3"}, "recent_contact.within_hours", "大于 0"),
    ({"silence.after_seconds": "9"}, "silence.after_seconds", "请填 10 到 86400"),
    ({"silence.times": "两次"}, "silence.times", "整数"),
    ({"auto_close_minutes": "x"}, "auto_close_minutes", "大于 0"),
    ({"queue.show_count_below": "1.5"}, "queue.show_count_below", "整数"),
    ({"queue.notice": "长" * 501}, "queue.notice", "最多 500 个字"),
    ({"mode": "grouped"}, "mode", "不在可选范围内"),
]


@pytest.mark.parametrize(("typed", "place", "words"), BAD, ids=[place for _typed, place, _words in BAD])
def test_what_does_not_pass_stays_typed_with_its_error_and_is_not_published(
    shop: Shop, page: SettingsPage, typed: dict[str, str], place: str, words: str
) -> None:
    before = page.document
    response = page.publish(**typed)
    assert response.status_code == 422
    draft = page.draft(response)
    assert words in draft.errors[place]
    assert draft.typed.items() >= typed.items()
    assert draft.document == before
    assert current_version(shop).number == 2


def test_a_bad_weight_is_shown_where_it_was_typed(page: SettingsPage) -> None:
    page.tab = "advanced"
    html = page.type(**{"groups[0].members[0].weight": "abc"}).content.decode()
    assert 'value="abc"' in html
    assert "请填整数。" in html
    assert "disabled" in html.split("发布为版本")[0].rsplit("<button", 1)[1]


def test_what_passes_beside_an_error_is_kept(page: SettingsPage) -> None:
    page.type(**{"groups[0].members[0].weight": "abc", "groups[0].members[1].weight": "250"})
    assert page.document["groups"][0]["members"][1]["weight"] == 250


def test_weights_and_single_values_are_published(shop: Shop, page: SettingsPage) -> None:
    page.publish(**{"groups[0].members[0].weight": "500", "auto_close_minutes": "30", "recent_contact.enabled": "0"})
    found = current_document(shop)
    assert found["groups"][0]["members"][0]["weight"] == 500
    assert found["auto_close_minutes"] == 30
    assert found["recent_contact"]["enabled"] is False


def test_an_overtaken_draft_comes_back_whole_and_says_by_whom(shop: Shop, page: SettingsPage) -> None:
    other = make_member(shop, Role.ADMIN, name="管理员")
    page.type(mode="advanced")
    SettingsPage(shop, other).pick("pages.shop_home", "a4")
    response = page.publish(**{"groups[0].members[0].weight": "500"})
    assert response.status_code == 422
    html = response.content.decode()
    assert "版本 3 刚由 管理员" in html
    assert "店铺首页：+ a4" in html
    assert page.draft(response).sentences == ["改用高级分流", "售前组：a1 权重 300 → 500"]
    assert page.publish().status_code == 200
    found = current_document(shop)
    assert (found["mode"], found["pages"]) == ("advanced", {"shop_home": ["a4"]})
    assert found["groups"][0]["members"][0]["weight"] == 500


def test_two_who_change_the_same_list_keep_what_both_did(shop: Shop, page: SettingsPage) -> None:
    page.pick("offline", "a1")
    late = SettingsPage(shop, make_member(shop, Role.ADMIN), "more")
    page.pick("offline", "a1", "a2")
    late.pick("offline", "a1", "a3")
    late.publish()
    assert current_document(shop)["offline"]["agents"] == ["a1", "a2", "a3"]


def test_moves_that_do_not_go_together_keep_mine(shop: Shop, page: SettingsPage) -> None:
    """Both put a4 in a group, each in another: one group is the most (PDD9)."""
    page.tab = "advanced"
    page.pick("groups.0", "a1", "a2", "a4")
    other = SettingsPage(shop, make_member(shop, Role.ADMIN), "advanced")
    other.pick("groups.1", "a3", "a4")
    other.publish()
    page.publish()
    page.publish()
    names = [[member["account"] for member in group["members"]] for group in current_document(shop)["groups"]]
    assert names == [["a1", "a2", "a4"], ["a3"]]


@pytest.mark.parametrize(
    "fields",
    [
        {"document": "{"},
        {"document": "[]"},
        {"document": '{"pages": {"nowhere": []}}'},
        {"document": '{"offline": {"agents": ["a9"]}}'},
        {"version": "x"},
        {"version": "99"},
    ],
    ids=str,
)
def test_what_no_page_of_ours_sends_is_refused_and_changes_nothing(
    shop: Shop, page: SettingsPage, fields: dict
) -> None:
    response = page.post("routing_publish", **fields)
    assert response.status_code == 400
    assert response.headers["X-Message"]
    assert current_version(shop).number == 2


@pytest.mark.parametrize(
    "op", ["nothing", "bind|9|none", "bind|0|nowhere", "group_delete|x", "bind|0", "question_add|live"]
)
def test_an_unknown_button_changes_nothing(page: SettingsPage, op: str) -> None:
    before = page.document
    response = page.edit(op)
    assert page.draft(response).errors == {"op": "没有这项设置。"}
    assert page.document == before


@pytest.mark.parametrize("target", ["pages.nowhere", "groups.9", "entries.live", "", "x"])
def test_the_dialog_of_an_unknown_place_is_refused(page: SettingsPage, target: str) -> None:
    assert page.post("routing_picker", target=target).status_code == 400


def test_the_dialog_shows_never_route_accounts_disabled_with_the_reason(shop: Shop, page: SettingsPage) -> None:
    page.tab = "never"
    page.pick("never_route", "a4")
    html = page.post("routing_picker", target="pages.goods_detail").content.decode()
    row = html.split('value="a4"')[1].split("</label>")[0]
    assert "disabled" in row
    assert "在不分流账号里" in row
    assert 'value="主账号"' not in html


def test_the_offline_list_may_name_who_is_no_agent(page: SettingsPage) -> None:  # G4
    assert 'value="主账号"' in page.post("routing_picker", target="offline").content.decode()


def test_who_may_only_look_finds_no_buttons_and_may_try(shop: Shop, page: SettingsPage) -> None:
    manager = make_member(shop, Role.CS_MANAGER)
    html = client_of(manager).get(reverse("routing_settings", args=["pdd"])).content.decode()
    assert "routing/picker/" not in html
    assert "只有主账号和管理员能改" in html
    look = SettingsPage(shop, manager)
    assert look.post("routing_try").status_code == 200
    assert look.post("routing_publish").status_code == 403


def test_unset_pages_and_unbound_statuses_say_what_happens_instead(shop: Shop, page: SettingsPage) -> None:
    url = reverse("routing_settings", args=["pdd"])
    html = page.client.get(f"{url}?tab=basic").content.decode()
    assert html.count("从这页来的买家，会随机分给全店任一空闲客服") == 5
    html = page.client.get(f"{url}?tab=advanced").content.decode()
    assert html.count("没有绑定任何组") == 4


def test_the_versions_tell_who_when_and_what_and_are_restored(shop: Shop, page: SettingsPage) -> None:
    page.pick("pages.goods_detail", "a1")
    html = page.client.get(reverse("routing_versions", args=["pdd"])).content.decode()
    assert "商品详情页：+ a1" in html
    assert "主账号" in html
    response = page.client.post(reverse("routing_restore", args=["pdd", 2]))
    assert response.status_code == 302
    assert current_document(shop)["pages"] == {}
    assert RoutingVersion.objects.get(shop=shop, number=4).restored_from == 2
    assert "恢复自版本 2" in page.client.get(reverse("routing_versions", args=["pdd"])).content.decode()


def test_any_two_versions_are_compared_in_words_in_either_order(shop: Shop, page: SettingsPage) -> None:
    page.pick("pages.goods_detail", "a1", "a2")
    page.pick("pages.goods_detail", "a2")
    page.pick("offline", "a3")

    def compared(old: object, new: object) -> str:
        return page.client.get(reverse("routing_versions", args=["pdd"]), {"old": old, "new": new}).content.decode()

    forth = compared(3, 5)
    assert "<div>商品详情页：− a1</div>" in forth
    assert "<div>离线名单：+ a3</div>" in forth
    assert "<div>商品详情页：+ a1</div>" in compared(5, 3)
    assert "设置相同" in compared(4, 4)
    assert "没有版本 77" in compared(77, 3)
    assert "compare-found" not in compared("x", 3)


def test_a_page_is_hidden_and_shown_again_and_the_draft_stays(shop: Shop, page: SettingsPage) -> None:
    def press(code: str, hidden: str):
        data = {"document": json.dumps(page.document), "version": page.started, "tab": "basic"}
        return page.client.post(reverse("routing_hide", args=["pdd"]), data | {"page": code, "hidden": hidden})

    page.type(mode="advanced")
    response = press("logistics", "1")
    board = response.context["board"]
    assert [place.code for place in board.hidden] == ["logistics"]
    assert "logistics" not in [place.code for place in board.pages]
    assert board.draft.document["mode"] == "advanced"
    assert current_version(shop).number == 2
    assert "物流投诉页" in press("logistics", "1").content.decode()
    assert press("logistics", "0").context["board"].hidden == []


def test_a_page_with_agents_is_not_hidden_and_one_that_gets_some_is_shown(shop: Shop, page: SettingsPage) -> None:
    url = reverse("routing_hide", args=["pdd"])
    form = {"document": json.dumps(page.document), "version": page.started, "hidden": "1", "page": "goods_detail"}
    assert page.client.post(url, form).status_code == 200
    services.publish(shop=shop, document={"pages": {"goods_detail": ["a1"]}})
    board = page.client.get(reverse("routing_settings", args=["pdd"]), {"tab": "basic"}).context["board"]
    assert "goods_detail" in [place.code for place in board.pages]
    assert page.client.post(url, form).status_code == 400
    assert page.client.post(url, form | {"page": "nowhere"}).status_code == 400


def test_what_people_type_is_text_in_the_lines_of_groups_too(shop: Shop, page: SettingsPage) -> None:
    nasty = "<b title='x'>\"&"
    services.change_sub_account(shop=shop, agent="a1", display_name=nasty)
    page.tab = "advanced"
    page.type(**{"groups[0].name": nasty})
    text = page.type(**{"groups[0].members[0].weight": nasty, "mode": "advanced"}).content.decode()
    shown = "&lt;b title=&#x27;x&#x27;&gt;&quot;&amp;"
    assert nasty not in text and "<b title" not in text
    assert f'member-name" title="a1">{shown}</span>' in text
    assert f'name="f:groups[0].members[0].weight" value="{shown}" data-weight aria-invalid="true"' in text
    assert f'<span class="hint push">{shown}</span></button>' in text


def test_a_version_that_is_not_there_is_not_found(page: SettingsPage) -> None:
    assert page.client.post(reverse("routing_restore", args=["pdd", 77])).status_code == 404


@pytest.mark.parametrize("platform", ["kuaishou", "douyin", "taobao"])
def test_the_other_platforms_have_their_tabs_too(platform: str) -> None:
    shop = make_shop("other", platform)
    main = make_member(shop, Role.MAIN)
    response = client_of(main).get(reverse("routing_settings", args=["other"]))
    assert response.status_code == 200
    for tab in response.context["board"].tabs:
        assert client_of(main).get(tab.href).status_code == 200


@pytest.mark.parametrize(("platform", "mode"), [("pinduoduo", "advanced"), ("kuaishou", "grouped")])
def test_the_picture_of_the_groups_tab_is_that_of_groups_also_while_they_are_off(platform: str, mode: str) -> None:
    shop = make_shop(platform=platform)
    member = make_member(shop, "main", "agent")
    group = {"name": "售前组", "members": [{"account": member.name}], "order_statuses": ["none"]}
    for given in ("basic", mode):
        services.publish(shop=shop, document={"mode": given, "groups": [group]})
        page = (
            client_of(member).get(reverse("routing_settings", args=[shop.slug]), {"tab": "advanced"}).content.decode()
        )
        boxes = re.findall(r'<span class="path-n">\d</span>([^<]+)</b>', page)
        assert boxes == ["最近联系", "订单状态组", "任一空闲", "离线名单"]
