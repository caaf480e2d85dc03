"""Signing in and out, lockout, passwords and what they end."""

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Account, AuthToken, SubAccount
from agents.services import add_sub_account, change_password, create_shop, create_token, reset_password
from agents.vocabulary import Role
from tests.agents.factories import actor_of, make_account, make_member, make_shop

pytestmark = pytest.mark.django_db
PASSWORD, NEW = "one-Long-password", "another-Long-password"


@pytest.fixture
def agent() -> SubAccount:
    return add_sub_account(shop=make_shop("pdd"), account="小美", password=PASSWORD)


def sign_in(client: Client, account: str = "小美", password: str = PASSWORD):
    return client.post(reverse("sign_in"), {"username": account, "password": password})


def signed_in(client: Client) -> bool:
    return client.get(reverse("password")).status_code == 200


def test_the_right_password_signs_in_and_goes_home(agent: SubAccount, client: Client) -> None:
    assert sign_in(client).headers["Location"] == reverse("home")
    assert signed_in(client)


def test_a_wrong_password_and_an_unknown_account_are_told_alike(agent: SubAccount, client: Client) -> None:
    wrong = sign_in(client, password="no").context["form"].non_field_errors()
    unknown = sign_in(client, account="nobody").context["form"].non_field_errors()
    assert wrong
    assert list(wrong) == list(unknown)


def test_signing_out_is_a_post(agent: SubAccount, client: Client) -> None:
    sign_in(client)
    assert client.get(reverse("sign_out")).status_code == 405
    client.post(reverse("sign_out"))
    assert not signed_in(client)


def test_an_address_elsewhere_is_not_gone_to_after_signing_in(agent: SubAccount, client: Client) -> None:
    answer = client.post(
        reverse("sign_in"), {"username": "小美", "password": PASSWORD, "next": "https://elsewhere.example/"}
    )
    assert answer.headers["Location"] == reverse("home")


def test_five_failures_lock_and_then_the_right_password_is_refused_too(agent: SubAccount, client: Client) -> None:
    codes = [sign_in(client, password="no").status_code for _ in range(5)]
    assert codes == [200, 200, 200, 200, 429]
    locked = sign_in(client)
    assert locked.status_code == 429
    assert "锁定 15 分钟" in locked.content.decode()
    assert not signed_in(client)


def test_the_lock_is_on_one_account_not_on_its_neighbours(agent: SubAccount, client: Client) -> None:
    add_sub_account(shop=agent.shop, account="小丽", password=PASSWORD)
    for _ in range(5):
        sign_in(client, password="no")
    assert sign_in(client, "小丽").status_code == 302


def test_the_api_locks_by_the_same_count(agent: SubAccount, client: Client) -> None:
    for _ in range(5):
        answer = client.post(reverse("api_token"), {"account": "小美", "password": "no"}, "application/json")
    assert answer.status_code == 429
    assert answer.json()["code"] == "locked_out"
    assert sign_in(client).status_code == 429


def test_changing_ones_password_ends_other_sessions_and_tokens_and_keeps_this_one(agent: SubAccount) -> None:
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)
    create_token(account=agent.account)
    answer = here.post(reverse("password"), {"old_password": PASSWORD, "new_password": NEW, "repeat": NEW})
    assert answer.status_code == 302
    assert signed_in(here)
    assert not signed_in(there)
    assert not AuthToken.objects.exists()
    assert sign_in(Client(), password=NEW).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "repeat", "field"),
    [
        ("no", NEW, NEW, "old_password"),
        (PASSWORD, "short", "short", "new_password"),
        (PASSWORD, NEW, PASSWORD, "repeat"),
        (PASSWORD, "password", "password", "new_password"),
    ],
)
def test_a_refused_password_is_told_at_its_field(
    agent: SubAccount, client: Client, old: str, new: str, repeat: str, field: str
) -> None:
    sign_in(client)
    answer = client.post(reverse("password"), {"old_password": old, "new_password": new, "repeat": repeat})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert Account.objects.get(account="小美").check_password(PASSWORD)


def test_a_reset_password_ends_the_sessions_and_tokens_of_its_account(agent: SubAccount, client: Client) -> None:
    sign_in(client)
    create_token(account=agent.account)
    reset_password(actor=actor_of(make_member(agent.shop, Role.ADMIN)), sub_account=agent, password=NEW)
    assert not signed_in(client)
    assert not AuthToken.objects.exists()


def test_a_disabled_login_is_out_at_once(agent: SubAccount, client: Client) -> None:
    sign_in(client)
    Account.objects.filter(account="小美").update(is_active=False)
    assert not signed_in(client)
    assert sign_in(Client()).status_code == 200


def test_a_page_left_open_over_a_sign_in_says_so() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = sign_in(strict)
    assert answer.status_code == 403
    assert "刷新" in answer.content.decode()


def test_the_first_main_account_changes_its_own_password() -> None:
    shop = create_shop(slug="new", platform="taobao", main="老板", password=PASSWORD)
    change_password(account=shop.sub_accounts.get().account, old_password=PASSWORD, new_password=NEW)
    assert Account.objects.get(account="老板").check_password(NEW)


@pytest.mark.parametrize(
    "place", ["²", "wall", "admin:index", "no such name", "https://evil.example/", "//evil.example"]
)
def test_a_place_to_go_on_to_that_is_no_path_of_ours_leads_to_the_admin_s_first_page(
    place: str, client: Client
) -> None:
    client.force_login(make_account(operator=True))
    answer = client.get("/admin/login/", {"next": place})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
