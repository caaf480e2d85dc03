"""Nothing sticks out of its box: every main page and settings tab, in both languages, at usual widths."""

from collections.abc import Iterable, Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Page

from agents.models import Account, Shop
from routing.views.settings_board import TABS
from tests.asgi import Server
from tests.browser.conftest import Enter
from tests.browser.furnished import furnished, lived_in
from tests.browser.test_axe import PAGES, SLUGS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WIDTHS = (390, 820, 1280)
STICKING_OUT = """() => {
  const root = document.documentElement;
  const page = root.scrollWidth > root.clientWidth ? [`the page by ${root.scrollWidth - root.clientWidth}`] : [];
  const out = [...document.querySelectorAll(".card, .card-head, .metric, .path-box, .btn, dialog[open]")]
    .filter((box) => box.offsetParent && getComputedStyle(box).overflowX === "visible")
    .map((box) => [box, Math.max(0, ...[...box.children].map(
      (child) => child.getBoundingClientRect().right - box.getBoundingClientRect().right))])
    .filter(([box, by]) => by > 1 && getComputedStyle(box).position !== "absolute")
    .map(([box, by]) => `${box.className}: ${box.innerText.slice(0, 30).replace(/\\s+/g, " ")} by ${Math.round(by)}`);
  return [...page, ...out];
}"""


def sticking_out(page: Page, where: str) -> Iterator[str]:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for what in page.evaluate(STICKING_OUT):
            yield f"{where} at {width}: {what}"


def named(shop: Shop) -> Shop:
    """As people call themselves in such shops."""
    for row in shop.sub_accounts.all():
        Account.objects.filter(pk=row.account_id).update(display_name=f"小满家居-售前{row.account.account}")
    return shop


def both_ways(page: Page, site: Server, paths: Iterable[str]) -> list[str]:
    """What sticks out on these pages, in one language and then the other."""
    found = []
    for code, _name in settings.LANGUAGES:
        page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": code, "url": site.url}])
        for path in paths:
            page.goto(path)
            found += sticking_out(page, f"{code} {path}")
    return found


@pytest.mark.journey
def test_the_pages_of_a_shop(enter: Enter, site: Server) -> None:
    shop = named(furnished())
    lived_in(shop)
    page = enter(shop.sub_accounts.get(name="boss"))
    found = both_ways(page, site, [f"/s/{shop.slug}/{path}" for path in PAGES])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("platform", TABS)
def test_the_settings(platform: str, enter: Enter, site: Server) -> None:
    shop = named(furnished(platform, SLUGS[platform]))
    page = enter(shop.sub_accounts.get(name="boss"))
    found = both_ways(page, site, [f"/s/{shop.slug}/routing/?tab={tab}" for tab in TABS[platform]])
    assert not found, "\n".join(found)
