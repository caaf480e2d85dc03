"""Settings edited in Django's admin publish a version, like everywhere else; the rest there is only looked at."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import AuditEntry, Shop
from routing import services
from routing.models import PageAgent, RoutingSettings, RoutingVersion
from routing.selectors import current_document, current_version
from tests.agents.factories import make_account, make_member, make_shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Shop:
    made = make_shop("pdd")
    for name in ("a1", "a2"):
        make_member(made, name=name)
    services.publish(shop=made, document={"pages": {"goods_detail": ["a1"]}})
    return made


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make_account("operator", operator=True))
    return client


def url(shop: Shop) -> str:
    return reverse("admin:routing_routingsettings_change", args=[shop.pk])


def save(client: Client, shop: Shop, document: object, version: int) -> str:
    text = document if isinstance(document, str) else json.dumps(document)
    return client.post(url(shop), {"shop": shop.pk, "document": text, "version": version}, follow=True).content.decode()


def test_the_document_is_shown_readably_and_saving_it_publishes(shop: Shop, client: Client) -> None:
    html = client.get(url(shop)).content.decode()
    assert "&quot;goods_detail&quot;: [\n" in html
    document = current_document(shop) | {"pages": {"goods_detail": ["a2"]}}
    save(client, shop, document, 2)
    version = current_version(shop)
    assert (version.number, version.document["pages"]) == (3, {"goods_detail": ["a2"]})
    assert version.created_by.account == "operator"
    assert [row.sub_account.name for row in PageAgent.objects.filter(shop=shop)] == ["a2"]
    assert AuditEntry.objects.latest("pk").by_name == "operator"


def test_a_wrong_document_names_its_place_and_publishes_nothing(shop: Shop, client: Client) -> None:
    assert "pages.goods_detail[0]" in save(client, shop, {"pages": {"goods_detail": ["a9"]}}, 2)
    assert "errorlist" in save(client, shop, "{not json", 2)
    assert current_version(shop).number == 2


def test_a_version_published_meanwhile_is_not_overwritten(shop: Shop, client: Client) -> None:
    services.publish(shop=shop, document={"never_route": ["a1"]})
    assert "版本 3" in save(client, shop, {}, 2)
    assert current_document(shop)["never_route"] == ["a1"]


def test_a_shop_that_has_never_published_gets_its_first_settings_there(client: Client) -> None:
    shop = make_shop("new")
    form = {"shop": shop.pk, "document": '{"auto_close_minutes": 30}', "version": 1}
    client.post(reverse("admin:routing_routingsettings_add"), form)
    assert current_document(shop)["auto_close_minutes"] == 30


def test_nobody_but_an_operator_gets_there_and_nothing_is_deleted(shop: Shop, client: Client) -> None:
    other = Client()
    other.force_login(make_member(shop, "main").account)
    assert other.get(url(shop)).status_code == 302
    assert client.post(reverse("admin:routing_routingsettings_delete", args=[shop.pk])).status_code == 403
    assert RoutingSettings.objects.filter(shop=shop).exists()


def test_the_csrf_check_stands_before_it(shop: Shop) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_account(operator=True))
    assert strict.post(url(shop), {"document": "{}"}).status_code == 403
    assert RoutingVersion.objects.filter(shop=shop).count() == 2
