"""Second factors: codes, recovery codes, passkeys, at the page and over the API; and who is made to have one."""

import json
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as product
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from agents.models import Account, AccountNotice, Authenticator, AuthToken, RecoveryCode, SubAccount
from agents.services import add_sub_account, create_operator, create_token
from agents.services.second_factors import renew_recovery_codes, verify_code
from agents.vocabulary import NoticeKind, Role
from tests.agents.authenticator import App, Passkey, give_app
from tests.agents.factories import make_member, make_shop

pytestmark = pytest.mark.django_db
PASSWORD = "one-Long-password"
NEXT_STEP = 30


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    caches["limits"].clear()


@pytest.fixture
def agent() -> SubAccount:
    return add_sub_account(shop=make_shop("pdd"), account="小美", password=PASSWORD, roles=[Role.MAIN])


@pytest.fixture
def app(agent: SubAccount) -> App:
    return give_app(agent.account)[0]


def sign_in(client: Client, password: str = PASSWORD, **form: str) -> HttpResponse:
    return client.post(reverse("sign_in"), {"username": "小美", "password": password, **form})


def prove(client: Client, code: str) -> HttpResponse:
    return client.post(reverse("second_factor"), {"code": code})


def signed_in(client: Client) -> bool:
    return client.get(reverse("account_security")).status_code == 200


def ask(client: Client, name: str, body: dict[str, Any] | None = None) -> HttpResponse:
    return client.post(reverse(name), body or {}, content_type="application/json")


def test_the_password_alone_opens_nothing_once_there_is_a_second_factor(app: App, client: Client) -> None:
    assert sign_in(client, next="/s/pdd/").headers["Location"] == reverse("second_factor")
    assert not signed_in(client)
    assert client.get("/api/v1/me/").status_code == 401
    assert prove(client, "000000").status_code == 422
    assert not signed_in(client)
    assert prove(client, app.code(NEXT_STEP)).headers["Location"] == "/s/pdd/"
    assert signed_in(client)


def test_without_a_right_password_there_is_no_second_step(app: App, client: Client) -> None:
    assert prove(client, app.code(NEXT_STEP)).headers["Location"] == reverse("sign_in")
    sign_in(client, password="wrong")
    assert prove(client, app.code(NEXT_STEP)).headers["Location"] == reverse("sign_in")


def test_a_code_is_good_once(app: App) -> None:
    code = app.code(NEXT_STEP)
    for expected in (302, 422):
        client = Client()
        sign_in(client)
        assert prove(client, code).status_code == expected


def test_an_old_code_is_good_no_more(app: App, client: Client) -> None:
    sign_in(client)
    assert prove(client, app.code(-90)).status_code == 422


def test_codes_are_not_guessed_without_end(app: App) -> None:
    codes = []
    for _ in range(8):
        client = Client()
        sign_in(client)  # a right password does not begin the count anew
        codes.append(prove(client, "000000").status_code)
    assert codes == [*[422] * 4, *[429] * 4]


def test_a_changed_password_ends_a_sign_in_that_waits_for_its_code(agent: SubAccount, app: App, client: Client) -> None:
    sign_in(client)
    account = Account.objects.get(pk=agent.account_id)
    account.set_password("another-Long-password")
    account.save()
    assert prove(client, app.code(NEXT_STEP)).headers["Location"] == reverse("sign_in")


def test_a_recovery_code_lets_in_once_and_is_told_of(agent: SubAccount) -> None:
    _app, codes = give_app(agent.account)
    assert len(codes) == 10
    for expected in (302, 422):
        client = Client()
        sign_in(client)
        assert prove(client, codes[3].lower()).status_code == expected
    assert AccountNotice.objects.filter(kind=NoticeKind.RECOVERY_CODE_USED).count() == 1
    assert RecoveryCode.objects.filter(used_at=None).count() == 9


def test_a_secret_that_no_key_opens_is_good_for_no_code(agent: SubAccount, settings) -> None:
    give_app(agent.account)
    settings.SECRETS_KEYS = [Fernet.generate_key().decode()]
    assert not verify_code(account=agent.account, code="123456")


def test_new_recovery_codes_replace_the_old_ones(agent: SubAccount, client: Client) -> None:
    _app, codes = give_app(agent.account)
    assert set(renew_recovery_codes(account=agent.account)).isdisjoint(codes)
    sign_in(client)
    assert prove(client, codes[0]).status_code == 422


def test_neither_the_secret_nor_a_code_is_kept_readably(agent: SubAccount) -> None:
    app, codes = give_app(agent.account)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM agents_authenticator")
        (stored,) = cursor.fetchone()
    assert stored.startswith("fsec1:") and app.secret not in stored
    assert Authenticator.objects.get().secret == app.secret
    kept = " ".join(RecoveryCode.objects.values_list("digest", flat=True))
    assert not any(code.replace("-", "") in kept for code in codes)


