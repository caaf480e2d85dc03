"""Presence is a lease held by an open page: silence ends it, a short cut does not, and the API has none."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agents.models import PresenceLease, PresenceLog, Shop, SubAccount
from agents.services import beat, create_token, renew_leases
from routing import services
from routing.jobs import sweep_leases
from tests.agents.factories import make_member, make_shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def agent(shop: Shop) -> SubAccount:
    return make_member(shop, "agent", name="a1")


@pytest.fixture
def browser(agent: SubAccount) -> Client:
    client = Client()
    assert agent.account is not None
    client.force_login(agent.account)
    return client


def switch(browser: Client, shop: Shop, status: str) -> None:
    assert browser.post(f"/s/{shop.slug}/presence/", {"status": status}, headers=HTMX).status_code == 200


def lapse(shop: Shop, seconds: float) -> int:
    return services.lapse_leases(shop=shop, now=timezone.now() + timedelta(seconds=seconds))


def status_of(agent: SubAccount) -> str:
    agent.refresh_from_db()
    return agent.status


def test_a_minute_of_silence_and_one_is_offline_with_its_reason(browser: Client, shop: Shop, agent: SubAccount) -> None:
    switch(browser, shop, "online")
    assert lapse(shop, 59) == 0
    assert status_of(agent) == "online"
    assert lapse(shop, 61) == 1
    assert status_of(agent) == "offline"
    last = PresenceLog.objects.filter(sub_account=agent).first()
    assert last is not None
    assert (last.status, last.previous, last.reason, last.by) == ("offline", "online", "silence", None)
    assert not PresenceLease.objects.exists()


def test_the_length_is_a_setting(browser: Client, shop: Shop, agent: SubAccount, settings) -> None:
    settings.PRESENCE_LEASE = 300
    switch(browser, shop, "online")
    assert lapse(shop, 299) == 0
    assert lapse(shop, 301) == 1


def test_a_connection_that_drops_every_twenty_seconds_does_not_flap(shop: Shop, agent: SubAccount) -> None:
    services.set_presence(shop=shop, agent="a1", status="online", lease=True)
    begin = timezone.now()
    for second in range(0, 600, 5):
        now = begin + timedelta(seconds=second)
        if second % 20 == 0 and second % 40:  # every other sign of life is lost
            beat(account=agent.account, now=now)
        services.lapse_leases(shop=shop, now=now)
    assert list(PresenceLog.objects.filter(sub_account=agent).values_list("status", flat=True)) == ["online"]


def test_a_sign_of_life_tells_the_page_what_holds(browser: Client, shop: Shop, agent: SubAccount) -> None:
    url = "/presence/beat/"
    assert browser.post(url).json() == {"held": 0, "statuses": {shop.slug: "offline"}}
    switch(browser, shop, "break")
    assert browser.post(url).json() == {"held": 1, "statuses": {shop.slug: "break"}}
    services.set_presence(shop=shop, agent="a1", status="offline")
    assert browser.post(url).json() == {"held": 0, "statuses": {shop.slug: "offline"}}


def test_who_is_switched_through_the_api_has_no_lease(browser: Client, shop: Shop, agent: SubAccount) -> None:
    switch(browser, shop, "online")
    assert agent.account is not None
    head = {"Authorization": f"Token {create_token(account=agent.account)}"}
    url = f"/api/v1/shops/{shop.slug}/sub-accounts/a1/presence/"
    assert Client().put(url, {"status": "online"}, content_type="application/json", headers=head).status_code == 200
    assert lapse(shop, 10_000) == 0
    assert status_of(agent) == "online"


def test_without_scripts_nothing_could_give_a_sign_of_life(browser: Client, shop: Shop, agent: SubAccount) -> None:
    browser.post(f"/s/{shop.slug}/presence/", {"status": "online"})
    assert lapse(shop, 10_000) == 0
    assert status_of(agent) == "online"


def test_a_web_process_that_begins_gives_everybody_their_time_anew(shop: Shop, agent: SubAccount) -> None:
    services.set_presence(shop=shop, agent="a1", status="online", lease=True)
    later = timezone.now() + timedelta(minutes=10)
    assert renew_leases(now=later) == 1
    assert services.lapse_leases(shop=shop, now=later + timedelta(seconds=59)) == 0
    assert services.lapse_leases(shop=shop, now=later + timedelta(seconds=61)) == 1


def test_the_sweep_finds_the_shops_by_itself(shop: Shop, agent: SubAccount) -> None:
    services.set_presence(shop=shop, agent="a1", status="online", lease=True)
    assert sweep_leases() == 0
    PresenceLease.objects.update(beat_at=datetime(2026, 1, 1, tzinfo=timezone.get_current_timezone()))
    assert sweep_leases() == 1
    assert status_of(agent) == "offline"


def test_who_waits_goes_on_when_the_holder_falls_silent(shop: Shop, agent: SubAccount) -> None:
    """G9: unanswered conversations of who has gone are decided again."""
    services.set_presence(shop=shop, agent="a1", status="online", lease=True)
    row = services.open_conversation(shop=shop, buyer="b", entry="goods_detail").conversation
    make_member(shop, "agent", name="a2")
    services.set_presence(shop=shop, agent="a2", status="online")
    lapse(shop, 61)
    row.refresh_from_db()
    assert row.holder is not None
    assert row.holder.name == "a2"
