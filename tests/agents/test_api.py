"""The API's people side: tokens, keys, shops, and one shape for every error (CONTRACT 5)."""

import hashlib
import json

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from agents.models import AuthToken, Shop, ShopKey
from agents.services import add_sub_account, create_token, revoke_key
from agents.vocabulary import Role
from tests.agents.factories import actor_of, make_account, make_key, make_member, make_shop

pytestmark = pytest.mark.django_db
GOOD = "one-Long-password"


def client_of(secret: str) -> Client:
    return Client(headers={"Authorization": f"Token {secret}"})


def client_as(*roles: str, shop: Shop | None = None) -> tuple[Client, Shop]:
    member = make_member(shop or make_shop("pdd"), *roles)
    return client_of(create_token(account=member.account)), member.shop


def send(client: Client, method: str, url: str, body: object):
    return getattr(client, method)(url, json.dumps(body), content_type="application/json")


def test_a_token_is_got_by_password_and_opens_me() -> None:
    shop = make_shop("pdd")
    add_sub_account(shop=shop, account="小美", password=GOOD, display_name="美美", max_concurrent=5)
    token = send(Client(), "post", reverse("api_token"), {"account": "小美", "password": GOOD}).json()["token"]
    me = client_of(token).get(reverse("api_me")).json()
    assert (me["account"], me["display_name"], me["is_operator"]) == ("小美", "美美", False)
    place = me["sub_accounts"][0]
    assert (place["shop"], place["roles"], place["status"], place["max_concurrent"]) == ("pdd", ["agent"], "offline", 5)


def test_a_wrong_password_gets_no_token() -> None:
    answer = send(Client(), "post", reverse("api_token"), {"account": "nobody", "password": "no"})
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_credentials")
    assert not AuthToken.objects.exists()


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token fp_unknown", "Token fk_unknown", "Token \xe9"])
def test_a_token_that_opens_nothing_is_401(header: str) -> None:
    answer = Client(headers={"Authorization": header}).get(reverse("api_me"))
    assert answer.status_code == 401
    assert set(answer.json()) == {"code", "message", "fields"}


def test_secrets_are_kept_hashed_alone() -> None:
    key, secret = make_key(make_shop())
    token = create_token(account=make_account())
    assert secret.startswith("fk_")
    assert secret.startswith(key.prefix)
    assert token.startswith("fp_")
    assert ShopKey.objects.get().digest == hashlib.sha256(secret.encode()).hexdigest()
    assert AuthToken.objects.get().digest == hashlib.sha256(token.encode()).hexdigest()
    stored = str(list(ShopKey.objects.values())) + str(list(AuthToken.objects.values()))
    assert secret not in stored
    assert token not in stored


def test_a_key_is_shown_once_and_listed_without_itself() -> None:
    client, shop = client_as(Role.MAIN)
    made = send(client, "post", reverse("api_keys", args=[shop.slug]), {"name": "商城"})
    assert made.status_code == 201
    assert set(made.json()) == {"id", "name", "key"}
    listed = client.get(reverse("api_keys", args=[shop.slug])).json()
    assert [row["name"] for row in listed["results"]] == ["商城"]
    assert made.json()["key"] not in json.dumps(listed)
    assert listed["next"] is None


def test_a_revoked_key_opens_nothing_from_then_on() -> None:
    shop = make_shop("pdd")
    key, secret = make_key(shop)
    assert client_of(secret).get(reverse("api_shop", args=["pdd"])).status_code == 403
    revoke_key(actor=actor_of(make_member(shop, Role.MAIN)), key=key)
    assert client_of(secret).get(reverse("api_shop", args=["pdd"])).status_code == 401


def test_the_use_of_a_key_is_remembered() -> None:
    _key, secret = make_key(make_shop("pdd"))
    client_of(secret).get(reverse("api_shop", args=["pdd"]))
    assert ShopKey.objects.get().last_used_at is not None


def test_one_sees_ones_own_shops_and_an_operator_all() -> None:
    client, _shop = client_as(Role.AGENT)
    make_shop("other")
    assert [row["slug"] for row in client.get(reverse("api_shops")).json()["results"]] == ["pdd"]
    operator = client_of(create_token(account=make_account(operator=True)))
    assert [row["slug"] for row in operator.get(reverse("api_shops")).json()["results"]] == ["other", "pdd"]


def test_lists_are_paged_by_next() -> None:
    operator = client_of(create_token(account=make_account(operator=True)))
    for n in range(5):
        make_shop(f"s{n}")
    url, seen = reverse("api_shops") + "?page_size=2", []
    while url:
        page = operator.get(url).json()
        seen += [row["slug"] for row in page["results"]]
        url = page["next"]
    assert seen == ["s0", "s1", "s2", "s3", "s4"]


def test_an_operator_makes_a_shop() -> None:
    operator = client_of(create_token(account=make_account(operator=True)))
    body = {"slug": "ny", "name": "纽约", "platform": "taobao", "timezone": "America/New_York"}
    answer = send(operator, "post", reverse("api_shops"), body)
    assert (answer.status_code, answer.json()) == (201, body)
    again = send(operator, "post", reverse("api_shops"), body)
    assert (again.status_code, again.json()["code"]) == (409, "shop_exists")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"slug": "a b", "platform": "taobao"}, "slug"),
        ({"slug": "ny", "platform": "amazon"}, "platform"),
        ({"slug": "ny", "platform": "taobao", "timezone": "Mars"}, "timezone"),
        ({"slug": "ny", "platform": "taobao", "colour": "red"}, "colour"),
        ({"slug": "ny"}, "platform"),
        ({"slug": ["ny"], "platform": "taobao"}, "slug"),
    ],
)
def test_a_bad_shop_is_refused_at_its_field_and_not_made(body: dict, field: str) -> None:
    operator = client_of(create_token(account=make_account(operator=True)))
    answer = send(operator, "post", reverse("api_shops"), body)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert not Shop.objects.exists()


def test_a_shops_name_and_time_zone_change_and_its_platform_does_not() -> None:
    client, shop = client_as(Role.ADMIN)
    url = reverse("api_shop", args=[shop.slug])
    assert send(client, "patch", url, {"name": "新名", "platform": "pinduoduo"}).json()["name"] == "新名"
    refused = send(client, "patch", url, {"name": "x", "platform": "taobao"})
    assert (refused.status_code, refused.json()["code"], list(refused.json()["fields"])) == (
        400,
        "cannot_change",
        ["platform"],
    )
    assert Shop.objects.get(pk=shop.pk).name == "新名"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("get", "/api/v1/nothing/", "", 404, "not_found"),
        ("get", "/api/v1/shops/nowhere/", "", 404, "not_found"),
        ("put", "/api/v1/me/", "", 405, "method_not_allowed"),
        ("post", "/api/v1/shops/pdd/keys/", "{broken", 400, "parse_error"),
        ("post", "/api/v1/shops/pdd/keys/", "[1]", 400, "invalid"),
    ],
)
def test_every_error_has_one_shape(method: str, path: str, body: str, status: int, code: str) -> None:
    client, _shop = client_as(Role.MAIN)
    answer = client.generic(method.upper(), path, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()) == {"code", "message", "fields"}


def test_the_schema_has_no_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")
    assert "Warning" not in capsys.readouterr().err


def test_half_a_character_is_refused_where_it_stands_and_not_an_error_of_ours(client: Client) -> None:
    body = '{"account": "\\ud800", "password": "x"}'
    answer = client.post("/api/v1/auth/token/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
