"""The list of sub-accounts: whom it shows and marks, quick caps, names while typed, invitations; and races."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents.errors import Refused
from agents.models import Invitation, Shop, SubAccount
from agents.vocabulary import Role
from conversations.models import Conversation
from routing import services
from routing.words import seen_words
from tests.agents.factories import make_account, make_invitation, make_member, make_shop
from tests.routing.page import client_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Shop:
    return make_shop("pdd")


@pytest.fixture
def main(shop: Shop) -> SubAccount:
    return make_member(shop, Role.MAIN, name="主账号")


def url(name: str, *rest: object) -> str:
    return reverse(name, args=["pdd", *rest])


def names(response: HttpResponse) -> list[str]:
    return [row.sub_account.name for row in response.context["rows"]]


def post(member: SubAccount, name: str, *rest: object, **data: object) -> HttpResponse:
    return client_of(member).post(url(name, *rest), data)


FILTERS = [
    ({}, ["a1", "b2", "主账号", "old"]),
    ({"q": "小满"}, ["a1"]),
    ({"q": "B2"}, ["b2"]),
    ({"role": "operations"}, ["b2"]),
    ({"state": "off"}, ["old"]),
    ({"state": "on", "role": "agent"}, ["a1"]),
    ({"role": "king"}, ["a1", "b2", "主账号", "old"]),
    ({"q": "nobody"}, []),
]


@pytest.mark.parametrize(("asked", "left"), FILTERS, ids=str)
def test_the_list_is_searched_and_filtered(shop: Shop, main: SubAccount, asked: dict, left: list) -> None:
    make_member(shop, name="a1")
    services.change_sub_account(shop=shop, agent="a1", display_name="小满-售前01")
    make_member(shop, Role.OPERATIONS, name="b2")
    make_member(shop, name="old", enabled=False)
    assert names(client_of(main).get(url("sub_accounts"), asked)) == left


def test_who_is_on_the_never_route_list_is_marked(shop: Shop, main: SubAccount) -> None:
    make_member(shop, name="a1")
    make_member(shop, name="a2")
    services.publish(shop=shop, document={"never_route": ["a1"]})
    rows = client_of(main).get(url("sub_accounts")).context["rows"]
    assert {row.sub_account.name for row in rows if row.never} == {"a1"}


def test_two_hundred_people_take_fifteen_queries_at_most(
    shop: Shop, main: SubAccount, django_assert_max_num_queries
) -> None:
    for n in range(200):
        make_member(shop, name=f"a{n}")
    make_invitation(shop)
    client = client_of(main)
    client.get(url("sub_account_template"))  # the session is noted once a minute
    with django_assert_max_num_queries(15):
        assert len(names(client.get(url("sub_accounts")))) == 202


NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
SEEN = [
    (None, "offline", "从未登录"),
    (None, "online", "在线"),
    (timedelta(minutes=2), "online", "在线"),
    (timedelta(hours=2), "online", "今天 18:30"),
    (timedelta(seconds=20), "offline", "刚刚"),
    (timedelta(minutes=3), "offline", "3 分钟前"),
    (timedelta(minutes=59, seconds=59), "offline", "59 分钟前"),
    (timedelta(hours=23, minutes=26), "offline", "昨天 21:04"),
    (timedelta(days=3), "break", "11-19 20:30"),
    (timedelta(days=400), "offline", "2025-10-18"),
    (timedelta(seconds=-30), "offline", "刚刚"),
]


@pytest.mark.parametrize(("ago", "status", "words"), SEEN, ids=[words for _a, _s, words in SEEN])
def test_when_somebody_was_last_seen_is_told_as_one_says_it(ago: timedelta | None, status: str, words: str) -> None:
    seen = None if ago is None else NOW - ago
    with timezone.override("Asia/Shanghai"):
        assert seen_words(seen, status, NOW) == words


def test_a_sign_in_elsewhere_is_no_business_of_a_shop_that_invited(shop: Shop, main: SubAccount) -> None:
    guest = make_member(shop, account=make_account("guest", home_shop=make_shop("home")))
    guest.account.last_login = timezone.now()
    guest.account.save()
    [seen] = [r.seen for r in client_of(main).get(url("sub_accounts")).context["rows"] if r.sub_account == guest]
    assert seen == "从未登录"


def test_a_cap_is_changed_in_the_list_and_frees_who_waits(shop: Shop, main: SubAccount) -> None:  # G6
    make_member(shop, name="a1")
    services.change_sub_account(shop=shop, agent="a1", max_concurrent=1)
    services.set_presence(shop=shop, agent="a1", status="online")
    for buyer in ("b1", "b2"):
        services.open_conversation(shop=shop, buyer=buyer, entry="goods_detail")
    response = post(main, "sub_account_cap", "a1", max_concurrent="2")
    assert response.status_code == 200
    assert 'value="2"' in response.content.decode()
    assert Conversation.objects.filter(holder__name="a1").count() == 2


@pytest.mark.parametrize(("typed", "words"), [("0", "至少"), ("many", "整数"), ("99999999", "最多")])
def test_a_cap_that_cannot_be_stands_with_its_objection(shop: Shop, main: SubAccount, typed: str, words: str) -> None:
    make_member(shop, name="a1")
    response = post(main, "sub_account_cap", "a1", max_concurrent=typed)
    html = response.content.decode()
    assert response.status_code == 422
    assert f'value="{typed}"' in html
    assert words in html
    assert SubAccount.objects.get(name="a1").max_concurrent is None


def test_an_admin_changes_no_main_accounts_cap(shop: Shop, main: SubAccount) -> None:
    admin = make_member(shop, Role.ADMIN)
    assert post(admin, "sub_account_cap", "主账号", max_concurrent="3").status_code == 403


STANDINGS = [
    ("", "登录用的账号"),
    ("fresh", "可用"),
    ("left", "可用"),
    ("主账号", "本店已有"),
    ("elsewhere", "邀请"),
    ("root", "已被使用，请换一个。"),
    ("a b", "50"),
]


@pytest.mark.parametrize(("typed", "words"), STANDINGS)
def test_while_a_name_is_typed_it_is_said_whether_it_is_free(
    shop: Shop, main: SubAccount, typed: str, words: str
) -> None:
    other = make_account("elsewhere", home_shop=make_shop("secret-shop"))
    other.display_name = "别店的小美"
    other.save()
    make_account("root", operator=True)
    SubAccount.objects.create(shop=shop, name="left", enabled=False)
    html = client_of(main).get(url("sub_account_name"), {"account": typed}).content.decode()
    assert words in html
    assert "secret-shop" not in html
    assert "别店的小美" not in html


def test_an_account_is_invited_shown_in_the_list_and_withdrawn(shop: Shop, main: SubAccount) -> None:
    make_account("elsewhere", home_shop=make_shop("other"))
    assert post(main, "sub_account_invite", account="elsewhere", roles=["agent"]).status_code == 204
    page = client_of(main).get(url("sub_accounts"))
    [asked] = page.context["invitations"]
    assert asked.invitation.account.account == "elsewhere"
    assert post(main, "sub_account_withdraw", asked.invitation.pk).status_code == 204
    assert not client_of(main).get(url("sub_accounts")).context["invitations"]
    assert post(main, "sub_account_withdraw", asked.invitation.pk).status_code == 409


def test_an_invitation_that_cannot_be_comes_back_with_what_was_typed(shop: Shop, main: SubAccount) -> None:
    response = post(main, "sub_account_invite", account="nobody", roles=["agent"], max_concurrent="7")
    html = response.content.decode()
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["account"]
    assert 'value="nobody"' in html
    assert 'value="7"' in html


def answer(invitation: Invitation, account, how: str) -> HttpResponse:
    client = Client()
    client.force_login(account)
    return client.post(reverse("invitation_answer", args=[invitation.pk]), {"answer": how}, follow=True)


def test_the_invited_accepts_on_the_home_page_and_is_in_the_shop(shop: Shop, main: SubAccount) -> None:
    guest = make_account("guest", home_shop=make_shop("home"))
    response = answer(make_invitation(shop, guest), guest, "accept")
    assert "你已加入" in response.content.decode()
    assert SubAccount.objects.get(shop=shop, account=guest).roles == ["agent"]


def test_a_withdrawn_invitation_says_so_to_who_accepts_too_late(shop: Shop, main: SubAccount) -> None:
    guest = make_account("guest", home_shop=make_shop("home"))
    invitation = make_invitation(shop, guest)
    post(main, "sub_account_withdraw", invitation.pk)
    assert "已失效" in answer(invitation, guest, "accept").content.decode()
    assert not SubAccount.objects.filter(shop=shop, account=guest).exists()


def test_declining_is_said_and_makes_nobody(shop: Shop) -> None:
    guest = make_account("guest", home_shop=make_shop("home"))
    assert "已拒绝" in answer(make_invitation(shop, guest), guest, "decline").content.decode()
    assert not SubAccount.objects.filter(shop=shop, account=guest).exists()


def test_the_last_main_account_is_told_so_before_anything_is_tried(shop: Shop, main: SubAccount) -> None:
    words = "这是店铺最后一个主账号"
    client = client_of(main)
    assert words in client.get(url("sub_account_edit", "主账号")).content.decode()
    assert "最后一个主账号不能停用" in client.get(url("sub_accounts")).content.decode()
    make_member(shop, Role.MAIN)
    assert words not in client.get(url("sub_account_edit", "主账号")).content.decode()
    assert "最后一个主账号不能停用" not in client.get(url("sub_accounts")).content.decode()


def at_once(*calls) -> list[str]:
    """Each call in a thread of its own, all let go together; how each ended."""
    gate, ended = threading.Barrier(len(calls)), []

    def run(call) -> None:
        gate.wait()
        try:
            call()
            ended.append("done")
        except Refused as refused:
            ended.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(ended)


@pytest.mark.postgresql
@pytest.mark.parametrize("change", [{"roles": ["admin"]}, {"enabled": False}], ids=str)
def test_of_two_mains_who_demote_each_other_at_once_one_fails(shop: Shop, change: dict) -> None:
    for _round in range(5):
        SubAccount.objects.filter(shop=shop).delete()
        for name in ("m1", "m2"):
            account = make_account()
            SubAccount.objects.create(shop=shop, name=name, account=account, roles=["main"])
        ended = at_once(
            *(lambda name=name: services.change_sub_account(shop=shop, agent=name, **change) for name in ("m1", "m2"))
        )
        assert ended == ["done", "last_main_account"]


@pytest.mark.postgresql
def test_an_invitation_that_is_accepted_and_withdrawn_at_once_ends_one_way(shop: Shop, main: SubAccount) -> None:
    statuses: list[int] = []
    for n in range(5):
        guest = make_account(f"guest{n}", home_shop=None)
        invitation = make_invitation(shop, guest)
        at_once(
            lambda g=guest, i=invitation: services.accept_invitation(shop=shop, account=g, pk=i.pk),
            lambda i=invitation: statuses.append(post(main, "sub_account_withdraw", i.pk).status_code),
        )
        accepted = SubAccount.objects.filter(shop=shop, account=guest).exists()
        assert statuses.pop() == (409 if accepted else 204)


@pytest.mark.postgresql
def test_two_who_invite_the_same_account_at_once_make_one_invitation(shop: Shop) -> None:
    guest = make_account("guest")
    at_once(lambda: make_invitation(shop, guest, "agent"), lambda: make_invitation(shop, guest, "admin"))
    assert Invitation.objects.count() == 1