def test_an_app_is_set_up_on_the_page(agent: SubAccount, client: Client) -> None:
    sign_in(client)
    elsewhere = Client()
    sign_in(elsewhere)
    create_token(account=agent.account)
    page = client.get(reverse("totp_add"))
    app = App(page.context["secret"])
    wrong = client.post(reverse("totp_add"), {"code": "12", "name": ""})
    assert (wrong.status_code, wrong.context["secret"]) == (422, app.secret)
    done = client.post(reverse("totp_add"), {"code": app.code(), "name": "我的手机"}, follow=True)
    assert len(done.context["codes"]) == 10
    assert client.get(reverse("recovery_codes")).status_code == 302, "shown once"
    assert "我的手机" in client.get(reverse("account_security")).content.decode()
    assert not signed_in(elsewhere), "what came about by the password alone has ended"
    assert not AuthToken.objects.exists()


def test_removing_the_last_one_makes_the_password_enough_again(agent: SubAccount, app: App, client: Client) -> None:
    client.force_login(agent.account)
    client.post(reverse("factor_remove", args=[Authenticator.objects.get().pk]))
    assert not RecoveryCode.objects.exists()
    assert sign_in(Client()).headers["Location"] == reverse("home")
    kinds = set(AccountNotice.objects.values_list("kind", flat=True))
    assert {NoticeKind.SECOND_FACTOR_ADDED, NoticeKind.SECOND_FACTOR_REMOVED} <= kinds


def test_somebody_else_s_second_factor_is_not_removed(app: App, client: Client) -> None:
    client.force_login(make_member(make_shop()).account)
    client.post(reverse("factor_remove", args=[Authenticator.objects.get().pk]))
    assert Authenticator.objects.exists()


def test_a_token_needs_the_code_of_who_has_one(agent: SubAccount, app: App, client: Client) -> None:
    body = {"account": "小美", "password": PASSWORD}
    without = ask(client, "api_token", body)
    assert (without.status_code, without.json()["code"]) == (403, "second_factor_required")
    assert ask(client, "api_token", body | {"code": "000000"}).json()["code"] == "wrong_code"
    assert ask(client, "api_token", body | {"code": app.code(NEXT_STEP)}).json()["token"].startswith("fp_")


def add_passkey(client: Client, passkey: Passkey) -> HttpResponse:
    options = ask(client, "passkey_add_options").json()
    return ask(client, "passkey_add", {"credential": passkey.make(options), "name": "笔记本"})


def test_a_passkey_is_made_and_signs_in_without_a_password(agent: SubAccount, client: Client) -> None:
    passkey = Passkey()
    client.force_login(agent.account)
    assert add_passkey(client, passkey).json() == {"location": reverse("recovery_codes")}
    other = Client()
    options = ask(other, "passkey_options").json()
    assert options["allowCredentials"] == []
    answer = ask(other, "passkey_verify", {"credential": passkey.prove(options), "next": "/s/pdd/"})
    assert answer.json() == {"location": "/s/pdd/"}
    assert signed_in(other)


def test_a_passkey_is_the_second_factor_after_the_password(agent: SubAccount, client: Client) -> None:
    passkey = Passkey(verifies=False)
    client.force_login(agent.account)
    add_passkey(client, passkey)
    other = Client()
    sign_in(other, next="/s/pdd/")
    options = ask(other, "passkey_options").json()
    assert [one["id"] for one in options["allowCredentials"]] == [passkey.make(options)["id"]]
    assert ask(other, "passkey_verify", {"credential": passkey.prove(options)}).json() == {"location": "/s/pdd/"}
    assert signed_in(other)


@pytest.mark.parametrize("what", ["replayed", "website", "unverified", "key", "counter", "shape"])
def test_a_passkey_that_proves_nothing_is_refused(agent: SubAccount, client: Client, what: str) -> None:
    passkey, other = Passkey(), Client()
    client.force_login(agent.account)
    add_passkey(client, passkey)
    options = ask(other, "passkey_options").json()
    if what == "website":
        passkey.origin = "https://evil.example"
    if what == "unverified":
        passkey.verifies = False
    if what == "key":
        passkey.key = Passkey().key
    if what == "counter":
        Authenticator.objects.update(counter=500)
    credential = passkey.prove(options)
    if what == "replayed":
        ask(other, "passkey_options")
    if what == "shape":
        credential["response"] = {"clientDataJSON": 7}
    answer = ask(other, "passkey_verify", {"credential": credential})
    assert (answer.status_code, answer.json()["code"]) == (400, "passkey_refused")
    assert not signed_in(other)


