"""Guessing passwords and probing names: what is stopped, for how long, and who is not stopped by it."""

from datetime import timedelta
from itertools import count

import pytest
from django.conf import settings as product
from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents.models import AuditEntry, SignInFailure, SubAccount
from agents.services import add_sub_account, locked_accounts, reset_password
from agents.vocabulary import AuditAction, Role
from tests.agents.factories import actor_of, make_account, make_member, make_shop

pytestmark = pytest.mark.django_db
PASSWORD, NEW = "one-Long-password", "another-Long-password"
HERE, ELSEWHERE = "198.51.100.7", "203.0.113.9"
guesses = (f"guess-{number}" for number in count())


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    caches["limits"].clear()


@pytest.fixture
def agent() -> SubAccount:
    return add_sub_account(shop=make_shop("pdd"), account="小美", password=PASSWORD)


def sign_in(
    account: str = "小美", password: str = PASSWORD, address: str = HERE, client: Client | None = None
) -> HttpResponse:
    form = {"username": account, "password": password}
    return (client or Client()).post(reverse("sign_in"), form, REMOTE_ADDR=address)


def guess(account: str = "小美", address: str = HERE, client: Client | None = None) -> int:
    return sign_in(account, next(guesses), address, client).status_code


def go_back(minutes: int) -> None:
    """Let so many minutes go by."""
    for row in SignInFailure.objects.all():
        SignInFailure.objects.filter(pk=row.pk).update(at=row.at - timedelta(minutes=minutes))


def test_thirty_guesses_from_one_64_do_not_go_through(agent: SubAccount) -> None:
    codes = [guess(address=f"2001:db8:1:2::{number:x}") for number in range(30)]
    assert codes == [*[200] * 4, *[429] * 26]
    assert sign_in(address="2001:db8:1:2:aaaa::1").status_code == 429
    assert sign_in(address="2001:db8:1:3::1").status_code == 302


def test_one_account_guessed_from_many_networks_is_locked_for_strangers(agent: SubAccount) -> None:
    codes = [guess(address=f"203.0.113.{number}") for number in range(40)]
    assert codes == [*[200] * 29, *[429] * 11]
    assert sign_in(address="192.0.2.1").status_code == 429


def test_guesses_of_a_stranger_do_not_lock_a_browser_that_the_account_knows(agent: SubAccount) -> None:
    known = Client()
    assert sign_in(client=known).status_code == 302
    known.post(reverse("sign_out"))
    for number in range(40):
        guess(address=f"203.0.113.{number}")
    for number in range(25):
        guess(account=f"other-{number}")
    assert sign_in(address="192.0.2.1").status_code == 429
    assert sign_in(client=known).status_code == 302


def test_a_known_browser_has_a_limit_too(agent: SubAccount) -> None:
    known = Client()
    sign_in(client=known)
    known.post(reverse("sign_out"))
    codes = [guess(client=known, address=f"203.0.113.{number}") for number in range(6)]
    assert codes == [200, 200, 200, 200, 429, 429]
    assert sign_in(client=known).status_code == 429
    assert sign_in(address=ELSEWHERE).status_code == 302


def test_a_browser_that_one_account_knows_is_a_stranger_to_another(agent: SubAccount) -> None:
    add_sub_account(shop=agent.shop, account="小丽", password=PASSWORD)
    known = Client()
    sign_in("小丽", client=known)
    known.post(reverse("sign_out"))
    for _ in range(5):
        guess()
    assert sign_in(client=known).status_code == 429


def test_many_accounts_guessed_from_one_network_are_stopped(agent: SubAccount) -> None:
    codes = [guess(account=f"account-{number}") for number in range(30)]
    assert codes == [*[200] * 19, *[429] * 11]
    assert sign_in().status_code == 429
    assert sign_in(address=ELSEWHERE).status_code == 302


def test_one_password_sprayed_over_many_accounts_from_many_networks_is_stopped(agent: SubAccount) -> None:
    names = [f"account-{number}" for number in range(12)]
    addresses = [f"203.0.113.{number}" for number in range(12)]
    codes = [sign_in(name, PASSWORD, address).status_code for name, address in zip(names, addresses, strict=True)]
    assert codes == [*[200] * 10, *[429] * 2]
    assert sign_in(address="192.0.2.1").status_code == 429


def test_one_s_own_mistake_made_often_is_no_spraying(agent: SubAccount) -> None:
    for number in range(12):
        sign_in("nobody", PASSWORD, f"203.0.113.{number}")
    assert sign_in().status_code == 302


def test_no_password_and_no_name_is_kept_of_a_failure(agent: SubAccount) -> None:
    sign_in("my-Password-by-mistake", "another-Secret")
    kept = repr(list(SignInFailure.objects.values())) + repr(vars(caches["limits"])["_cache"])
    assert "my-Password-by-mistake" not in kept
    assert "another-Secret" not in kept


def test_tries_during_the_lock_do_not_move_its_end(agent: SubAccount) -> None:
    for _ in range(5):
        guess()
    go_back(14)
    assert all(guess() == 429 for _ in range(10))
    assert sign_in().headers["Retry-After"]
    go_back(1)
    assert sign_in().status_code == 302


def test_the_lock_says_when_it_ends(agent: SubAccount) -> None:
    for _ in range(5):
        guess()
    go_back(8)
    locked = sign_in()
    assert "锁定 7 分钟" in locked.content.decode()
    assert 6 * 60 < int(locked.headers["Retry-After"]) <= 7 * 60
    answer = Client().post(
        reverse("api_token"), {"account": "小美", "password": "no"}, "application/json", REMOTE_ADDR=HERE
    )
    assert answer.json()["code"] == "locked_out"
    assert answer.headers["Retry-After"]


