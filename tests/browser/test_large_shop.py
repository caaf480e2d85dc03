"""A shop of 200 agents and 50 groups, with names as long as names may be: nothing sticks out, no page has no end."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from agents.models import Account, Shop, SubAccount
from conversations.states import Sender
from routing import services
from routing.models import AgentCounter
from tests.agents.factories import make_member, make_shop
from tests.browser.conftest import Enter
from tests.browser.test_axe import PAGES
from tests.browser.test_layout import STICKING_OUT

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

AGENTS, GROUPS = 200, 50
LONG = "小满家居旗舰店售前客服组长兼夜班值班与大促应急小组成员名字特别长的那一位同事就是我本人没有错我是"
WORD = "ATwentyFourHoursCustomerServiceRepresentativeLong"
TALLEST = 6_000
"""Pixels at 1280: what one scrolls through, not searches."""


@pytest.fixture
def shop() -> Shop:
    shop = make_shop("large", "kuaishou")
    make_member(shop, "main", name="boss")
    accounts = Account.objects.bulk_create(
        Account(account=f"a{n:03d}", display_name=(WORD if n % 3 else LONG)[:46] + f"{n:03d}", home_shop=shop)
        for n in range(AGENTS)
    )
    rows = SubAccount.objects.bulk_create(
        SubAccount(shop=shop, account=account, name=account.account, roles=["agent"], max_concurrent=20)
        for account in accounts
    )
    AgentCounter.objects.bulk_create((AgentCounter(sub_account=row, shop=shop) for row in rows), ignore_conflicts=True)
    for row in rows[:30]:
        services.set_presence(shop=shop, agent=row.name, status="online")
    names = [row.name for row in rows]
    groups = [
        {"name": f"{LONG[:44]}{n:02d}", "members": [{"account": name} for name in (names if n == 0 else names[:3])]}
        for n in range(GROUPS)
    ]
    services.publish(shop=shop, document={"mode": "grouped", "groups": groups, "offline": {"agents": names}})
    now = timezone.now()
    for n in range(12):
        buyer = f"{(WORD if n % 2 else LONG)[:46]}{n:03d}"
        opened = now - timedelta(minutes=4)
        row = services.open_conversation(shop=shop, buyer=buyer, external_id=buyer, now=opened).conversation
        services.post_message(shop=shop, conversation=row.external_id, sender=Sender.BUYER, text=WORD * 4, now=opened)
    return shop


def faults(page: Page, path: str) -> list[str]:
    """Boxes that stick out at two widths, and a page that is too tall."""
    page.goto(path)
    found = []
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{path} at {width}: {what}" for what in page.evaluate(STICKING_OUT)]
    tall = page.evaluate("document.documentElement.scrollHeight")
    return found + ([f"{path} is {tall} px tall"] if tall > TALLEST else [])


def test_no_page_bursts(shop: Shop, enter: Enter) -> None:
    page = enter(shop.sub_accounts.get(name="boss"))
    paths = [path for path in PAGES if "versions" not in path]
    paths += [f"routing/?tab={tab}" for tab in ("basic", "advanced", "offline", "never", "more")]
    paths += [f"{kind}/{shop.conversations.order_by('pk')[0].pk}/" for kind in ("records", "conversations")]
    found = [fault for path in paths for fault in faults(page, f"/s/large/{path}")]
    assert not found, "\n".join(found)


def test_a_folded_list_unfolds_and_stays_so_when_it_is_drawn_anew(shop: Shop, enter: Enter) -> None:
    page = enter(shop.sub_accounts.get(name="boss"))
    page.goto("/s/large/routing/?tab=advanced")
    cards = page.locator("#group-cards > .group-card")
    expect(cards.nth(11)).to_be_visible()
    expect(cards.nth(12)).to_be_hidden()
    page.locator("[aria-controls=group-cards]").click()
    expect(cards.nth(49)).to_be_visible()
    page.locator("#new-group").fill("新的一组")
    page.locator("#add-group").click()
    expect(cards).to_have_count(GROUPS + 1)
    expect(cards.nth(50)).to_be_visible()
    page.get_by_role("button", name="只看前 12").click()
    expect(cards.nth(12)).to_be_hidden()
