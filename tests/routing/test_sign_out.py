"""Presence ends with the session that holds it, at once; what is still open is asked about first (G9, G18)."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents.models import Account, AccountSession, PresenceLease, PresenceLog, Shop, SubAccount
from agents.services import add_sub_account, create_token
from agents.vocabulary import Role
from conversations.models import Conversation
from conversations.states import Sender
from core.clock import ClockGuard
from routing import services
from tests.agents.factories import make_account, make_member, make_shop
from tests.routing.test_api import Caller

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PASSWORD, NEW = "one-Long-password", "another-Long-password"


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def agent(shop: Shop) -> SubAccount:
    return add_sub_account(shop=shop, account="a1", password=PASSWORD)


def sign_in(password: str = PASSWORD) -> Client:
    client = Client()
    assert client.post(reverse("sign_in"), {"username": "a1", "password": password}).status_code == 302
    return client


@pytest.fixture
def browser(agent: SubAccount, shop: Shop) -> Client:
    """Signed in, and online by its page."""
    client = sign_in()
    switch(client, shop)
    return client


def switch(client: Client, shop: Shop, status: str = "online") -> None:
    assert client.post(f"/s/{shop.slug}/presence/", {"status": status}, headers=HTMX).status_code == 200


def state(agent: SubAccount) -> tuple[str, str, bool]:
    """Status, why it is so, whether a lease is left."""
    agent.refresh_from_db()
    last = PresenceLog.objects.filter(sub_account=agent).first()
    return agent.status, last.reason if last else "", PresenceLease.objects.filter(sub_account=agent).exists()


def opens(shop: Shop, name: str) -> Conversation:
    return services.open_conversation(shop=shop, buyer=name, external_id=name, entry="goods_detail").conversation


def holders(shop: Shop) -> dict[str, str | None]:
    return dict(Conversation.objects.for_shop(shop).order_by("pk").values_list("external_id", "holder__name"))


def colleague(shop: Shop, name: str = "a2") -> None:
    make_member(shop, Role.AGENT, name=name)
    services.set_presence(shop=shop, agent=name, status="online")


def boss_of(shop: Shop) -> Caller:
    return Caller(shop, member=make_member(shop, Role.MAIN, name=f"boss-{shop.slug}"))


# -- signing out ----------------------------------------------------------------------------------


def test_signing_out_ends_the_presence_at_once_and_nobody_is_given_a_buyer_any_more(
    browser: Client, shop: Shop, agent: SubAccount
) -> None:
    response = browser.post(reverse("sign_out"))
    assert (response.status_code, response.headers["Location"]) == (302, reverse("sign_in"))
    assert state(agent) == ("offline", "signed_out", False)
    assert opens(shop, "next").state == "queued"
    assert PresenceLog.objects.latest("pk").by == agent.account


def test_in_every_shop_that_the_page_held(browser: Client, agent: SubAccount) -> None:
    other = make_shop(platform="taobao")
    place = make_member(other, Role.AGENT, account=agent.account)
    switch(browser, other)
    browser.post(reverse("sign_out"))
    assert (state(agent)[0], state(place)[0]) == ("offline", "offline")


def test_with_conversations_open_it_asks_first_and_changes_nothing(
    browser: Client, shop: Shop, agent: SubAccount
) -> None:
    opens(shop, "c1")
    response = browser.post(reverse("sign_out"), headers=HTMX)
    page = response.content.decode()
    assert (response.status_code, response.headers["HX-Retarget"]) == (200, "#dialog-host")
    assert f'hx-post="{reverse("sign_out")}"' in page and 'value="hand_back"' in page
    assert state(agent)[0] == "online"
    assert browser.get(reverse("password")).status_code == 200


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ({"then": "hand_back"}, "a2"),
        ({"then": "transfer", "to": "a2"}, "a2"),
        ({"then": "keep"}, "a1"),
    ],
)
def test_the_answer_is_carried_out_and_then_the_session_ends(
    browser: Client, shop: Shop, agent: SubAccount, then: dict[str, str], expected: str
) -> None:
    opens(shop, "c1")
    services.post_message(shop=shop, conversation="c1", sender=Sender.AGENT, text="好的")
    colleague(shop)
    response = browser.post(reverse("sign_out"), then, headers=HTMX)
    assert response.headers["HX-Redirect"] == reverse("sign_in")
    assert holders(shop) == {"c1": expected}
    assert state(agent) == ("offline", "signed_out", False)
    assert browser.get(reverse("password")).status_code == 302


def test_a_transfer_that_is_refused_signs_nobody_out(browser: Client, shop: Shop, agent: SubAccount) -> None:
    opens(shop, "c1")
    make_member(shop, Role.AGENT, name="away")
    response = browser.post(reverse("sign_out"), {"then": "transfer", "to": "away"}, headers=HTMX)
    assert response.status_code == 422
    assert state(agent)[0] == "online"
    assert browser.get(reverse("password")).status_code == 200


def test_without_a_script_it_asks_nothing_and_who_waits_goes_on(browser: Client, shop: Shop, agent: SubAccount) -> None:
    opens(shop, "c1")
    colleague(shop)
    assert browser.post(reverse("sign_out")).status_code == 302
    assert holders(shop) == {"c1": "a2"}
    assert state(agent)[0] == "offline"


def test_a_status_set_by_the_api_ends_too_unless_a_program_of_theirs_is_signed_in(
    shop: Shop, agent: SubAccount
) -> None:
    for program, expected in ((False, "offline"), (True, "online")):
        client = sign_in()
        services.set_presence(shop=shop, agent="a1", status="online", lease=False)
        if program:
            create_token(account=agent.account)
        client.post(reverse("sign_out"))
        assert state(agent)[0] == expected


def test_a_page_of_another_session_keeps_its_presence(browser: Client, agent: SubAccount) -> None:
    other = sign_in()
    other.post(reverse("sign_out"))
    assert state(agent) == ("online", "", True)
    browser.post(reverse("sign_out"))
    assert state(agent)[0] == "offline"


def test_who_is_offline_or_has_no_shop_signs_out_as_before(agent: SubAccount) -> None:
    client = sign_in()
    client.post(reverse("sign_out"))
    assert not PresenceLog.objects.exists()
    operator = Client()
    operator.force_login(make_account(operator=True))
    assert operator.post(reverse("sign_out")).status_code == 302
    assert Client().post(reverse("sign_out")).status_code == 302


# -- every other way in which a session ends ------------------------------------------------------


def test_signed_out_elsewhere(browser: Client, agent: SubAccount) -> None:
    other = sign_in()
    browser.get(reverse("account_security"))
    row = AccountSession.objects.get(session_key=browser.session.session_key)
    other.post(reverse("session_end", args=[row.pk]))
    assert state(agent) == ("offline", "session_ended", False)


def test_signed_out_everywhere_else(browser: Client, shop: Shop, agent: SubAccount) -> None:
    other = sign_in()
    other.post(reverse("sessions_end"))
    assert state(agent)[0] == "offline"
    switch(other, shop)
    other.post(reverse("sessions_end"))
    assert state(agent)[0] == "online"


def test_a_password_of_one_s_own_ends_the_presence_of_other_sessions_and_keeps_one_s_own(
    browser: Client, shop: Shop, agent: SubAccount
) -> None:
    other = sign_in()
    given = {"old_password": PASSWORD, "new_password": NEW, "repeat": NEW}
    other.post(reverse("password"), given)
    assert state(agent) == ("offline", "session_ended", False)
    switch(other, shop)
    other.post(reverse("password"), {"old_password": NEW, "new_password": PASSWORD, "repeat": PASSWORD})
    assert state(agent)[0] == "online"
    assert services.lapse_leases(shop=shop) == 0
    lease = PresenceLease.objects.get(sub_account=agent)
    assert lease.session_key == other.session.session_key


def test_a_password_that_the_main_account_sets_ends_it_everywhere_however_it_came_about(
    browser: Client, shop: Shop, agent: SubAccount
) -> None:
    other = make_shop(platform="taobao")
    place = make_member(other, Role.AGENT, account=agent.account)
    services.set_presence(shop=other, agent=place.name, status="online", lease=False)
    assert boss_of(shop)("PATCH", "sub-accounts/a1/", {"password": NEW})[0] == 200
    assert state(agent) == ("offline", "credentials_reset", False)
    assert state(place)[0] == "offline"


@pytest.mark.parametrize(
    ("method", "body", "reason"),
    [
        ("PATCH", {"enabled": False}, "disabled"),
        ("DELETE", None, "disabled"),
        ("PATCH", {"roles": ["operations"]}, "role_removed"),
    ],
)
def test_disabled_or_without_a_role_that_has_a_status(
    browser: Client, shop: Shop, agent: SubAccount, method: str, body: dict[str, object] | None, reason: str
) -> None:
    opens(shop, "c1")
    colleague(shop)
    assert boss_of(shop)(method, "sub-accounts/a1/", body)[0] in (200, 204)
    assert state(agent) == ("offline", reason, False)
    assert holders(shop) == {"c1": "a2"}
    assert boss_of(make_shop())  # another shop's is untouched


def test_on_the_screens_too(browser: Client, shop: Shop, agent: SubAccount) -> None:
    boss = Client()
    member = make_member(shop, Role.MAIN, name="boss")
    assert member.account is not None
    boss.force_login(member.account)
    boss.post(reverse("sub_account_enable", args=[shop.slug, "a1"]), {"enabled": "0"}, headers=HTMX)
    assert state(agent) == ("offline", "disabled", False)
    boss.post(reverse("sub_account_enable", args=[shop.slug, "a1"]), {"enabled": "1"}, headers=HTMX)
    assert state(agent)[0] == "offline"


def test_another_role_with_a_status_keeps_it(browser: Client, shop: Shop, agent: SubAccount) -> None:
    assert boss_of(shop)("PATCH", "sub-accounts/a1/", {"roles": ["cs_manager"], "max_concurrent": 3})[0] == 200
    assert state(agent)[0] == "online"


def test_an_account_that_the_operator_closes(browser: Client, agent: SubAccount) -> None:
    operator = Client()
    operator.force_login(make_account(operator=True))
    Account.objects.filter(is_operator=True).update(has_second_factor=True)
    url = reverse("admin:agents_account_change", args=[agent.account_id])
    operator.post(url, {"display_name": "小美"})
    agent.refresh_from_db()
    assert agent.account is not None and not agent.account.is_active
    assert state(agent) == ("offline", "account_closed", False)


def test_a_session_that_is_gone_otherwise_is_found_by_the_sweep(browser: Client, shop: Shop, agent: SubAccount) -> None:
    assert services.overdue_shops() == []
    Session.objects.filter(session_key=browser.session.session_key).update(
        expire_date=timezone.now() - timedelta(seconds=1)
    )
    assert services.overdue_shops() == [shop]
    assert services.end_lost_presence() == 1
    assert state(agent) == ("offline", "session_ended", False)
    assert services.end_lost_presence() == 0


def test_a_lane_that_cannot_be_had_keeps_nobody_signed_in(
    browser: Client, shop: Shop, agent: SubAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while the machine's clock is not to be believed: nothing is written with its time."""
    monkeypatch.setattr("routing.services.lane.guard", ClockGuard(_offset=0.0))
    assert browser.post(reverse("sign_out")).status_code == 302
    assert browser.get(reverse("password")).status_code == 302
    assert state(agent)[0] == "online"
    monkeypatch.undo()
    assert services.lapse_leases(shop=shop) == 1
    assert state(agent) == ("offline", "session_ended", False)