def test_another_s_passkey_is_no_second_factor(agent: SubAccount, client: Client) -> None:
    mine, theirs = Passkey(), Passkey()
    client.force_login(agent.account)
    add_passkey(client, mine)
    colleague = Client()
    colleague.force_login(make_member(agent.shop).account)
    add_passkey(colleague, theirs)
    other = Client()
    sign_in(other)
    options = ask(other, "passkey_options").json()
    assert ask(other, "passkey_verify", {"credential": theirs.prove(options)}).status_code == 400


@pytest.mark.parametrize("body", ["", "[]", "[" * 100_000, '{"credential": []}', '{"credential": {"id": 7}}', "\xff"])
def test_a_body_that_is_no_answer_of_a_browser_is_refused(client: Client, body: str) -> None:
    answer = client.post(reverse("passkey_verify"), body, content_type="application/json")
    assert answer.status_code == 400
    assert json.loads(answer.content)["code"]


def test_challenges_for_strangers_have_a_limit(client: Client, settings) -> None:
    settings.SIGN_IN_LIMITS = product.SIGN_IN_LIMITS | {"challenges": (3, 600)}
    assert [ask(Client(), "passkey_options").status_code for _ in range(5)] == [200, 200, 200, 429, 429]


class TestOperators:
    @pytest.fixture(autouse=True)
    def _demanded(self, settings) -> None:
        settings.OPERATOR_SECOND_FACTOR = True

    @pytest.fixture
    def operator(self, client: Client) -> Account:
        account = create_operator(account="op", password=PASSWORD)
        client.post(reverse("sign_in"), {"username": "op", "password": PASSWORD})
        return account

    @pytest.mark.parametrize("path", ["/admin/", "/shops/new/", "/", "/admin/agents/shop/"])
    def test_an_operator_without_one_sets_it_up_before_anything_else(
        self, operator: Account, client: Client, path: str
    ) -> None:
        assert client.get(path).headers["Location"] == reverse("account_security")
        assert client.get("/api/v1/shops/").json()["code"] == "account_security_needed"
        assert "须开启两步验证" in client.get(reverse("account_security")).content.decode()
        give_app(operator)
        client.force_login(operator)
        assert client.get(path).status_code == 200

    def test_the_last_one_stays(self, operator: Account, client: Client) -> None:
        give_app(operator)
        client.force_login(operator)
        client.post(reverse("factor_remove", args=[Authenticator.objects.get().pk]))
        assert Authenticator.objects.exists()

    def test_nobody_else_is_led_there(self, agent: SubAccount, client: Client) -> None:
        sign_in(client)
        assert client.get(reverse("sub_accounts", args=["pdd"])).status_code == 200


def test_a_shop_lets_nobody_in_without_one_once_it_demands_it(agent: SubAccount, client: Client) -> None:
    colleague = make_member(agent.shop, Role.AGENT)
    token = create_token(account=colleague.account)
    client.force_login(agent.account)
    url, people = reverse("shop_second_factor", args=["pdd"]), reverse("sub_accounts", args=["pdd"])
    assert "请先为自己开启两步验证" in client.post(url, {"on": "1"}, follow=True).content.decode()
    give_app(agent.account)
    client.force_login(agent.account)
    assert "本店所有人现在都须开启两步验证" in client.post(url, {"on": "1"}, follow=True).content.decode()
    assert client.get(people).status_code == 200
    other = Client()
    other.force_login(colleague.account)
    assert other.get(reverse("conversations", args=["pdd"])).headers["Location"] == reverse("account_security")
    by_token = Client(headers={"Authorization": f"Token {token}"})
    refused = by_token.get("/api/v1/shops/pdd/conversations/")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    client.post(url, {"on": "0"})
    assert other.get(reverse("conversations", args=["pdd"])).status_code == 200


def test_an_admin_does_not_decide_that(agent: SubAccount, client: Client) -> None:
    client.force_login(make_member(agent.shop, Role.ADMIN).account)
    assert client.post(reverse("shop_second_factor", args=["pdd"]), {"on": "1"}).status_code == 403


def test_the_home_shop_helps_who_has_lost_theirs(agent: SubAccount, client: Client) -> None:
    colleague = make_member(agent.shop, Role.AGENT)
    give_app(colleague.account)
    client.force_login(agent.account)
    url = reverse("sub_account_second_factor", args=["pdd", colleague.name])
    assert url in client.get(reverse("sub_accounts", args=["pdd"])).content.decode()
    client.post(url)
    assert not Authenticator.objects.exists()
    assert not Account.objects.get(pk=colleague.account_id).has_second_factor


def test_the_command_helps_an_operator_who_has_lost_theirs(agent: SubAccount, app: App) -> None:
    call_command("reset_second_factor", "小美")
    assert not Authenticator.objects.exists()
    with pytest.raises(CommandError, match="nobody"):
        call_command("reset_second_factor", "nobody")
