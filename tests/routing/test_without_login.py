"""A sub-account without a login: imported history has left it, and nobody could answer there (CONTRACT 4)."""

import importlib

import pytest
from django.apps import apps
from django.test import Client

from agents.errors import Conflict, Refused
from agents.models import PresenceLease, PresenceLog, Shop, SubAccount
from agents.services import set_status
from agents.vocabulary import Role, Status
from conversations.models import Conversation
from conversations.states import Sender
from routing import services
from routing.models import Decision
from routing.roster import people_of
from routing.services.counters import compare_counters
from tests.agents.factories import make_member, make_shop
from tests.routing.test_api import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    made = make_shop("pdd")
    SubAccount.objects.create(shop=made, name="imported", roles=[Role.AGENT])
    return made


@pytest.fixture
def boss(shop: Shop) -> Caller:
    return Caller(shop, member=make_member(shop, Role.MAIN, name="boss"))


def imported(shop: Shop) -> SubAccount:
    return SubAccount.objects.get(shop=shop, name="imported")


def opens(shop: Shop, name: str = "c1") -> Conversation:
    return services.open_conversation(shop=shop, buyer=f"b-{name}", external_id=name, entry="goods_detail").conversation


@pytest.mark.parametrize("status", [Status.ONLINE, Status.BREAK])
def test_the_api_refuses_every_status_but_offline(shop: Shop, boss: Caller, status: str) -> None:
    code, told = boss("PUT", "sub-accounts/imported/presence/", {"status": status})
    assert (code, told["code"]) == (409, "no_login")
    assert "status" in told["fields"]
    assert boss("PUT", "sub-accounts/imported/presence/", {"status": "offline"})[0] == 200
    assert imported(shop).status == Status.OFFLINE
    assert not PresenceLog.objects.filter(sub_account__name="imported").exists()


def test_the_wall_refuses_it_and_says_why(shop: Shop) -> None:
    client = Client()
    member = make_member(shop, Role.MAIN, name="boss")
    assert member.account is not None
    client.force_login(member.account)
    answer = client.post(f"/s/{shop.slug}/wall/imported/status/", {"status": "online"}, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert imported(shop).status == Status.OFFLINE


def test_the_service_under_all_of_them_refuses_it(shop: Shop) -> None:
    with pytest.raises(Conflict):
        set_status(sub_account=imported(shop), status="online", by=None)
    with pytest.raises(Refused) as refused:
        services.set_presence(shop=shop, agent="imported", status="online")
    assert (refused.value.code, refused.value.status) == ("no_login", 409)


def test_even_if_the_row_says_online_it_receives_nothing_and_waiting_ones_wait_on(shop: Shop) -> None:
    SubAccount.objects.filter(shop=shop).update(status=Status.ONLINE)
    row = opens(shop)
    assert (row.state, row.holder) == ("queued", None)
    services.change_sub_account(shop=shop, agent="imported", enabled=True, max_concurrent=5)
    services.change_sub_account(shop=shop, agent="imported", roles=[Role.AGENT, Role.LOGISTICS_AGENT])
    make_member(shop, Role.AGENT, name="a1")
    services.set_presence(shop=shop, agent="a1", status="online")
    assert Conversation.objects.get(pk=row.pk).holder == SubAccount.objects.get(shop=shop, name="a1")
    assert [opens(shop, f"more{n}").holder.name for n in range(12)] == ["a1"] * 12
    assert not Decision.objects.filter(agent__name="imported").exists()
    assert compare_counters(shop=shop) == []


def test_the_offline_list_passes_it_by(shop: Shop) -> None:
    make_member(shop, Role.AGENT, name="a1")
    document = {"offline": {"enabled": True, "agents": ["imported", "a1"]}}
    services.publish(shop=shop, document=document)
    assert [opens(shop, f"c{n}").holder.name for n in range(4)] == ["a1"] * 4
    services.publish(shop=shop, document={"offline": {"enabled": True, "agents": ["imported"]}})
    assert opens(shop, "late").state == "queued"
    services.change_sub_account(shop=shop, agent="imported", enabled=False)
    services.change_sub_account(shop=shop, agent="imported", enabled=True)
    assert Conversation.objects.get(external_id="late").state == "queued"


def test_nobody_can_hand_it_a_conversation(shop: Shop, boss: Caller) -> None:
    row = opens(shop)
    SubAccount.objects.filter(name="imported").update(status=Status.ONLINE)
    code, told = boss("POST", f"conversations/{row.pk}/transfer/", {"to": "imported"})
    assert (code, told["code"]) == (422, "target_not_agent")


def test_what_it_holds_is_given_on_as_that_of_a_disabled_one(shop: Shop) -> None:
    """From before: as an absent holder's (G9)."""
    member = make_member(shop, Role.AGENT, name="before")
    services.set_presence(shop=shop, agent="before", status="online")
    row = opens(shop)
    assert row.holder == member
    SubAccount.objects.filter(pk=member.pk).update(account=None)
    make_member(shop, Role.AGENT, name="a1")
    services.set_presence(shop=shop, agent="a1", status="online")
    services.post_message(shop=shop, conversation="c1", sender=Sender.BUYER, text="在吗")
    assert Conversation.objects.get(pk=row.pk).holder == SubAccount.objects.get(shop=shop, name="a1")


def test_the_settings_screens_show_it_as_disabled(shop: Shop) -> None:
    make_member(shop, Role.AGENT, name="a1")
    people = people_of(shop)
    assert [people[name].enabled for name in ("imported", "a1")] == [False, True]


def test_with_a_login_it_takes_part(shop: Shop, boss: Caller) -> None:
    body = {"account": "imported", "password": "Long-pass-4-word", "roles": ["agent"]}
    assert boss("POST", "sub-accounts/", body)[0] == 201
    assert boss("PUT", "sub-accounts/imported/presence/", {"status": "online"})[0] == 200
    assert opens(shop).holder == imported(shop)


def test_the_migration_sets_offline_who_was_online_without_a_login(shop: Shop) -> None:
    member = make_member(shop, Role.AGENT, name="a1")
    services.set_presence(shop=shop, agent="a1", status="online", lease=True)
    SubAccount.objects.filter(name="imported").update(status=Status.ONLINE)
    PresenceLease.objects.create(sub_account=imported(shop), shop=shop)
    importlib.import_module("agents.migrations.0013_presence_sessions").set_offline(apps, None)
    assert imported(shop).status == Status.OFFLINE
    member.refresh_from_db()
    assert member.status == Status.ONLINE
    assert list(PresenceLease.objects.values_list("sub_account", flat=True)) == [member.pk]
