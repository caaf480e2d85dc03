"""The clock is set back: the shop's time stands still until it is reached again; nothing comes out of order."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.models import Shop
from conversations.models import Message
from conversations.states import ClosedBy, Sender
from routing.models import Decision, ShopEvent
from routing.services import close_conversation, open_conversation, post_message, set_presence
from tests.agents.factories import make_member, make_shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
BACK = NOON - timedelta(hours=2)


@pytest.fixture
def shop() -> Shop:
    shop = make_shop()
    agent = make_member(shop, "agent")
    agent.max_concurrent = 1
    agent.save()
    set_presence(shop=shop, agent=agent.name, status="online", now=NOON)
    return shop


def test_events_and_messages_keep_their_order_and_who_came_first_is_first(shop: Shop) -> None:
    for number, now in enumerate((NOON, NOON + timedelta(seconds=1), BACK, BACK + timedelta(minutes=5))):
        open_conversation(shop=shop, buyer=f"b{number}", external_id=f"c{number}", entry="goods_detail", now=now)
        post_message(shop=shop, conversation=f"c{number}", sender=Sender.BUYER, text="在吗", now=now)
    times = list(ShopEvent.objects.filter(shop=shop).order_by("seq").values_list("at", flat=True))
    assert times == sorted(times) and times[-1] == NOON + timedelta(seconds=1)
    sent = list(Message.objects.filter(shop=shop).order_by("seq").values_list("sent_at", flat=True))
    assert sent == sorted(sent) and min(sent) == NOON
    for number in range(3):
        close_conversation(shop=shop, conversation=f"c{number}", by=ClosedBy.AGENT, now=BACK + timedelta(minutes=10))
    given = Decision.objects.filter(shop=shop, outcome="assigned").order_by("seq", "pk")
    assert list(given.values_list("conversation__external_id", flat=True)) == ["c0", "c1", "c2", "c3"]
