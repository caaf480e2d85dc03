"""The figures beside the settings: yesterday's shares by order status, the people with their loads."""

from datetime import UTC, datetime

import pytest

from agents.vocabulary import Role
from routing import services
from routing.roster import people_of, recent_buyers, shares_of_yesterday
from tests.agents.factories import make_member, make_shop

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""12:00 of March 2nd in Shanghai."""


def opened(shop, buyer: str, at: datetime, status: str | None = None) -> None:
    services.open_conversation(shop=shop, buyer=buyer, entry="goods_detail", order_status=status, now=at)


def test_yesterday_is_the_shops_own_day() -> None:  # G14
    shop = make_shop("pdd")
    opened(shop, "day before", datetime(2026, 2, 28, 15, 59, tzinfo=UTC), "shipped")
    opened(shop, "b1", datetime(2026, 2, 28, 16, 0, tzinfo=UTC), "unpaid")
    opened(shop, "b2", datetime(2026, 3, 1, 3, 0, tzinfo=UTC))
    opened(shop, "b3", datetime(2026, 3, 1, 4, 0, tzinfo=UTC))
    opened(shop, "b4", datetime(2026, 3, 1, 15, 59, tzinfo=UTC), "unpaid")
    opened(shop, "today", datetime(2026, 3, 1, 16, 0, tzinfo=UTC), "shipped")
    assert shares_of_yesterday(shop, NOON) == {"unpaid": 50, "none": 50}


def test_a_day_without_conversations_has_no_shares() -> None:
    assert shares_of_yesterday(make_shop("pdd"), NOON) == {}


def test_people_come_with_label_load_and_the_cap_in_force() -> None:
    shop = make_shop("ks", "kuaishou")
    member = make_member(shop, Role.AGENT, name="a1")
    services.change_sub_account(shop=shop, agent="a1", display_name="小满-售前01")
    services.set_presence(shop=shop, agent="a1", status="online")
    services.open_conversation(shop=shop, buyer="b1")
    person = people_of(shop)[member.name]
    assert (person.label, person.load, person.cap, person.free) == ("小满-售前01", 1, 200, True)
    assert recent_buyers(shop) == ["b1"]


def test_a_full_or_disabled_person_is_not_free() -> None:
    shop = make_shop("pdd")
    make_member(shop, name="a1")
    services.change_sub_account(shop=shop, agent="a1", max_concurrent=1)
    services.set_presence(shop=shop, agent="a1", status="online")
    assert people_of(shop)["a1"].free
    services.open_conversation(shop=shop, buyer="b1", entry="goods_detail")
    assert not people_of(shop)["a1"].free
    services.change_sub_account(shop=shop, agent="a1", max_concurrent=None, enabled=False)
    assert not people_of(shop)["a1"].free
