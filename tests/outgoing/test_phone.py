"""The app on the phone: what a browser needs to install it."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image

from agents.models import Shop
from agents.vocabulary import Role
from tests.agents.factories import make_member

STATIC = Path(__file__).resolve().parent.parent.parent / "static"


def test_the_manifest_names_the_app_and_icons_of_their_size() -> None:
    answer = Client().get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    told = json.loads(answer.content)
    assert (told["name"], told["start_url"], told["scope"], told["display"]) == ("分流", "/", "/", "standalone")
    assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}
    for icon in told["icons"]:
        with Image.open(STATIC / icon["src"].removeprefix("/static/")) as image:
            assert "x".join(map(str, image.size)) == icon["sizes"]


def test_the_worker_stands_at_the_top_and_is_never_kept_by_a_cache() -> None:
    answer = Client().get("/sw.js")
    assert answer["Service-Worker-Allowed"] == "/"
    assert answer["Content-Type"].startswith("text/javascript")
    assert "no-cache" in answer["Cache-Control"]
    assert b"notificationclick" in answer.content


def test_the_page_without_a_network_needs_its_one_style_sheet_alone() -> None:
    page = Client().get("/offline/").content.decode()
    assert "没有网络" in page
    assert re.findall(r'(?:href|src)="([^"]*)"', page) == ["/static/css/offline.css", ""]


@pytest.mark.django_db
def test_who_may_be_given_conversations_has_the_switch(shop: Shop) -> None:
    for role, has in ((Role.AGENT, True), (Role.CS_MANAGER, True), (Role.OPERATIONS, False)):
        client = Client()
        client.force_login(make_member(shop, role).account)
        page = client.get("/s/xiaoman/", follow=True).content.decode()
        assert ("data-push " in page) is has, role
        assert 'rel="manifest"' in page