def test_a_success_forgets_the_failures_of_its_account_there_and_no_others(agent: SubAccount) -> None:
    for _ in range(4):
        guess()
        guess(address=ELSEWHERE)
        guess(account="other")
    assert sign_in().status_code == 302
    assert [guess() for _ in range(4)] == [200] * 4
    assert guess(address=ELSEWHERE) == 429
    assert guess(account="other") == 429


def test_a_new_password_of_the_main_account_lifts_the_lock(agent: SubAccount) -> None:
    for _ in range(5):
        guess()
    reset_password(actor=actor_of(make_member(agent.shop, Role.MAIN)), sub_account=agent, password=NEW)
    assert sign_in(password=NEW).status_code in (302, 303)


def test_the_main_account_sees_the_lock_and_lifts_it(agent: SubAccount, client: Client) -> None:
    for _ in range(5):
        guess()
    client.force_login(make_member(agent.shop, Role.MAIN).account)
    page = client.get(reverse("sub_accounts", args=["pdd"])).content.decode()
    assert "已锁定" in page
    url = reverse("sub_account_unlock", args=["pdd", "小美"])
    assert url in page
    assert client.post(url, headers={"HX-Request": "true"}).status_code == 204
    assert locked_accounts([agent.account_id], timezone.now()) == set()
    assert sign_in().status_code == 302
    said = AuditEntry.objects.filter(shop=agent.shop).values_list("action", flat=True)
    assert {AuditAction.SIGN_IN_LOCKED, AuditAction.SIGN_IN_UNLOCKED} <= set(said)
    assert "已锁定" not in client.get(reverse("sub_accounts", args=["pdd"])).content.decode()


def test_another_shop_lifts_no_lock(agent: SubAccount, client: Client) -> None:
    shop = make_shop("other")
    SubAccount.objects.create(shop=shop, name="小美", account=agent.account, roles=[Role.AGENT])
    for _ in range(5):
        guess()
    client.force_login(make_member(shop, Role.MAIN).account)
    client.post(reverse("sub_account_unlock", args=["other", "小美"]), headers={"HX-Request": "true"})
    assert sign_in().status_code == 429


def test_the_admin_has_no_way_in_of_its_own(agent: SubAccount, client: Client) -> None:
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("sign_in"))
    client.force_login(make_account(operator=True))
    for given, place in (("/admin/agents/shop/", "/admin/agents/shop/"), ("https://evil.example/", "/admin/")):
        assert client.get("/admin/login/", {"next": given}).headers["Location"] == place
    client.force_login(agent.account)
    assert client.get("/admin/", follow=True).status_code == 403


def test_a_forged_address_gets_nobody_further(agent: SubAccount) -> None:
    codes = [
        Client()
        .post(
            reverse("sign_in"),
            {"username": "小美", "password": "no"},
            REMOTE_ADDR=HERE,
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        )
        .status_code
        for number in range(8)
    ]
    assert codes == [*[200] * 4, *[429] * 4]


def test_names_of_others_are_not_told_without_end(agent: SubAccount, client: Client, settings) -> None:
    settings.SIGN_IN_LIMITS = product.SIGN_IN_LIMITS | {"names_taken": (3, 3600)}
    make_account("taken", home_shop=agent.shop)
    client.force_login(make_member(make_shop("other"), Role.MAIN).account)
    url = reverse("sub_account_name", args=["other"])
    pages = [client.get(url, {"account": "taken"}).content.decode() for _ in range(5)]
    assert ["过于频繁" in page for page in pages] == [False, False, False, True, True]


def test_free_names_are_asked_for_with_a_limit_too(agent: SubAccount, client: Client, settings) -> None:
    settings.SIGN_IN_LIMITS = product.SIGN_IN_LIMITS | {"names": (3, 3600)}
    client.force_login(make_member(agent.shop, Role.MAIN).account)
    url = reverse("sub_account_name", args=["pdd"])
    pages = [client.get(url, {"account": f"free-{number}"}).content.decode() for number in range(4)]
    assert ["过于频繁" in page for page in pages] == [False, False, False, True]


def test_making_accounts_probes_no_names_either(agent: SubAccount, client: Client, settings) -> None:
    settings.SIGN_IN_LIMITS = product.SIGN_IN_LIMITS | {"names_taken": (2, 3600)}
    make_account("taken", home_shop=agent.shop)
    client.force_login(make_member(make_shop("other"), Role.MAIN).account)
    body = {"account": "taken", "password": NEW, "roles": ["agent"]}
    url = reverse("api_sub_accounts", args=["other"])
    answers = [client.post(url, body, "application/json") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [409, 409, 429, 429]
    assert answers[2].headers["Retry-After"]


def test_invitations_probe_no_names_without_end(agent: SubAccount, client: Client, settings) -> None:
    settings.SIGN_IN_LIMITS = product.SIGN_IN_LIMITS | {"invitations": (2, 3600)}
    client.force_login(make_member(make_shop("other"), Role.MAIN).account)
    url = reverse("sub_account_invite", args=["other"])
    pages = [
        client.post(url, {"account": f"nobody-{number}", "roles": ["agent"]}).content.decode() for number in range(3)
    ]
    assert ["过于频繁" in page for page in pages] == [False, False, True]
