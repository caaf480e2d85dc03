"""Quick answers: one's own and the shop's, who may change which, and the dialog that keeps them."""

import pytest
from django.test import Client

from agents.errors import Forbidden, Refused
from agents.models import AuditEntry, Shop, SubAccount
from conversations.models import QuickAnswer
from conversations.services.quick_answers import MOST, quick_answers, remove_quick_answer, save_quick_answer
from tests.agents.factories import actor_of, make_member, make_shop
from tests.routing.factories import make_quick_answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def agent(shop: Shop) -> SubAccount:
    return make_member(shop, "agent", name="a1")


def save(member: SubAccount, title: str, text: str = "您好", *, for_shop: bool = False, pk: int | None = None) -> int:
    actor = actor_of(member)
    return save_quick_answer(actor=actor, title=title, text=text, for_shop=for_shop, pk=pk).pk


def titles(shop: Shop, me: SubAccount) -> list[str]:
    return [row.title for row in quick_answers(shop, me)]


def test_ones_own_come_before_the_shops_and_a_colleagues_are_not_seen(shop: Shop, agent: SubAccount) -> None:
    main, colleague = make_member(shop, "main"), make_member(shop, "agent")
    save(main, "店规", for_shop=True)
    save(agent, "我的")
    save(colleague, "别人的")
    assert titles(shop, agent) == ["我的", "店规"]
    assert titles(shop, colleague) == ["别人的", "店规"]


def test_a_short_name_is_once_a_person_and_once_a_shop(shop: Shop, agent: SubAccount) -> None:
    main = make_member(shop, "main")
    save(agent, "发货")
    save(main, "发货", for_shop=True)
    for member, for_shop in ((agent, False), (main, True)):
        with pytest.raises(Refused) as refused:
            save(member, "发货", for_shop=for_shop)
        assert (refused.value.code, refused.value.field) == ("title_taken", "title")
    assert QuickAnswer.objects.count() == 2


def test_the_shops_are_changed_by_leaders_alone_and_recorded(shop: Shop, agent: SubAccount) -> None:
    manager = make_member(shop, "cs_manager")
    with pytest.raises(Forbidden):
        save(agent, "全店", for_shop=True)
    pk = save(manager, "全店", "一", for_shop=True)
    with pytest.raises(Forbidden):
        save(agent, "全店", "二", pk=pk)
    with pytest.raises(Forbidden):
        remove_quick_answer(actor=actor_of(agent), pk=pk)
    save(manager, "全店", "二", pk=pk)
    remove_quick_answer(actor=actor_of(manager), pk=pk)
    changes = AuditEntry.objects.filter(shop=shop, action="answers_changed").order_by("pk")
    assert [(entry.before, entry.after) for entry in changes] == [
        ({"text": None}, {"text": "一"}),
        ({"text": "一"}, {"text": "二"}),
        ({"text": "二"}, {"text": ""}),
    ]


def test_ones_own_are_nobody_elses_and_not_in_the_audit_log(shop: Shop, agent: SubAccount) -> None:
    pk = save(agent, "我的")
    with pytest.raises(Forbidden):
        save(make_member(shop, "main"), "我的", pk=pk)
    save(agent, "我的", "改了", pk=pk)
    remove_quick_answer(actor=actor_of(agent), pk=pk)
    assert not AuditEntry.objects.filter(action="answers_changed").exists()


def test_there_is_an_end_to_them(shop: Shop, agent: SubAccount) -> None:
    QuickAnswer.objects.bulk_create(QuickAnswer(shop=shop, owner=agent, title=str(n), text="…") for n in range(MOST))
    with pytest.raises(Refused) as refused:
        save(agent, "再来")
    assert refused.value.code == "too_many"


def test_the_dialog_saves_changes_removes_and_keeps_what_was_typed(shop: Shop, agent: SubAccount) -> None:
    client = Client()
    assert agent.account is not None
    client.force_login(agent.account)
    url = f"/s/{shop.slug}/quick-answers/"
    made = client.post(url, {"title": "发货", "text": "今天发"})
    assert (made.status_code, made.headers["HX-Trigger"]) == (200, '{"quickAnswers": {}}')
    again = client.post(url, {"title": "发货", "text": "明天发"})
    assert again.status_code == 422
    page = again.content.decode()
    assert "已经有同名的快捷回复" in page
    assert "明天发" in page
    row = QuickAnswer.objects.get()
    assert "今天发" in client.get(f"{url}?pk={row.pk}").content.decode()
    client.post(url, {"pk": row.pk, "title": "发货", "text": "后天发"})
    assert "后天发" in client.get(f"{url}bar/").content.decode()
    client.post(f"{url}{row.pk}/remove/")
    assert not QuickAnswer.objects.exists()
    assert client.post(f"{url}{row.pk}/remove/").status_code == 404


def test_an_agent_is_not_offered_the_shops_to_change(shop: Shop, agent: SubAccount) -> None:
    row = make_quick_answer(shop)
    client = Client()
    assert agent.account is not None
    client.force_login(agent.account)
    page = client.get(f"/s/{shop.slug}/quick-answers/").content.decode()
    assert row.title in page
    assert f"/{row.pk}/remove/" not in page
    assert client.post(f"/s/{shop.slug}/quick-answers/{row.pk}/remove/").status_code == 422
    assert QuickAnswer.objects.exists()
