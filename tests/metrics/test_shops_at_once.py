"""Several shops at once: one line a shop, the worst first, nothing of a shop that is not theirs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.models import Account, Shop
from metrics.selectors.shops import shop_lines, shops_of
from metrics.services import assess
from routing import services
from tests.agents.factories import make_account, make_member, make_shop
from tests.metrics.rows import ask
from tests.routing.factories import make_waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Account:
    return make_account("boss")


def shop_of(owner: Account, slug: str, role: str = "main") -> Shop:
    shop = make_shop(slug)
    make_member(shop, role, account=owner)
    return shop


def assessed(shop: Shop, *, back: int, answered: int, missed: int) -> None:
    today = timezone.now().astimezone(shop.zone).date()
    ask(shop, today - timedelta(days=back), answered=answered, missed=missed)
    assess(shop=shop, date_from=today - timedelta(days=3), date_to=today, now=timezone.now())


def test_the_worst_stands_first(owner: Account) -> None:
    assessed(shop_of(owner, "well"), back=1, answered=9, missed=1)
    assessed(shop_of(owner, "edge"), back=1, answered=6, missed=5)
    assessed(shop_of(owner, "penalised"), back=1, answered=1, missed=9)
    shop_of(owner, "new")
    lines = shop_lines(shops_of(owner), timezone.now())
    assert [line.shop.slug for line in lines] == ["penalised", "edge", "well", "new"]
    assert [line.meets for line in lines] == [False, True, True, None]
    assert lines[0].penalties == 4
    assert lines[2].window.passed == 9


def test_who_waits_and_who_is_there_is_said(owner: Account) -> None:
    shop = shop_of(owner, "one")
    make_waiting(shop)
    member = make_member(shop, "agent", name="a1")
    (line,) = shop_lines([shop], timezone.now())
    assert (line.in_line, line.online, line.unanswered) == (1, 0, 0)
    assert line.waiting_since is not None
    services.set_presence(shop=shop, agent=member.name, status="online")
    (line,) = shop_lines([shop], timezone.now())
    assert (line.in_line, line.online, line.unanswered) == (0, 1, 1)


def test_the_first_page_shows_them_and_nothing_of_another_shop(owner: Account) -> None:
    shop_of(owner, "one")
    shop_of(owner, "two")
    shop_of(owner, "only-answers", role="agent")
    make_shop("foreign")
    client = Client()
    client.force_login(owner)
    assert "/shops/state/" in client.get("/").content.decode()
    page = client.get("/shops/state/").content.decode()
    assert "/s/one/" in page and "/s/two/" in page
    assert "only-answers" not in page and "foreign" not in page


def test_a_hundred_shops_take_as_many_queries_as_two(owner: Account) -> None:
    def asked(count: int) -> int:
        shops = list(Shop.objects.all()[:count])
        with CaptureQueriesContext(connection) as queries:
            shop_lines(shops, timezone.now())
        return len(queries)

    for n in range(100):
        shop_of(owner, f"s{n}")
    assert asked(100) == asked(2) <= 6
