"""Single sign-on against stand-ins: linked first, then in without a password; and every answer that proves nothing."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from agents.models import Account, AccountNotice, ExternalIdentity, SubAccount
from agents.vocabulary import NoticeKind
from tests.agents.authenticator import give_app
from tests.agents.factories import make_member, make_shop
from tests.agents.identity_providers import CLIENT, OTHER_KEY, Providers, identity_providers

pytestmark = pytest.mark.django_db
KINDS = ("oidc", "wecom", "dingtalk", "feishu")


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    caches["limits"].clear()


@pytest.fixture
def providers(settings) -> Iterator[Providers]:
    with identity_providers() as made:
        settings.SINGLE_SIGN_ON = made.settings()
        yield made


@pytest.fixture
def agent() -> SubAccount:
    return make_member(make_shop("pdd"), name="小美")


def link(agent: SubAccount, providers: Providers, kind: str = "oidc") -> HttpResponse:
    client = Client()
    client.force_login(agent.account)
    out = client.get(reverse("sign_on_link", args=[kind]))
    return client.get(providers.sign_in(out.headers["Location"]), follow=True)


def sign_on(providers: Providers, kind: str = "oidc", place: str = "") -> tuple[Client, HttpResponse]:
    client = Client()
    out = client.get(reverse("sign_on", args=[kind]), {"next": place})
    return client, client.get(providers.sign_in(out.headers["Location"]))


def signed_in(client: Client) -> bool:
    return client.get(reverse("account_security")).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_a_linked_account_comes_in_without_a_password(agent: SubAccount, providers: Providers, kind: str) -> None:
    page = link(agent, providers, kind).content.decode()
    assert "已关联" in page
    assert ExternalIdentity.objects.get().account == agent.account
    client, answer = sign_on(providers, kind, "/s/pdd/")
    assert answer.headers["Location"] == "/s/pdd/"
    assert signed_in(client)
    assert AccountNotice.objects.filter(kind=NoticeKind.IDENTITY_LINKED).count() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_nobody_has_linked_opens_nothing_and_makes_no_account(
    agent: SubAccount, providers: Providers, kind: str
) -> None:
    before = Account.objects.count()
    client, answer = sign_on(providers, kind)
    assert answer.headers["Location"] == reverse("sign_in")
    assert "尚未关联" in client.get(reverse("sign_in")).content.decode()
    assert not signed_in(client)
    assert Account.objects.count() == before


def test_one_provider_s_name_is_not_another_s(agent: SubAccount, providers: Providers) -> None:
    link(agent, providers, "dingtalk")
    assert not signed_in(sign_on(providers, "feishu")[0])


def test_the_second_factor_is_asked_for_all_the_same(agent: SubAccount, providers: Providers) -> None:
    link(agent, providers)
    app, _codes = give_app(agent.account)
    client, answer = sign_on(providers, place="/s/pdd/")
    assert answer.headers["Location"] == reverse("second_factor")
    assert not signed_in(client)
    assert client.post(reverse("second_factor"), {"code": app.code(30)}).headers["Location"] == "/s/pdd/"


def test_a_disabled_account_stays_out(agent: SubAccount, providers: Providers) -> None:
    link(agent, providers)
    Account.objects.update(is_active=False)
    assert not signed_in(sign_on(providers)[0])


def test_an_identity_belongs_to_one_account_until_it_is_unlinked(agent: SubAccount, providers: Providers) -> None:
    link(agent, providers)
    colleague = make_member(agent.shop)
    assert "已关联了一个账号" in link(colleague, providers).content.decode()
    client = Client()
    row = ExternalIdentity.objects.get()
    client.force_login(colleague.account)
    client.post(reverse("identity_unlink", args=[row.pk]))
    assert ExternalIdentity.objects.exists(), "another's link stays"
    client.force_login(agent.account)
    client.post(reverse("identity_unlink", args=[row.pk]))
    assert not signed_in(sign_on(providers)[0])


WRONG_TOKENS: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "x"}},
    "another audience": {"claims": {"aud": "another"}},
    "made for another": {"claims": {"aud": [CLIENT, "another"], "azp": "another"}},
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "too old": {"claims": {"exp": int(time.time()) - 3600}},
    "no end": {"claims": {"exp": None}},
    "no subject": {"claims": {"sub": ""}},
    "another key": {"key": OTHER_KEY},
    "signed with the secret": {"key": "client-secret" * 4, "algorithm": "HS256"},
    "not signed": {"key": None, "algorithm": "none"},
}


@pytest.mark.parametrize("wrong", WRONG_TOKENS.values(), ids=WRONG_TOKENS)
def test_a_token_that_proves_nothing_is_refused(agent: SubAccount, providers: Providers, wrong: dict[str, Any]) -> None:
    link(agent, providers)
    for name, value in wrong.items():
        setattr(providers, name, value)
    client, answer = sign_on(providers)
    assert answer.headers["Location"] == reverse("sign_in")
    assert not signed_in(client)


def test_the_question_carries_state_nonce_and_a_challenge(agent: SubAccount, providers: Providers) -> None:
    url = Client().get(reverse("sign_on", args=["oidc"])).headers["Location"]
    asked = parse_qs(urlsplit(url).query)
    assert asked["response_type"] == ["code"] and asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
    assert asked["redirect_uri"] == ["http://testserver/sign-in/with/oidc/done/"]


@pytest.mark.parametrize("what", ["another browser", "another state", "no code", "twice", "another provider", "late"])
def test_an_answer_to_another_question_is_refused(agent: SubAccount, providers: Providers, what: str) -> None:
    link(agent, providers)
    client = Client()
    back = providers.sign_in(client.get(reverse("sign_on", args=["oidc"])).headers["Location"])
    if what == "another browser":
        client = Client()
    if what == "another state":
        back += "x"
    if what == "no code":
        back = back.replace("code=", "error=")
    if what == "another provider":
        back = back.replace("/oidc/", "/feishu/")
    if what == "late":
        session = client.session
        session["single_sign_on"] |= {"at": int(time.time()) - 601}
        session.save()
    if what == "twice":
        client.get(back)
        client.post(reverse("sign_out"))
    client.get(back)
    assert not signed_in(client)


def test_a_link_begun_by_one_account_is_not_finished_by_another(agent: SubAccount, providers: Providers) -> None:
    client = Client()
    client.force_login(agent.account)
    back = providers.sign_in(client.get(reverse("sign_on_link", args=["oidc"])).headers["Location"])
    session = client.session
    session["single_sign_on"] |= {"link": make_member(agent.shop).account_id}
    session.save()
    client.get(back)
    assert not ExternalIdentity.objects.exists()


def test_who_is_no_member_of_the_company_stays_out(agent: SubAccount, providers: Providers) -> None:
    link(agent, providers, "wecom")
    providers.member = False
    assert not signed_in(sign_on(providers, "wecom")[0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_provider_that_is_away_is_said_and_the_password_still_works(
    agent: SubAccount, providers: Providers, settings, kind: str
) -> None:
    away = {"issuer": "http://127.0.0.1:1", "api": "http://127.0.0.1:1"}
    values = settings.SINGLE_SIGN_ON[kind]
    settings.SINGLE_SIGN_ON = {kind: values | {name: url for name, url in away.items() if name in values}}
    client = Client()
    out = client.get(reverse("sign_on", args=[kind]))
    if kind != "oidc":
        out = client.get(providers.sign_in(out.headers["Location"]))
    assert out.headers["Location"] == reverse("sign_in")
    assert "登录未成功" in client.get(reverse("sign_in")).content.decode()


def test_what_is_set_up_stands_on_the_sign_in_page_and_nothing_else(
    agent: SubAccount, providers: Providers, settings
) -> None:
    assert all(
        word in Client().get(reverse("sign_in")).content.decode() for word in ("公司账号", "企业微信", "钉钉", "飞书")
    )
    settings.SINGLE_SIGN_ON = {}
    assert "/sign-in/with/" not in Client().get(reverse("sign_in")).content.decode()
    assert Client().get(reverse("sign_on", args=["oidc"])).status_code == 404
