"""No password is hashed inside a transaction: a hash is slow, and a shop's lane or a connection would wait for it."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.urls import reverse

from agents.models import SubAccount
from agents.services import add_sub_account, change_password, create_operator, create_shop, reset_password
from agents.vocabulary import Role
from core.hashing import hashing_line
from routing.services import add_sub_account as add_in_lane
from tests.agents.factories import actor_of, make_member, make_shop

pytestmark = pytest.mark.django_db
PASSWORD, NEW = "one-Long-password", "another-Long-password"


class Noting(MD5PasswordHasher):
    """Notes how many transactions are open around each hash."""

    algorithm = "noting"
    depths: list[int] = []

    def encode(self, password: str, salt: str) -> str:
        self.depths.append(len(connection.atomic_blocks))
        return super().encode(password, salt)


@pytest.fixture
def agent() -> SubAccount:
    return add_sub_account(shop=make_shop("pdd"), account="小美", password=PASSWORD)


@pytest.fixture
def noted(agent: SubAccount, settings) -> list[int]:
    settings.PASSWORD_HASHERS = [f"{__name__}.Noting", "django.contrib.auth.hashers.MD5PasswordHasher"]
    Noting.depths.clear()
    return Noting.depths


@pytest.mark.parametrize(
    "work",
    [
        lambda agent: create_operator(account="op", password=NEW),
        lambda agent: create_shop(slug="new", platform="taobao", main="老板", password=NEW),
        lambda agent: add_sub_account(shop=agent.shop, account="b", password=NEW),
        lambda agent: add_in_lane(shop=agent.shop, account="b", password=NEW),
        lambda agent: change_password(account=agent.account, old_password=PASSWORD, new_password=NEW),
        lambda agent: reset_password(
            actor=actor_of(make_member(agent.shop, Role.MAIN)), sub_account=agent, password=NEW
        ),
        lambda agent: Client().post(reverse("sign_in"), {"username": "小美", "password": PASSWORD}),
        lambda agent: Client().post(reverse("sign_in"), {"username": "nobody", "password": PASSWORD}),
        lambda agent: Client().post(
            reverse("api_token"), {"account": "小美", "password": PASSWORD}, content_type="application/json"
        ),
    ],
    ids=["operator", "shop", "agent", "in lane", "own", "reset", "sign-in", "unknown", "token"],
)
def test_a_password_is_hashed_outside_of_every_transaction(agent: SubAccount, noted: list[int], work) -> None:
    outside = len(connection.atomic_blocks)
    work(agent)
    assert noted
    assert set(noted) == {outside}


@pytest.fixture
def full_line(agent: SubAccount, settings) -> Iterator[None]:
    """The agent's password hashed by Argon2; after it no hash may run, and none may wait.

    By the settings: a module that imported a patched function meanwhile would keep it.
    """
    settings.PASSWORD_HASHERS = ["core.hashing.Argon2"]
    agent.account.set_password(PASSWORD)
    agent.account.save()
    settings.PASSWORD_HASHES, settings.PASSWORD_PATIENCE_SECONDS = 0, 0
    hashing_line.cache_clear()
    yield
    hashing_line.cache_clear()


@pytest.mark.parametrize("account", ["小美", "nobody"])
@pytest.mark.parametrize("name", ["sign_in", "api_token"])
def test_who_finds_no_turn_is_told_to_come_again_whether_the_account_exists_or_not(
    client: Client, full_line: None, name: str, account: str
) -> None:
    api = name == "api_token"
    body = {"account" if api else "username": account, "password": PASSWORD}
    answer = (
        client.post(reverse(name), body, content_type="application/json") if api else client.post(reverse(name), body)
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    if api:
        assert answer.json()["code"] == "busy_sign_in"
