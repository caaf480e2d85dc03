"""From which website, how often, how much: CORS, framing, limits, sizes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from agents.models import Shop
from tests.agents.factories import make_member
from tests.chat.builders import ORIGIN, BuyerOf, forget_limits, make_chat

pytestmark = pytest.mark.django_db(transaction=True)
FOREIGN = "https://evil.example"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def shop() -> Shop:
    return make_chat()


def test_a_listed_website_may_read_the_answers_and_no_other(shop: Shop) -> None:
    buyer = BuyerOf(shop, "b1")
    answer = buyer.call("get", "updates/?after=0", Origin=ORIGIN)
    assert answer["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Credentials" not in answer
    assert "Origin" in answer["Vary"] and "Cookie" not in answer["Vary"]
    for origin in (FOREIGN, "null", ORIGIN + ".evil.example", "http://www.xiaoman.example", ORIGIN + ":8443"):
        answer = buyer.call("get", "updates/?after=0", Origin=origin)
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_listed"), origin
        assert "Access-Control-Allow-Origin" not in answer
    assert buyer.call("get", "updates/?after=0", Origin="http://testserver").status_code == 200
    assert buyer.call("get", "updates/?after=0").status_code == 200


def test_another_shops_website_is_not_this_ones(shop: Shop) -> None:
    make_chat(origins=(FOREIGN,))
    assert BuyerOf(shop, "b1").call("get", "updates/?after=0", Origin=FOREIGN).status_code == 403


def test_browsers_may_ask_before_they_call(shop: Shop) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    answer = BuyerOf(shop).call("options", "messages/", Origin=ORIGIN, **asked)
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Origin"] == ORIGIN
    assert "Authorization" in answer["Access-Control-Allow-Headers"]
    refused = BuyerOf(shop).call("options", "messages/", Origin=FOREIGN, **asked)
    assert refused.status_code == 403
    assert "Access-Control-Allow-Origin" not in refused


def test_only_the_listed_websites_may_frame_the_chat(shop: Shop) -> None:
    page = Client().get(f"/chat/{shop.slug}/")
    assert f"frame-ancestors {ORIGIN};" in page["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in page
    assert not page.cookies
    assert "unsafe" not in page["Content-Security-Policy"]
    alone = make_chat(origins=())
    assert "frame-ancestors 'none'" in Client().get(f"/chat/{alone.slug}/")["Content-Security-Policy"]


def test_every_other_page_stays_unframed(shop: Shop) -> None:
    client = Client()
    client.force_login(make_member(shop, "main").account)
    for path in ("/sign-in/", f"/s/{shop.slug}/chat/", f"/chat/{shop.slug}/widget.js", f"/s/{shop.slug}/keys/"):
        answer = client.get(path)
        assert answer["X-Frame-Options"] == "DENY", path
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_the_script_knows_its_shop_and_may_be_loaded_from_anywhere(shop: Shop) -> None:
    script = Client().get(f"/chat/{shop.slug}/widget.js")
    assert script["Content-Type"].startswith("text/javascript")
    assert script["Cross-Origin-Resource-Policy"] == "cross-origin"
    text = script.content.decode()
    assert f'["{shop.slug}"]' in text and ORIGIN in text and "adoptedStyleSheets" in text
    assert not script.cookies


@pytest.mark.parametrize("limit", ["messages", "reads", "calls"])
def test_who_calls_too_often_is_told_when_to_come_back(shop: Shop, settings, limit: str) -> None:
    settings.CHAT_LIMITS = settings.CHAT_LIMITS | {limit: (2, 3600)}
    buyer = BuyerOf(shop, "b1")
    answers = [buyer.writes(f"{n}") if limit == "messages" else buyer.call("get", "updates/?after=0") for n in range(3)]
    assert [answer.status_code for answer in answers] == [*[201 if limit == "messages" else 200] * 2, 429]
    assert answers[2].json()["code"] == "too_many"
    assert 0 < int(answers[2]["Retry-After"]) <= 3600
    if limit != "calls":
        assert BuyerOf(shop, "b2").call("get", "updates/?after=0").status_code == 200
    forget_limits()
    assert buyer.call("get", "updates/?after=0").status_code == 200


def test_new_buyers_are_counted_by_address(shop: Shop, settings) -> None:
    settings.CHAT_LIMITS = settings.CHAT_LIMITS | {"new_buyers": (1, 3600)}
    known = BuyerOf(shop)
    assert known.enters()["token"]
    assert BuyerOf(shop).call("post", "start/", {}).status_code == 429
    assert known.call("post", "start/", {}).status_code == 200


@pytest.mark.redis
def test_with_redis_all_processes_count_together(shop: Shop, settings) -> None:
    if "REDIS_URL" not in os.environ:
        pytest.skip("needs Redis: run through `make test`")
    assert settings.CACHES["limits"]["BACKEND"].endswith("RedisCache")
    settings.CHAT_LIMITS = settings.CHAT_LIMITS | {"reads": (3, 3600)}
    buyer = BuyerOf(shop, "b1")
    assert buyer.call("get", "updates/?after=0").status_code == 200
    begin = (
        "import sys, django; django.setup(); from django.conf import settings; settings.CHAT_LIMITS['reads'] = 3, 3600"
    )
    count = "from chat.limits import READS; print([READS.spend(sys.argv[1]) > 0 for _ in range(3)])"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    other = [sys.executable, "-c", f"{begin}; {count}", f"{shop.pk}:b1"]
    told = subprocess.run(other, env=environment, capture_output=True, text=True, check=True, cwd=ROOT)
    assert told.stdout.strip() == "[False, False, True]"
    assert buyer.call("get", "updates/?after=0").status_code == 429


def test_a_cache_that_is_away_limits_nobody(shop: Shop, settings, caplog) -> None:
    settings.CACHES = settings.CACHES | {
        "limits": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    assert BuyerOf(shop, "b1").call("get", "updates/?after=0").status_code == 200
    assert "counts calls is away" in caplog.text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": "x" * 2001}, 400, "invalid"),
        ({"text": "x" * 20_000}, 413, "too_large"),
        ({"text": "   "}, 422, "text_missing"),
        ({"text": "a\x00b"}, 400, "invalid"),
        ({"message_id": "short"}, 400, "invalid"),
        ({"message_id": "x" * 41}, 400, "invalid"),
        ({"hot_question": 0}, 400, "invalid"),
        ({"hot_question": 12345}, 422, "unknown_hot_question"),
        ({"order": {"title": "without a number"}}, 400, "invalid"),
        ({"kind": "video"}, 400, "invalid"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(shop: Shop, body: dict[str, object], status: int, code: str) -> None:
    buyer = BuyerOf(shop, "b1")
    answer = buyer.writes("x", **body) if "text" not in body else buyer.writes(**body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert buyer.state()["conversation"] is None


def test_no_json_is_no_request(shop: Shop) -> None:
    buyer = BuyerOf(shop, "b1")
    header = {"Authorization": f"Chat {buyer.token}"}
    raw = Client(headers=header).post(f"{buyer.base}messages/", "{", content_type="application/json")
    assert (raw.status_code, raw.json()["code"]) == (400, "parse_error")
    form = Client(headers=header).post(f"{buyer.base}messages/", {"text": "x"})
    assert form.status_code == 415


@pytest.mark.parametrize(("platform", "default"), [("pinduoduo", "shop_home"), ("douyin", "other"), ("taobao", "x")])
def test_an_entry_that_the_platform_does_not_know_comes_by_the_general_one(platform: str, default: str) -> None:
    shop = make_chat(platform=platform)
    buyer = BuyerOf(shop)
    assert buyer.enters(entry="x")["entry"] == default
    answer = buyer.writes(entry="x", order_status="nonsense")
    assert answer.status_code == 201, answer.content


def test_errors_are_in_the_buyers_language(shop: Shop) -> None:
    stranger = BuyerOf(shop)
    assert "令牌" in stranger.call("get", "updates/?after=0").json()["message"]
    assert "token" in stranger.call("get", "updates/?after=0&lang=en").json()["message"]


def test_new_buyers_from_one_64_count_as_one_address(shop: Shop, settings) -> None:
    settings.CHAT_LIMITS = settings.CHAT_LIMITS | {"new_buyers": (3, 3600)}
    answers = [
        Client().post(f"/chat/{shop.slug}/start/", {}, "application/json", REMOTE_ADDR=f"2001:db8:1:2::{n:x}")
        for n in range(9)
    ]
    assert [answer.status_code for answer in answers] == [*[200] * 3, *[429] * 6]
    other = Client().post(f"/chat/{shop.slug}/start/", {}, "application/json", REMOTE_ADDR="2001:db8:1:3::1")
    assert other.status_code == 200
