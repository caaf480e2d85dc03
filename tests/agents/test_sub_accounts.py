"""The rows of sub-accounts: what may be set, and what is refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.errors import Refused
from agents.models import Account, PresenceLog, SubAccount
from agents.services import (
    add_sub_account,
    attach_account,
    note_app_login,
    set_status,
    touch_sub_account,
    update_sub_account,
)
from agents.vocabulary import Role
from tests.agents.factories import make_account, make_member, make_shop

pytestmark = pytest.mark.django_db
GOOD = "one-Long-password"


def test_roles_are_kept_once_each_in_the_order_of_the_table() -> None:
    made = add_sub_account(shop=make_shop(), account="a1", password=GOOD, roles=["agent", "admin", "agent"])
    assert made.roles == ["admin", "agent"]


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"roles": ["boss"]}, "unknown_role", "roles"),
        ({"roles": []}, "roles_required", "roles"),
        ({"max_concurrent": 0}, "cap_too_small", "max_concurrent"),
        ({"max_concurrent": -1}, "cap_too_small", "max_concurrent"),
        ({"max_concurrent": 10**9}, "cap_too_large", "max_concurrent"),
    ],
)
def test_a_wrong_value_is_refused_with_its_field_whether_made_or_changed(change: dict, code: str, field: str) -> None:
    shop = make_shop()
    member = make_member(shop)
    with pytest.raises(Refused) as caught:
        update_sub_account(sub_account=member, **change)
    assert (caught.value.code, caught.value.field) == (code, field)
    with pytest.raises(Refused) as caught:
        add_sub_account(shop=shop, account="new", password=GOOD, **change)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert not Account.objects.filter(account="new").exists()


@pytest.mark.parametrize(("platform", "most"), [("kuaishou", 200), ("pinduoduo", 100_000)])
def test_the_cap_has_its_platforms_upper_end(platform: str, most: int) -> None:  # ROUTING 4
    member = make_member(make_shop(platform=platform))
    update_sub_account(sub_account=member, max_concurrent=most)
    with pytest.raises(Refused, match=str(most)):
        update_sub_account(sub_account=member, max_concurrent=most + 1)


def test_what_is_not_given_stays_and_a_cap_can_be_taken_away() -> None:
    member = add_sub_account(shop=make_shop(), account="a1", password=GOOD, max_concurrent=5)
    update_sub_account(sub_account=member, enabled=False)
    assert SubAccount.objects.get(pk=member.pk).max_concurrent == 5
    update_sub_account(sub_account=member, max_concurrent=None)
    again = SubAccount.objects.get(pk=member.pk)
    assert (again.max_concurrent, again.enabled, again.roles) == (None, False, ["agent"])


@pytest.mark.parametrize(("change", "field"), [({"enabled": False}, "enabled"), ({"roles": ["admin"]}, "roles")])
def test_the_last_main_account_stays(change: dict, field: str) -> None:
    shop = make_shop()
    main = make_member(shop, Role.MAIN)
    make_member(shop, Role.MAIN, enabled=False)
    make_member(make_shop(), Role.MAIN)
    with pytest.raises(Refused) as caught:
        update_sub_account(sub_account=main, **change)
    assert (caught.value.code, caught.value.field) == ("last_main_account", field)
    second = make_member(shop, Role.MAIN, Role.AGENT)
    update_sub_account(sub_account=main, **change)
    assert second.has_role([Role.MAIN])


def test_a_name_that_imported_history_left_gets_the_login() -> None:  # CONTRACT 4
    shop = make_shop()
    left = SubAccount.objects.create(shop=shop, name="小美", enabled=False)
    made = add_sub_account(shop=shop, account="小美", password=GOOD, roles=["agent"])
    assert made.pk == left.pk
    assert (made.account.account, made.enabled, made.roles) == ("小美", True, ["agent"])


def test_a_name_is_taken_in_the_whole_installation() -> None:  # S3
    add_sub_account(shop=make_shop(), account="小美", password=GOOD)
    with pytest.raises(Refused) as caught:
        add_sub_account(shop=make_shop(), account="小美", password=GOOD)
    assert (caught.value.code, caught.value.field, caught.value.status) == ("account_taken", "account", 409)


def test_one_login_may_stand_in_several_shops_once_each() -> None:
    account = make_account("小美")
    shop, second = make_shop(), make_shop()
    attach_account(shop=shop, account=account)
    attach_account(shop=second, account=account, roles=["cs_manager"])
    with pytest.raises(Refused, match="小美"):
        attach_account(shop=shop, account=account)
    assert SubAccount.objects.filter(account=account).count() == 2


def test_only_the_home_shop_changes_the_display_name() -> None:
    home = make_shop()
    member = make_member(home)
    update_sub_account(sub_account=member, display_name=" 美美 ")
    assert Account.objects.get(pk=member.account_id).display_name == "美美"
    guest = make_member(make_shop(), account=member.account)
    with pytest.raises(Refused) as caught:
        update_sub_account(sub_account=guest, display_name="别名")
    assert caught.value.code == "not_home_shop"


def test_each_change_of_status_is_logged_with_who_and_whence() -> None:
    member = make_member(make_shop())
    boss = make_account("boss")
    assert set_status(sub_account=member, status="online", by=member.account, device="Chrome")
    assert not set_status(sub_account=member, status="online", by=member.account)
    assert set_status(sub_account=member, status="break", by=boss, reason="吃饭")
    last, first = PresenceLog.objects.filter(sub_account=member)
    assert (first.previous, first.status, first.by, first.device) == ("offline", "online", member.account, "Chrome")
    assert (last.previous, last.status, last.by, last.reason) == ("online", "break", boss, "吃饭")
    again = SubAccount.objects.get(pk=member.pk)
    assert (again.status, again.status_since) == ("break", last.at)


def test_an_unknown_status_is_refused() -> None:
    member = make_member(make_shop())
    with pytest.raises(Refused, match="away"):
        set_status(sub_account=member, status="away", by=None)
    assert not PresenceLog.objects.exists()


def test_having_used_the_app_is_remembered() -> None:  # G10
    member = make_member(make_shop())
    note_app_login(sub_account=member)
    assert SubAccount.objects.get(pk=member.pk).mobile_app


def test_being_seen_costs_one_update_a_minute(django_assert_num_queries) -> None:
    member = make_member(make_shop())
    now = timezone.now()
    with django_assert_num_queries(1):
        touch_sub_account(sub_account=member, now=now)
    member.refresh_from_db()
    assert member.last_seen_at == now
    with django_assert_num_queries(0):
        touch_sub_account(sub_account=member, now=now + timedelta(seconds=59))
    with django_assert_num_queries(1):
        touch_sub_account(sub_account=member, now=now + timedelta(seconds=60))


def test_a_page_that_loaded_them_earlier_does_not_set_the_clock_back() -> None:
    member = make_member(make_shop())
    now = timezone.now()
    SubAccount.objects.filter(pk=member.pk).update(last_seen_at=now)
    touch_sub_account(sub_account=member, now=now - timedelta(seconds=5))
    member.refresh_from_db()
    assert member.last_seen_at == now
