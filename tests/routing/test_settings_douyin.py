"""Douyin's 分流排队: entries, questions, and whose they are (DY10)."""

import pytest
from django.urls import reverse

from agents.models import Shop
from agents.vocabulary import Role
from routing.selectors import current_document, current_version
from tests.agents.factories import make_member, make_shop
from tests.routing.page import SettingsPage, client_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Shop:
    made = make_shop("dy", "douyin")
    for name in ("a1", "a2"):
        make_member(made, name=name)
    return made


@pytest.fixture
def page(shop: Shop) -> SettingsPage:
    return SettingsPage(shop, make_member(shop, Role.MAIN), "queueing")


def test_an_entry_is_one_list_or_by_question(shop: Shop, page: SettingsPage) -> None:  # DY1
    page.pick("entries.live", "a1")
    assert page.document["entries"]["live"] == {"assign": "unified", "agents": ["a1"]}
    page.edit("assign|live|by_question")
    page.edit("question_add|live", new_question_live="尺码")
    page.pick("entries.live.0", "a2")
    page.publish()
    assert current_document(shop)["entries"] == {"live": {"assign": "by_question", "questions": {"尺码": ["a2"]}}}
    page.edit("question_delete|live|0")
    assert page.document["entries"]["live"]["questions"] == {}
    page.edit("assign|live|unified")
    assert page.document["entries"] == {}


@pytest.mark.parametrize("question", ["", "尺码", "长" * 201])
def test_a_bad_question_is_refused_at_its_entry(page: SettingsPage, question: str) -> None:
    page.edit("assign|live|by_question")
    page.edit("question_add|live", new_question_live="尺码")
    response = page.edit("question_add|live", new_question_live=question)
    assert page.draft(response).errors.keys() == {"entries.live"}
    assert list(page.document["entries"]["live"]["questions"]) == ["尺码"]


def test_sharing_and_lines_are_typed(shop: Shop, page: SettingsPage) -> None:
    page.publish(**{"allocation": "even_today", "queue.overflow": "1", "queue.notice": "还有 {count} 位"})
    found = current_document(shop)
    assert (found["allocation"], found["queue"]["overflow"]) == ("even_today", True)
    assert found["queue"]["notice"] == "还有 {count} 位"


def test_an_admin_sees_the_lines_and_may_not_change_them(shop: Shop) -> None:  # DY10
    admin = make_member(shop, Role.ADMIN)
    html = client_of(admin).get(reverse("routing_settings", args=["dy"])).content.decode()
    assert "只有主账号能改" in html
    assert "entries." not in html
    page = SettingsPage(shop, admin, "queueing")
    response = page.publish(allocation="even_today")
    assert response.status_code == 422
    assert "你的角色" in response.content.decode() or page.draft(response).errors["form"]
    assert current_version(shop).document["allocation"] == "least_saturated"


def test_an_admin_may_change_when_a_silent_agent_s_buyers_go_on(shop: Shop) -> None:
    page = SettingsPage(shop, make_member(shop, Role.ADMIN), "more")
    page.type(**{"silence.enabled": "1"})
    page.publish(**{"silence.after_seconds": "60", "silence.times": "1"})
    assert current_document(shop)["silence"] == {"enabled": True, "after_seconds": 60, "times": 1}


def test_an_admin_may_still_change_the_offline_list(shop: Shop) -> None:
    page = SettingsPage(shop, make_member(shop, Role.ADMIN), "offline")
    page.pick("offline", "a1")
    assert current_document(shop)["offline"]["agents"] == ["a1"]
