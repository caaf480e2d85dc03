"""One's own account: sessions and devices, tokens, notices, the first password, proofs, mail."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings as product
from django.core import mail
from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents.jobs import send_account_mails
from agents.models import Account, AccountMail, AccountNotice, AccountSession, AuthToken, ShopKey, SubAccount
from agents.proofs import PROVED_AT
from agents.services import add_sub_account, create_token, reset_password
from agents.vocabulary import NoticeKind, Role
from config.upkeep import drop_old_records
from routing import services as routing_services
from tests.agents.authenticator import give_app
from tests.agents.factories import actor_of, make_key, make_member, make_shop

pytestmark = pytest.mark.django_db
PASSWORD, NEW = "one-Long-password", "another-Long-password"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/143.0 Safari/537.36"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    caches["limits"].clear()


@pytest.fixture
def main() -> SubAccount:
    return add_sub_account(shop=make_shop("pdd"), account="老板", password=PASSWORD, roles=[Role.MAIN])


def sign_in(account: str = "老板", password: str = PASSWORD, client: Client | None = None, **extra: str) -> Client:
    client = client or Client(headers={"User-Agent": CHROME})
    client.post(reverse("sign_in"), {"username": account, "password": password}, **extra)
    return client


def signed_in(client: Client) -> bool:
    return client.get(reverse("account_security")).status_code == 200


def notices(kind: NoticeKind) -> int:
    return AccountNotice.objects.filter(kind=kind).count()


class TestSessions:
    def test_they_are_listed_with_address_and_browser_and_ended_one_by_one(self, main: SubAccount) -> None:
        here, there, third = sign_in(), sign_in(REMOTE_ADDR="203.0.113.9"), sign_in()
        page = here.get(reverse("account_security")).content.decode()
        assert "203.0.113.9" in page and "Chrome · Windows" in page and page.count("本机") == 1
        row = AccountSession.objects.get(address="203.0.113.9")
        here.post(reverse("session_end", args=[row.pk]))
        assert (signed_in(here), signed_in(there), signed_in(third)) == (True, False, True)
        here.post(reverse("sessions_end"))
        assert (signed_in(here), signed_in(third)) == (True, False)

    def test_another_s_session_is_not_ended(self, main: SubAccount) -> None:
        mine = sign_in()
        other = Client()
        other.force_login(make_member(main.shop).account)
        other.post(reverse("session_end", args=[AccountSession.objects.get().pk]))
        assert signed_in(mine)

    def test_the_page_shows_the_last_time_of_a_session(self, main: SubAccount) -> None:
        client = sign_in()
        long_ago = timezone.now() - timedelta(hours=5)
        AccountSession.objects.update(last_seen_at=long_ago)
        caches["default"].clear()
        client.get(reverse("home"))
        assert AccountSession.objects.get().last_seen_at > long_ago + timedelta(hours=4)

    def test_a_session_of_before_the_upgrade_is_listed_from_its_next_request(
        self, main: SubAccount, client: Client
    ) -> None:
        client.force_login(main.account)
        assert "本机" in client.get(reverse("account_security")).content.decode()

    def test_a_new_password_ends_the_others_and_keeps_this_one_listed(self, main: SubAccount) -> None:
        here, there = sign_in(), sign_in()
        here.post(reverse("password"), {"old_password": PASSWORD, "new_password": NEW, "repeat": NEW})
        assert (signed_in(here), signed_in(there)) == (True, False)
        assert here.get(reverse("account_security")).content.decode().count("本机") == 1
        assert AccountSession.objects.count() == 1

    def test_sessions_last_as_long_as_is_set(self, settings) -> None:
        assert product.SESSION_COOKIE_AGE == 14 * 24 * 3600

    def test_what_has_ended_is_forgotten_at_night(self, main: SubAccount) -> None:
        client = sign_in()
        client.post(reverse("sign_out"))
        drop_old_records()
        assert not AccountSession.objects.exists()


class TestTokens:
    def test_a_token_ends_and_is_listed_and_revoked_until_then(self, main: SubAccount) -> None:
        token = create_token(account=main.account)
        program = Client(headers={"Authorization": f"Token {token}"})
        row = AuthToken.objects.get()
        assert timedelta(days=89) < row.expires_at - timezone.now() <= timedelta(days=90)
        assert program.get("/api/v1/me/").status_code == 200
        AuthToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert program.get("/api/v1/me/").status_code == 401
        AuthToken.objects.update(expires_at=timezone.now() + timedelta(days=1))
        page = sign_in()
        url = reverse("token_revoke", args=[row.pk])
        assert url in page.get(reverse("account_security")).content.decode()
        page.post(url)
        assert program.get("/api/v1/me/").status_code == 401


class TestNotices:
    def test_a_notice_follows_a_sign_in_in_a_new_browser_but_not_the_first_or_a_known_one(
        self, main: SubAccount
    ) -> None:
        known = sign_in()
        assert notices(NoticeKind.NEW_DEVICE) == 0
        known.post(reverse("sign_out"))
        sign_in(client=known)
        assert notices(NoticeKind.NEW_DEVICE) == 0
        sign_in(REMOTE_ADDR="203.0.113.9")
        assert AccountNotice.objects.get(kind=NoticeKind.NEW_DEVICE).address == "203.0.113.9"
        page = known.get(reverse("sub_accounts", args=["pdd"])).content.decode()
        assert "账号安全有新通知" in page
        assert "在新的浏览器登录" in known.get(reverse("account_security")).content.decode()
        known.post(reverse("notices_acknowledge"))
        assert "账号安全有新通知" not in known.get(reverse("sub_accounts", args=["pdd"])).content.decode()

    def test_a_new_password_is_told_whoever_set_it(self, main: SubAccount) -> None:
        agent = add_sub_account(shop=main.shop, account="小美", password=PASSWORD)
        reset_password(actor=actor_of(main), sub_account=agent, password=NEW)
        assert AccountNotice.objects.get().account == agent.account
        client = sign_in("小美", NEW)
        client.post(reverse("password"), {"old_password": NEW, "new_password": PASSWORD, "repeat": PASSWORD})
        assert notices(NoticeKind.PASSWORD_RESET) == notices(NoticeKind.PASSWORD_CHANGED) == 1


class TestFirstPassword:
    def add(self, main: SubAccount) -> None:
        fields = {"account": "小美", "password": PASSWORD, "roles": ["agent"], "display_name": ""}
        client = sign_in()
        client.post(reverse("sub_account_new", args=["pdd"]), fields)

    def test_one_that_somebody_else_has_set_is_changed_before_anything_else(self, main: SubAccount) -> None:
        self.add(main)
        client = sign_in("小美")
        for path in (reverse("home"), reverse("conversations", args=["pdd"]), reverse("account_security")):
            assert client.get(path).headers["Location"] == reverse("password")
        assert client.get("/api/v1/me/").json()["code"] == "password_needed"
        part = client.get(reverse("home"), headers={"HX-Request": "true"})
        assert part.headers["HX-Redirect"] == reverse("password")
        assert "由他人设置" in client.get(reverse("password")).content.decode()
        same = {"old_password": PASSWORD, "new_password": PASSWORD, "repeat": PASSWORD}
        assert client.post(reverse("password"), same).status_code == 422
        done = client.post(reverse("password"), same | {"new_password": NEW, "repeat": NEW})
        assert done.headers["Location"] == reverse("home")
        assert signed_in(client)

    def test_a_reset_one_is_changed_too(self, main: SubAccount) -> None:
        agent = add_sub_account(shop=main.shop, account="小美", password=PASSWORD)
        reset_password(actor=actor_of(main), sub_account=agent, password=NEW)
        assert sign_in("小美", NEW).get(reverse("home")).headers["Location"] == reverse("password")

    def test_over_the_api_a_token_is_given_for_it_all_the_same(self, main: SubAccount, client: Client) -> None:
        routing_services.add_sub_account(shop=main.shop, account="小美", password=PASSWORD, known_to_others=True)
        body = {"account": "小美", "password": PASSWORD}
        assert client.post(reverse("api_token"), body, "application/json").status_code == 200

    def test_one_s_own_is_not(self, main: SubAccount) -> None:
        assert signed_in(sign_in())


class TestProofs:
    @pytest.fixture(autouse=True)
    def _demanded(self, settings) -> None:
        settings.STEP_UP_SECONDS = 600

    def old(self, client: Client) -> Client:
        session = client.session
        session[PROVED_AT] -= 601
        session.save()
        return client

    def test_for_a_while_after_the_sign_in_nothing_is_asked(self, main: SubAccount) -> None:
        assert sign_in().get(reverse("shop_keys", args=["pdd"])).status_code == 200

    @pytest.mark.parametrize("name", ["shop_keys", "sub_account_new", "outgoing_new_webhook", "sub_account_import"])
    def test_later_what_concerns_keys_roles_and_secrets_asks_again_and_then_goes_on(
        self, main: SubAccount, name: str
    ) -> None:
        client, path = self.old(sign_in()), reverse(name, args=["pdd"])
        place = f"{reverse('account_confirm')}?next={quote(path, safe='')}"
        assert client.get(path).headers["Location"] == place
        assert client.get(reverse("sub_accounts", args=["pdd"])).status_code == 200
        assert client.post(reverse("account_confirm"), {"password": "no", "next": path}).status_code == 422
        done = client.post(reverse("account_confirm"), {"password": PASSWORD, "next": path})
        assert done.headers["Location"] == path
        assert client.get(path).status_code == 200

    def test_a_part_of_a_page_leads_the_whole_page_there(self, main: SubAccount) -> None:
        client = self.old(sign_in())
        people = reverse("sub_accounts", args=["pdd"])
        answer = client.get(
            reverse("sub_account_new", args=["pdd"]),
            headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{people}"},
        )
        assert answer.headers["HX-Redirect"] == f"{reverse('account_confirm')}?next={quote(people, safe='')}"

    def test_a_session_without_any_proof_is_asked(self, main: SubAccount, client: Client) -> None:
        client.force_login(main.account)
        assert client.post(reverse("shop_keys", args=["pdd"]), {"name": "x"}).status_code == 302
        assert not ShopKey.objects.exists()

    def test_the_api_asks_a_session_and_no_token(self, main: SubAccount) -> None:
        session = self.old(sign_in())
        refused = session.post("/api/v1/shops/pdd/keys/", {"name": "x"}, "application/json")
        assert (refused.status_code, refused.json()["code"]) == (403, "proof_required")
        program = Client(headers={"Authorization": f"Token {create_token(account=main.account)}"})
        assert program.post("/api/v1/shops/pdd/keys/", {"name": "x"}, "application/json").status_code == 201

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("delete", "/api/v1/shops/pdd/buyers/b1/"),
            ("post", "/api/v1/shops/pdd/sub-accounts/"),
            ("patch", "/api/v1/shops/pdd/sub-accounts/老板/"),
            ("post", "/api/v1/shops/pdd/webhooks/"),
        ],
    )
    def test_erasure_roles_and_webhooks_ask_too(self, main: SubAccount, method: str, path: str) -> None:
        answer = getattr(self.old(sign_in()), method)(path, {}, content_type="application/json")
        assert answer.json()["code"] == "proof_required"

    def test_revoking_a_key_over_the_api_asks_too(self, main: SubAccount) -> None:
        key, _secret = make_key(main.shop)
        answer = self.old(sign_in()).delete(f"/api/v1/shops/pdd/keys/{key.pk}/")
        assert answer.json()["code"] == "proof_required"

    def test_a_code_is_a_proof_and_guessing_has_a_limit(self, main: SubAccount) -> None:
        client = sign_in()
        app, _codes = give_app(main.account)
        client.force_login(main.account)
        codes = [client.post(reverse("account_confirm"), {"code": "000000"}).status_code for _ in range(2)]
        assert codes == [422, 422]
        done = client.post(reverse("account_confirm"), {"code": app.code(30), "next": "https://evil.example/"})
        assert done.headers["Location"] == reverse("home")
        codes = [client.post(reverse("account_confirm"), {"password": f"no-{n}"}).status_code for n in range(6)]
        assert codes == [422, 422, 422, 422, 429, 429]


class TestMail:
    @pytest.fixture(autouse=True)
    def _mails(self, settings) -> None:
        settings.EMAIL_URL, settings.PUBLIC_URL = "smtp://mail.example", "https://fenliu.example"

    def link(self) -> str:
        send_account_mails()
        found = re.search(r"https://fenliu\.example(\S+)", str(mail.outbox[-1].body))
        assert found
        return found[1]

    def verified(self, main: SubAccount) -> Client:
        client = sign_in()
        client.post(reverse("email_change"), {"email": "boss@example.com"})
        client.get(self.link())
        return client

    def forgotten(self, account: str = "老板") -> HttpResponse:
        return Client().post(reverse("password_forgotten"), {"account": account})

    def test_an_address_is_the_account_s_once_its_link_is_opened(self, main: SubAccount) -> None:
        client = sign_in()
        client.post(reverse("email_change"), {"email": "boss@example.com"})
        assert Account.objects.get(account="老板").email == ""
        link = self.link()
        assert mail.outbox[-1].to == ["boss@example.com"]
        other = Client()
        other.force_login(make_member(main.shop).account)
        other.get(link)
        assert not Account.objects.exclude(email="").exists()
        client.get(link)
        assert Account.objects.get(account="老板").email == "boss@example.com"

    def test_notices_go_there_too(self, main: SubAccount) -> None:
        self.verified(main)
        sign_in(REMOTE_ADDR="203.0.113.9")
        assert send_account_mails() == 1
        assert "在新的浏览器登录" in mail.outbox[-1].subject and "203.0.113.9" in str(mail.outbox[-1].body)
        assert send_account_mails() == 0

    def test_a_forgotten_password_is_set_by_the_link_once(self, main: SubAccount) -> None:
        client = self.verified(main)
        answer = self.forgotten()
        link = self.link()
        form = {"new_password": NEW, "repeat": NEW}
        assert Client().post(link, {"new_password": "short", "repeat": "short"}).status_code == 422
        assert Client().post(link, form).headers["Location"] == reverse("sign_in")
        assert Client().post(link, form).status_code == 410
        assert not signed_in(client)
        assert signed_in(sign_in(password=NEW))
        unknown = self.forgotten("nobody")
        assert re.sub(r'value="\w+"', "", answer.content.decode()) == re.sub(
            r'value="\w+"', "", unknown.content.decode()
        )

    def test_without_a_verified_address_nothing_is_sent(self, main: SubAccount) -> None:
        self.forgotten()
        assert not AccountMail.objects.exists()

    def test_the_second_factor_is_still_asked_for(self, main: SubAccount) -> None:
        self.verified(main)
        give_app(main.account)
        self.forgotten()
        Client().post(self.link(), {"new_password": NEW, "repeat": NEW})
        client = Client()
        answer = client.post(reverse("sign_in"), {"username": "老板", "password": NEW})
        assert answer.headers["Location"] == reverse("second_factor")

    def test_mails_are_not_asked_for_without_end(self, main: SubAccount) -> None:
        self.verified(main)
        assert [self.forgotten().status_code for _ in range(7)] == [*[200] * 5, *[429] * 2]

    def test_a_mail_that_cannot_be_sent_is_tried_again_and_stops_no_other(self, main: SubAccount, settings) -> None:
        self.verified(main)
        self.forgotten()
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
            "django.core.mail.backends.smtp.EmailBackend",
            "127.0.0.1",
            1,
        )
        assert send_account_mails() == 0
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        assert send_account_mails() == 1

    def test_an_installation_without_mail_says_so(self, main: SubAccount, settings) -> None:
        settings.EMAIL_URL = ""
        assert "未配置邮件" in self.forgotten().content.decode()
        assert reverse("email_change") not in sign_in().get(reverse("account_security")).content.decode()
