"""The settings screen of automatic answers: what it says, what it saves, what comes back when it cannot."""

import json
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import AuditEntry, Shop, SubAccount
from agents.vocabulary import Role
from conversations.answering import How, Part, When
from conversations.forms.answers import UNKNOWN as USUAL_UNKNOWN
from conversations.models import AnswerPart
from conversations.robots import Question, Reply
from conversations.selectors import answers_of
from metrics.models import DefinitionOverride
from tests.agents.factories import make_account, make_member, make_shop
from tests.conversations.answers import GREETING, HOT, RULES, UNKNOWN, items, save, set_greeting, set_hot, set_robot
from tests.routing.page import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return make_shop("pdd")


@pytest.fixture
def client(shop: Shop) -> Client:
    return client_of(make_member(shop, Role.MAIN, name="小满-主账号"))


def page(client: Client, tab: str = "", shop: str = "pdd") -> str:
    response = client.get(reverse("answers", args=[shop]), {"tab": tab} if tab else {})
    assert response.status_code == 200
    return response.content.decode()


def post(client: Client, part: Part, **data: Any) -> HttpResponse:
    return client.post(reverse("answers_save", args=["pdd"]), {"part": part.value, "token": "", "on": "1"} | data)


def lines(*pairs: tuple[str, str], **more: str) -> dict[str, Any]:
    """What the browser posts for new lines n0, n1, …"""
    fields: dict[str, Any] = {"row": [f"n{n}" for n in range(len(pairs))]}
    for n, (ask, answer) in enumerate(pairs):
        fields |= {f"n{n}-ask": ask, f"n{n}-answer": answer} | {f"n{n}-{name}": to for name, to in more.items()}
    return fields


# -- what it says ---------------------------------------------------------------------------------------------------


def test_one_sentence_says_what_is_on(shop: Shop, client: Client) -> None:
    assert "自动回复都没启用：买家说什么都要等客服回。" in page(client)
    set_greeting(shop)
    set_hot(shop)
    set_robot(shop, When.UNSTAFFED)
    html = page(client)
    assert "已启用：开场白、热门问题 2 条、机器人 2 条（只在没人值班时）；未启用：自助菜单。" in html
    save(shop, Part.MENU, items=items(HOT))
    assert "四项都启用了：" in page(client)


@pytest.mark.parametrize(
    ("part", "label"), [(Part.GREETING, "开场白"), (Part.MENU, "自助菜单"), (Part.ROBOT, "机器人")]
)
def test_each_has_its_tab(client: Client, part: Part, label: str) -> None:
    html = page(client, part)
    assert f"启用{label}" in html
    assert "买家看到的" in html


def test_an_unknown_tab_is_the_first_one(client: Client) -> None:
    assert "启用开场白" in page(client, "nonsense")


def test_what_goes_out_by_itself_never_counts(client: Client) -> None:  # M13
    for part in (Part.GREETING, Part.HOT_QUESTIONS, Part.MENU):
        assert "不计回复率" in page(client, part)


def test_on_pinduoduo_the_robot_counts_and_that_sources_differ_is_said(shop: Shop, client: Client) -> None:
    html = page(client, Part.ROBOT)
    assert "计入5分钟回复率、15分钟回复率、1小时回复率" in html
    assert "两份公开资料说法不一" in html
    for key in ("reply_5m", "reply_15m", "reply_60m"):
        DefinitionOverride.objects.create(shop=shop, metric=key, valid_from="2020-01-01", counts_robot=False)
    html = page(client, Part.ROBOT)
    assert "不计回复率：本店只算人工回复" in html
    assert "两份公开资料说法不一" in html


@pytest.mark.parametrize("platform", ["kuaishou", "douyin", "taobao"])
def test_elsewhere_the_robot_does_not_count(platform: str) -> None:
    other = make_shop("other", platform)
    html = page(client_of(make_member(other, Role.MAIN)), Part.ROBOT, "other")
    assert "不计回复率：这个平台只算人工回复" in html
    assert "说法不一" not in html


def test_who_may_only_look_has_nothing_to_press(shop: Shop) -> None:
    set_hot(shop)
    html = page(client_of(make_member(shop, Role.AGENT)), Part.HOT_QUESTIONS)
    assert HOT[0][0] in html
    assert "<fieldset" in html
    assert 'answers-fields" disabled' in html
    assert "data-save-bar" not in html
    assert "data-item-add" not in html


