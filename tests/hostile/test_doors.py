"""What every answer carries, what cookies are, who is let in, and that nothing forged passes: over every URL."""

import pytest
from django.conf import settings as product
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from agents.api.me import MeView
from agents.models import AuthToken, Shop, SubAccount
from agents.services import create_key, create_token, revoke_key
from agents.vocabulary import Role
from tests.agents.factories import actor_of, make_account, make_member, make_shop
from tests.test_url_permissions import url_of
from tests.url_table import ROWS, Row

PASSWORD = "correct horse 9"
PAGES = [row for row in ROWS if row.kind in ("page", "account", "operator_page") and row.method == "GET"]
POSTS = [row for row in ROWS if row.kind in ("page", "account", "operator_page") and row.method == "POST"]
WRITES = [row for row in ROWS if row.kind in ("api", "person", "operator", "authenticated") and row.method != "GET"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return make_shop("first")


@pytest.fixture
def main(shop: Shop) -> SubAccount:
    return make_member(shop, Role.MAIN, Role.AGENT, name="main")


def inside(member: SubAccount, **how: bool) -> Client:
    client = Client(**how)
    assert member.account is not None
    client.force_login(member.account)
    return client


def policy_of(response: HttpResponse) -> dict[str, list[str]]:
    parts = response.headers["Content-Security-Policy"].split(";")
    return {name: sources for name, *sources in (part.split() for part in parts)}


def faults_of(response: HttpResponse) -> list[str]:
    """What a page lacks of a strict door."""
    headers = response.headers
    policy = policy_of(response)
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    faults = [f"{name}: {headers.get(name)}" for name, value in wanted.items() if headers.get(name) != value]
    strict = {"default-src": "'self'", "script-src": "'self'", "object-src": "'none'", "frame-ancestors": "'none'"}
    faults += [f"{name} {policy.get(name)}" for name, only in strict.items() if policy.get(name) != [only]]
    faults += [f"{name} is missing" for name in ("base-uri", "form-action") if name not in policy]
    loose = {name for name, sources in policy.items() if {"'unsafe-inline'", "'unsafe-eval'", "*"} & set(sources)}
    return faults + [f"{name} is loose" for name in loose - {"style-src-attr"}]


@pytest.mark.parametrize("row", PAGES, ids=str)
def test_every_page_is_strict_and_kept_nowhere(row: Row, shop: Shop, main: SubAccount) -> None:
    client = inside(main)
    if row.kind == "operator_page":
        client.force_login(make_account(operator=True))
    answer = client.get(url_of(row, shop, shop))
    assert not faults_of(answer)
    assert answer.headers["Cache-Control"].split(",")[0] != "public"
    assert "no-store" in answer.headers["Cache-Control"] or "no-cache" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/sign-in/", "/nowhere/", "/api/docs/", "/admin/", "/api/v1/me/", "/api/v1/nowhere/"])
def test_the_doors_and_errors_are_as_strict(path: str) -> None:
    client = Client()
    if path == "/admin/":
        client.force_login(make_account(operator=True))
    if path == "/sign-in/":
        path = reverse("sign_in")
    assert not faults_of(client.get(path))


@pytest.mark.parametrize("row", POSTS, ids=str)
def test_a_form_from_another_website_is_refused_everywhere(row: Row, shop: Shop, main: SubAccount) -> None:
    client = inside(main, enforce_csrf_checks=True)
    answer = client.post(url_of(row, shop, shop), row.data, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize("row", WRITES, ids=str)
def test_a_session_alone_writes_nothing_over_the_api(row: Row, shop: Shop, main: SubAccount) -> None:
    """Or another website's script could. A token in a header is sent by no browser of its own accord."""
    client = inside(main, enforce_csrf_checks=True)
    answer = getattr(client, row.method.lower())(url_of(row, shop, shop), row.data, content_type="application/json")
    assert answer.status_code == 403
    assert "CSRF" in answer.json()["message"]


def test_cookies_are_for_this_website_alone_and_no_script_reads_them(main: SubAccount) -> None:
    assert main.account is not None
    main.account.set_password(PASSWORD)
    main.account.save()
    client = Client()
    client.get(reverse("sign_in"))
    client.post(reverse("sign_in"), {"username": "main", "password": PASSWORD})
    client.post(reverse("set_language"), {"language": "en"})
    assert len(client.cookies) == 4
    for name, cookie in client.cookies.items():
        assert (cookie["samesite"], cookie["httponly"], cookie["path"], cookie["domain"]) == ("Lax", True, "/", ""), (
            name
        )


def test_production_sends_cookies_over_tls_alone_and_says_so_for_a_year(settings, main: SubAccount) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31_536_000
    for name in ("SESSION", "CSRF", "LANGUAGE"):
        assert hasattr(product, f"{name}_COOKIE_SECURE")
        setattr(settings, f"{name}_COOKIE_SECURE", True)
    assert Client().get("/").status_code == 301
    assert main.account is not None
    main.account.set_password(PASSWORD)
    main.account.save()
    client = Client()
    answer = client.post(reverse("sign_in"), {"username": "main", "password": PASSWORD}, secure=True)
    client.post(reverse("set_language"), {"language": "en"}, secure=True)
    assert all(cookie["secure"] for cookie in client.cookies.values())
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_signing_in_makes_a_session_of_its_own_and_signing_out_ends_it(main: SubAccount) -> None:
    assert main.account is not None
    main.account.set_password(PASSWORD)
    main.account.save()
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[product.SESSION_COOKIE_NAME] = planted = session.session_key
    client.post(reverse("sign_in"), {"username": "main", "password": PASSWORD})
    kept = client.cookies[product.SESSION_COOKIE_NAME].value
    assert kept != planted
    client.post(reverse("sign_out"))
    client.cookies[product.SESSION_COOKIE_NAME] = kept
    assert client.get("/api/v1/me/").status_code == 401


def test_a_revoked_key_is_refused_by_its_next_call_of_every_kind(shop: Shop, main: SubAccount) -> None:
    key, secret = create_key(actor=actor_of(main), name="商城")
    client = Client(headers={"Authorization": f"Token {secret}"})
    rows = [row for row in ROWS if row.kind in ("api", "authenticated")]
    calls = [(row.method.lower(), url_of(row, shop, shop)) for row in rows]
    assert client.get("/api/v1/shops/first/conversations/").status_code == 200
    revoke_key(actor=actor_of(main), key=key)
    answers = {getattr(client, method)(url, content_type="application/json").status_code for method, url in calls}
    assert answers == {401}


def test_a_token_that_is_gone_is_refused_by_its_next_call(main: SubAccount) -> None:
    assert main.account is not None
    client = Client(headers={"Authorization": f"Token {create_token(account=main.account)}"})
    assert client.get("/api/v1/me/").status_code == 200
    AuthToken.objects.all().delete()
    assert client.get("/api/v1/me/").status_code == 401
    assert client.get("/api/v1/stream/").status_code == 401


@pytest.mark.parametrize("path", ["/", "/api/v1/me/"])
def test_a_fault_of_ours_shows_nothing_of_itself(main: SubAccount, monkeypatch, path: str) -> None:
    def broken(*_given: object, **_named: object) -> None:
        raise RuntimeError("SELECT secret FROM /srv/fenliu/agents/models.py")

    monkeypatch.setattr(MeView, "get", broken)
    monkeypatch.setattr("agents.views.home.my_sub_accounts", broken)
    client = inside(main, raise_request_exception=False)
    answer = client.get(path)
    assert answer.status_code == 500
    assert not [
        word for word in ("SELECT", "srv", "RuntimeError", "Traceback", ".py") if word in answer.content.decode()
    ]
    assert not faults_of(answer)


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "evil.example:80", "a b"])
def test_a_host_that_is_not_ours_is_refused_and_not_repeated(host: str) -> None:
    for path in ("/", "/api/v1/me/"):
        answer = Client(headers={"Host": host}).get(path)
        assert answer.status_code == 400
        assert b"evil" not in answer.content


@pytest.mark.parametrize("forwarded", [{"X-Forwarded-Host": "evil.example"}, {"X-Original-URL": "/admin/"}])
def test_what_a_proxy_would_say_is_believed_of_nobody(main: SubAccount, forwarded: dict[str, str]) -> None:
    answer = inside(main).get("/api/v1/shops/?page_size=1", headers=forwarded)
    assert answer.status_code == 200
    assert b"evil" not in answer.content


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
def test_a_method_that_is_none_of_ours_is_refused(main: SubAccount, method: str) -> None:
    assert inside(main).generic(method, "/api/v1/me/").status_code == 405
    assert Client().generic(method, reverse("sign_in")).status_code == 405


def test_a_request_says_nothing_that_its_answer_does_not_need() -> None:
    """No Server, X-Powered-By or version of ours."""
    answer = Client().get(reverse("sign_in"))
    assert not {"Server", "X-Powered-By", "Via"} & set(answer.headers)
