"""超时转接 on the settings screen of every platform: switched on, typed, published, seen in the path, restored."""

import pytest
from django.urls import reverse

from agents.vocabulary import Platform, Role
from routing import services
from routing.selectors import current_document, versions
from routing.words import change_sentences
from tests.agents.factories import make_member, make_shop
from tests.routing.page import SettingsPage, client_of

pytestmark = pytest.mark.django_db(transaction=True)

OFF = {"enabled": False, "after_seconds": 120, "times": 2}
ON = {"enabled": True, "after_seconds": 90, "times": 3}
FIRST_TAB = {Platform.DOUYIN: "queueing", Platform.TAOBAO: "advanced"}


@pytest.mark.parametrize("platform", Platform)
def test_it_is_switched_on_typed_published_and_restored(platform: Platform) -> None:
    shop = make_shop("shop", platform)
    make_member(shop, name="a1")
    page = SettingsPage(shop, make_member(shop, Role.MAIN), "more")
    assert current_document(shop)["silence"] == OFF
    before = page.post("routing_draft").content.decode()
    assert 'name="f:silence.enabled"' in before
    assert "silence.after_seconds" not in before.split("<section", 1)[1]  # nothing to set while it is off
    after = page.type(**{"silence.enabled": "1"}).content.decode()
    assert 'name="f:silence.after_seconds"' in after
    page.publish(**{"silence.after_seconds": "90", "silence.times": "3"})
    assert current_document(shop)["silence"] == ON
    newest = versions(shop).first()
    assert newest is not None
    assert "超时转接：关 → 开" in change_sentences(newest.changes, platform)
    tab = FIRST_TAB.get(platform, "basic")
    seen = client_of(make_member(shop, Role.MAIN)).get(reverse("routing_settings", args=["shop"]), {"tab": tab})
    assert "90 秒没回复：不再给这位客服，从头再分一次，最多 3 次" in seen.content.decode()
    services.restore(shop=shop, number=1)
    assert current_document(shop)["silence"] == OFF


@pytest.mark.parametrize("platform", Platform)
def test_a_document_that_says_nothing_of_it_has_it_off(platform: Platform) -> None:
    shop = make_shop("shop", platform)
    services.publish(shop=shop, document={"silence": {"enabled": True}})
    assert current_document(shop)["silence"] == OFF | {"enabled": True}
    services.publish(shop=shop, document={"silence": {"times": 5}})
    assert current_document(shop)["silence"] == OFF | {"times": 5}
    services.publish(shop=shop, document={})
    assert current_document(shop)["silence"] == OFF


def test_try_it_knows_nothing_of_it() -> None:
    shop = make_shop("shop")
    for name in ("a1", "a2"):
        make_member(shop, name=name)
        services.set_presence(shop=shop, agent=name, status="online")
    page = SettingsPage(shop, make_member(shop, Role.MAIN), "more")
    without = page.post("routing_try").context["answer"]
    page.type(**{"silence.enabled": "1"})
    assert page.post("routing_try").context["answer"] == without