def test_the_number_of_queries_does_not_grow_with_the_lines(shop: Shop, client: Client) -> None:
    set_robot(shop)
    page(client, Part.ROBOT)
    with CaptureQueriesContext(connection) as few:
        page(client, Part.ROBOT)
    set_robot(shop, items=items([(f"词{n}", "答") for n in range(100)]))
    with CaptureQueriesContext(connection) as many:
        page(client, Part.ROBOT)
    assert len(many) == len(few) <= 12


def test_another_robot_is_named(client: Client, settings) -> None:
    assert "已接入外部机器人" not in page(client, Part.ROBOT)
    settings.ROBOT = f"{__name__}.Parrot"
    assert "已接入外部机器人（" in page(client, Part.ROBOT)


# -- saving ---------------------------------------------------------------------------------------------------------


def test_a_greeting_is_saved_and_said(shop: Shop, client: Client) -> None:
    response = post(client, Part.GREETING, text=f"  {GREETING}\r\n第二行 ")
    assert response.status_code == 200
    assert json.loads(response.headers["HX-Trigger"])["toast"]["text"] == "开场白已保存，从下一条消息起生效。"
    assert answers_of(shop)[Part.GREETING].text == f"{GREETING}\n第二行"
    row = AnswerPart.objects.get(shop=shop)
    assert row.saved_by.account == "小满-主账号"
    assert f'value="{row.token}"' in response.content.decode()
    assert AuditEntry.objects.get(shop=shop).by_name == "小满-主账号"


def test_lines_are_saved_in_the_order_in_which_they_stand_and_empty_ones_are_none(shop: Shop, client: Client) -> None:
    set_hot(shop)
    first, second = answers_of(shop)[Part.HOT_QUESTIONS].items
    token = AnswerPart.objects.get().token
    fields = lines(("新的", "答"), ("", " "), token=token)
    fields["row"] = [f"p{second.pk}", "n1", "n0", f"p{first.pk}"]
    for item in (first, second):
        fields |= {f"p{item.pk}-pk": item.pk, f"p{item.pk}-ask": item.ask, f"p{item.pk}-answer": item.answer}
    assert post(client, Part.HOT_QUESTIONS, **fields | {"token": token}).status_code == 200
    saved = answers_of(shop)[Part.HOT_QUESTIONS].items
    assert [item.ask for item in saved] == [second.ask, "新的", first.ask]
    assert (saved[0].pk, saved[2].pk) == (second.pk, first.pk)


def test_the_robot_is_saved_whole(shop: Shop, client: Client) -> None:
    assert USUAL_UNKNOWN in page(client, Part.ROBOT)
    fields = lines(*RULES, how="pattern") | {"n0-on": "1", "misses": "3", "when": "always"}
    assert post(client, Part.ROBOT, text=UNKNOWN, human_words="真人", **fields).status_code == 200
    robot = answers_of(shop)[Part.ROBOT]
    assert (robot.misses, robot.when, robot.human_words) == (3, When.ALWAYS, "真人")
    assert [(rule.how, rule.on) for rule in robot.items] == [(How.PATTERN, True), (How.PATTERN, False)]


WRONG: list[tuple[Part, dict[str, Any], str]] = [
    (Part.GREETING, {"text": " "}, "写好开场白再启用。"),
    (Part.HOT_QUESTIONS, {}, "先添加问题再启用。"),
    (Part.HOT_QUESTIONS, lines(("问", "")), "必填"),
    (Part.MENU, lines(("查", "1"), ("查", "2")), "和第 1 条重复。"),
    (Part.ROBOT, lines(("(", "答"), how="pattern") | {"text": "x", "human_words": "人工"}, "这个正则用不了"),
    (Part.ROBOT, lines(*RULES) | {"text": "x", "human_words": "人工", "misses": "many"}, "请填 1 到 10 的整数。"),
    (Part.ROBOT, lines(*RULES) | {"text": "x", "human_words": ""}, "要让买家能找到人工"),
]


