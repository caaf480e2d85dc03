"""A push endpoint is a client's id too: only the browser that knows its keys takes it over from another account."""

import pytest

from agents.models import Shop
from outgoing.models import Push, PushSubscription
from tests.agents.factories import make_member, make_shop
from tests.outgoing.receiver import Receiver
from tests.outgoing.test_push import Browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def test_somebody_who_has_learnt_an_endpoint_cannot_take_it(shop: Shop, receiver: Receiver, settings) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    browser = Browser(make_member(shop, name="a1"), receiver)
    assert browser.subscribe() == 201
    stranger = Browser(make_member(shop, name="a2"), receiver)
    assert stranger.subscribe() == 409
    assert PushSubscription.objects.get().account.account == "a1"


def test_what_waits_for_one_account_never_reaches_the_next_in_the_browser(shop: Shop, receiver, settings) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    browser = Browser(make_member(shop, name="a1"), receiver)
    browser.subscribe()
    waiting = Push.objects.get()
    successor = Browser(make_member(shop, name="a2"), receiver)
    successor.key = browser.key
    assert successor.subscribe(again="1") == 201
    assert PushSubscription.objects.get().account.account == "a2"
    assert not Push.objects.filter(pk=waiting.pk).exists()


def test_the_same_account_may_renew_its_browser_s_keys(shop: Shop, receiver: Receiver, settings) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    member = make_member(shop, name="a1")
    Browser(member, receiver).subscribe()
    assert Browser(member, receiver).subscribe() == 201
    assert PushSubscription.objects.count() == 1
