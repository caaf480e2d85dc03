"""Sub-accounts and one's own status, as pages (S3)."""

import json

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import Account, PresenceLog, Shop, SubAccount
from agents.vocabulary import Role
from routing import services
from tests.agents.factories import make_account, make_member, make_shop
from tests.routing.page import client_of

pytestmark = pytest.mark.django_db(transaction=True)

NEW = {"account": "小满-售前09", "password": "correct-horse-9", "roles": ["agent"], "max_concurrent": "10"}


@pytest.fixture(autouse=True)
def _quick_passwords(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def shop() -> Shop:
    return make_shop("pdd")


@pytest.fixture
def main(shop: Shop) -> SubAccount:
    return make_member(shop, Role.MAIN, name="主账号")


def url(name: str, *rest: str) -> str:
    return reverse(name, args=["pdd", *rest])


def post(member: SubAccount, name: str, *rest: str, **data: object) -> HttpResponse:
    return client_of(member).post(url(name, *rest), data)


def test_the_list_shows_roles_status_load_and_cap(shop: Shop, main: SubAccount) -> None:
    make_member(shop, Role.AGENT, name="a1")
    services.change_sub_account(shop=shop, agent="a1", max_concurrent=1, display_name="小满-售前01")
    services.set_presence(shop=shop, agent="a1", status="online")
    services.open_conversation(shop=shop, buyer="b1", entry="goods_detail")
    html = client_of(main).get(url("sub_accounts")).content.decode()
    assert "小满-售前01" in html
    assert "1/1" in html
    assert "<b>1</b> 个账号接待会话，现在 <b>1</b> 人在线，其中 <b>1</b> 人已满" in html


def test_the_number_of_queries_does_not_grow_with_the_people(shop: Shop, main: SubAccount) -> None:
    client = client_of(main)
    client.get(url("sub_accounts"))
    with CaptureQueriesContext(connection) as few:
        client.get(url("sub_accounts"))
    for _n in range(60):
        make_member(shop)
    with CaptureQueriesContext(connection) as many:
        client.get(url("sub_accounts"))
    assert len(many) == len(few)


def test_a_sub_account_is_added_and_can_sign_in(shop: Shop, main: SubAccount) -> None:
    response = post(main, "sub_account_new", **NEW)
    assert response.status_code == 204
    assert "dialogClose" in response.headers["HX-Trigger"]
    made = SubAccount.objects.get(shop=shop, name="小满-售前09")
    assert (made.roles, made.max_concurrent) == (["agent"], 10)
    assert made.account is not None
    assert made.account.check_password("correct-horse-9")


BAD = [
    ({"account": "taken"}, "account", "已被使用"),
    ({"account": "with space"}, "account", "50"),
    ({"account": ""}, "account", ""),
    ({"password": "123"}, "password", ""),
    ({"password": ""}, "password", ""),
    ({"roles": []}, "roles", ""),
    ({"roles": ["king"]}, "roles", ""),
    ({"max_concurrent": "0"}, "max_concurrent", "1"),
    ({"max_concurrent": "many"}, "max_concurrent", "整数"),
]


@pytest.mark.parametrize(("bad", "field", "words"), BAD, ids=str)
def test_what_is_wrong_is_said_at_its_field_and_nobody_is_made(
    shop: Shop, main: SubAccount, bad: dict, field: str, words: str
) -> None:
    make_account("taken")
    before = Account.objects.count()
    response = post(main, "sub_account_new", **(NEW | bad))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert words in response.content.decode()
    assert Account.objects.count() == before


def test_roles_cap_and_name_are_changed_and_the_waiting_are_served(shop: Shop, main: SubAccount) -> None:  # G6
    make_member(shop, Role.OPERATIONS, name="a1")
    services.set_presence(shop=shop, agent="a1", status="online")
    waiting = services.open_conversation(shop=shop, buyer="b1", entry="goods_detail").conversation
    changes = {"roles": ["agent", "logistics_agent"], "max_concurrent": "5", "display_name": "小满-物流01"}
    assert post(main, "sub_account_edit", "a1", **changes).status_code == 204
    row = SubAccount.objects.get(shop=shop, name="a1")
    assert (row.roles, row.max_concurrent, row.account.display_name) == (changes["roles"], 5, "小满-物流01")
    waiting.refresh_from_db()
    assert waiting.holder == row


def test_the_last_main_account_keeps_its_role(shop: Shop, main: SubAccount) -> None:
    response = post(main, "sub_account_edit", "主账号", roles=["agent"])
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["roles"]
    assert post(main, "sub_account_enable", "主账号", enabled="0").status_code == 409


def test_disabling_and_enabling(shop: Shop, main: SubAccount) -> None:
    make_member(shop, name="a1")
    assert post(main, "sub_account_enable", "a1", enabled="0").status_code == 204
    assert not SubAccount.objects.get(name="a1").enabled
    assert post(main, "sub_account_enable", "a1", enabled="1").status_code == 204
    assert SubAccount.objects.get(name="a1").enabled


def test_a_password_is_reset_and_a_weak_one_refused(shop: Shop, main: SubAccount) -> None:
    member = make_member(shop, name="a1")
    assert post(main, "sub_account_password", "a1", password="123").status_code == 422
    assert post(main, "sub_account_password", "a1", password="a-new-long-one-7").status_code == 204
    member.account.refresh_from_db()
    assert member.account.check_password("a-new-long-one-7")


def test_another_shops_account_is_not_reset_here(shop: Shop, main: SubAccount) -> None:
    guest = make_member(shop, account=make_account("guest", home_shop=make_shop("home")))
    response = post(main, "sub_account_password", guest.name, password="a-new-long-one-7")
    assert response.status_code == 422
    assert response.context["form"].non_field_errors()


@pytest.mark.parametrize("name", ["sub_account_edit", "sub_account_password", "sub_account_enable"])
def test_an_admin_touches_no_main_account(shop: Shop, main: SubAccount, name: str) -> None:
    admin = make_member(shop, Role.ADMIN)
    assert post(admin, name, "主账号", roles=["agent"], password="a-new-long-one-7").status_code == 403


def test_an_admin_makes_no_main_account(shop: Shop, main: SubAccount) -> None:
    admin = make_member(shop, Role.ADMIN)
    response = post(admin, "sub_account_new", **(NEW | {"roles": ["main"]}))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["roles"]


def test_who_only_sees_the_list_has_no_buttons(shop: Shop, main: SubAccount) -> None:
    html = client_of(make_member(shop, Role.CS_MANAGER)).get(url("sub_accounts")).content.decode()
    assert "sub-account-new" not in html
    assert url("sub_account_edit", "主账号") not in html


def test_ones_own_status_is_set_with_its_device_and_the_switch_comes_back(shop: Shop) -> None:
    member = make_member(shop, name="a1")
    client = client_of(member)
    response = client.post(url("own_presence"), {"status": "online"}, headers={"User-Agent": "千牛手机端"})
    html = response.content.decode()
    assert response.status_code == 200
    assert 'value="online" aria-pressed="true"' in html
    assert 'value="offline" aria-pressed="false"' in html
    log = PresenceLog.objects.get(sub_account=member)
    assert (log.status, log.device, log.by) == ("online", "千牛手机端", member.account)


def test_the_other_copy_of_the_switch_is_told_the_new_status(shop: Shop) -> None:
    member = make_member(shop, name="a1")
    response = client_of(member).post(url("own_presence"), {"status": "break"}, headers={"HX-Request": "true"})
    assert json.loads(response["HX-Trigger"])["presence"] == {"status": "break"}


def test_an_unknown_status_is_refused(shop: Shop) -> None:
    response = post(make_member(shop), "own_presence", status="asleep")
    assert response.status_code == 400
    assert not PresenceLog.objects.exists()