@pytest.mark.parametrize(("part", "data", "words"), WRONG)
def test_what_is_wrong_is_said_at_its_place_with_all_that_was_typed(
    shop: Shop, client: Client, part: Part, data: dict[str, Any], words: str
) -> None:
    response = post(client, part, **data)
    html = response.content.decode()
    assert response.status_code == 422
    assert words in html
    assert "没有保存" in html
    for value in [value for name, value in data.items() if name.endswith(("-ask", "-answer")) and value]:
        assert value in html
    if "misses" in data:
        assert 'value="many"' in html
    assert not AnswerPart.objects.exists()


def test_who_was_overtaken_is_told_by_whom_and_loses_nothing(shop: Shop, client: Client) -> None:
    save(shop, Part.GREETING, text="旧的")
    seen = AnswerPart.objects.get().token
    theirs = make_account("小满-主管")
    AnswerPart.objects.update(saved_by=theirs, token="another", text="他们的")
    response = post(client, Part.GREETING, text="我的", token=seen)
    html = response.content.decode()
    assert response.status_code == 422
    assert "小满-主管" in html
    assert "我的</textarea>" in html
    assert "他们的" in html
    assert "用我的覆盖" in html
    assert answers_of(shop)[Part.GREETING].text == "他们的"
    assert post(client, Part.GREETING, text="我的", token="another").status_code == 200
    assert answers_of(shop)[Part.GREETING].text == "我的"


@pytest.mark.parametrize("role", [Role.AGENT, Role.OPERATIONS, Role.LOGISTICS_AGENT])
def test_who_may_only_look_saves_nothing(shop: Shop, role: Role) -> None:
    member: SubAccount = make_member(shop, role)
    assert post(client_of(member), Part.GREETING, text="x").status_code == 403
    assert not AnswerPart.objects.exists()


def test_what_no_page_of_ours_sends_changes_nothing(shop: Shop, client: Client) -> None:
    assert client.post(reverse("answers_save", args=["pdd"]), {"part": "king"}).status_code == 409
    odd = {"row": ["../x", "n" * 30, "n0", "n0"], "n0-ask": "问", "n0-answer": "答", "n0-pk": "９" * 30}
    assert post(client, Part.MENU, **odd).status_code == 422  # twice the same line
    odd["row"] = ["../x", "n0"]
    assert post(client, Part.MENU, **odd).status_code == 200
    assert len(answers_of(shop)[Part.MENU].items) == 1


# -- trying the robot -----------------------------------------------------------------------------------------------


class Parrot:
    def answer(self, question: Question) -> Reply | None:
        if question.text == "破":
            raise RuntimeError("secret of the installation")
        return Reply(f"{question.text}！", hand_over=True, matched="鹦鹉")


def tried(client: Client, say: str, **data: Any) -> str:
    fields = lines(*RULES) | {"n0-on": "1", "n1-on": "1", "text": UNKNOWN, "human_words": "人工", "misses": "2"} | data
    response = client.post(reverse("answers_try", args=["pdd"]), fields | {"say": say})
    assert response.status_code in (200, 204)
    return response.content.decode()


def test_a_sentence_is_tried_with_the_rules_as_they_stand_in_the_form(shop: Shop, client: Client) -> None:
    assert RULES[1][1] in tried(client, "怎么退款")
    assert f"匹配规则 2：{RULES[1][0]}" in tried(client, "怎么退款")
    assert UNKNOWN in tried(client, "怎么退款", **{"n1-on": ""})
    assert "没有规则匹配；连续 2 次答不上就转人工" in tried(client, "天气")
    assert "买家要人工" in tried(client, "我要人工")
    assert tried(client, "  ") == ""
    assert not AnswerPart.objects.exists()


def test_who_may_only_look_tries_the_rules_in_force(shop: Shop) -> None:
    set_robot(shop)
    html = tried(client_of(make_member(shop, Role.AGENT)), "怎么退款", **{"n1-answer": "自己写的"})
    assert RULES[1][1] in html
    assert "自己写的" not in html


def test_what_is_tried_is_shown_and_never_run(client: Client) -> None:
    assert "<script>" not in tried(client, "<script>alert(1)</script>")


def test_a_robot_plugged_in_is_tried_too_and_its_failure_keeps_its_secrets(client: Client, settings) -> None:
    settings.ROBOT = f"{__name__}.Parrot"
    html = tried(client, "你好")
    assert "你好！" in html
    assert "鹦鹉" in html
    assert "并转人工" in html
    html = tried(client, "破")
    assert "机器人出错或太慢：转人工" in html
    assert "secret" not in html
