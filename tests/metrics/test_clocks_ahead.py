"""Messages dated after their arrival count at their arrival, whoever sent them and however they came in (METRICS 2)."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from agents.models import Shop
from agents.vocabulary import Role
from chat.selectors import piece_of
from conversations.models import Conversation, Message
from conversations.services.importing.files import ChatFile
from conversations.states import Sender
from metrics.formulas.units import Figures
from metrics.models import DayRate
from metrics.selectors.clocks import strictest
from metrics.selectors.threads import whole_thread
from metrics.services import assess, import_chats
from routing import services
from tests.agents.factories import make_key, make_member, make_shop
from tests.conversations.answers import set_hot, set_robot
from tests.routing.test_api import Caller

pytestmark = pytest.mark.django_db

DAY = date(2030, 7, 1)
AHEAD = [timedelta(seconds=seconds) for seconds in (2, 5, 30, 120, 600, 86_400)]


def at(minute: float) -> datetime:
    """So many minutes after noon in Shanghai."""
    return datetime(2030, 7, 1, 4, tzinfo=UTC) + timedelta(minutes=minute)


@pytest.fixture
def shop() -> Shop:
    made = make_shop(platform="kuaishou")
    make_member(made, Role.AGENT, name="a1")
    services.set_presence(shop=made, agent="a1", status="online", now=at(0))
    return made


def opens(shop: Shop, **more: bool) -> None:
    services.open_conversation(shop=shop, external_id="c1", buyer="b1", message=False, now=at(1), **more)


def says(shop: Shop, minute: float, sender: Sender, ahead: timedelta | None = None, text: str = "在") -> Message:
    when = None if ahead is None else at(minute) + ahead
    said = services.post_message(shop=shop, conversation="c1", sender=sender, text=text, sent_at=when, now=at(minute))
    return said[0]


def figures(shop: Shop, metric: str = "human_3m") -> Figures:
    assess(shop=shop, date_from=DAY, date_to=DAY + timedelta(days=1), now=at(3000))
    return DayRate.objects.get(shop=shop, date=DAY, metric=metric).figures


def order_of(shop: Shop) -> list[str]:
    row = Conversation.objects.get(shop=shop)
    staff = [item.message.sender for item in whole_thread(row, strictest(shop, at(10))).items if item.message]
    piece = piece_of(shop, "b1")
    assert piece is not None
    assert [message.sender for message in piece.messages] == staff
    return staff


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
def test_a_question_dated_ahead_is_answered_by_the_answer_that_came_after_it(shop: Shop, ahead: timedelta) -> None:
    opens(shop)
    says(shop, 2, Sender.BUYER, ahead)
    says(shop, 2.02, Sender.AGENT)
    assert figures(shop) == Figures(1, 0, 0)
    assert order_of(shop) == ["buyer", "agent"]


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
def test_an_answer_dated_ahead_is_as_quick_as_its_arrival(shop: Shop, ahead: timedelta) -> None:
    opens(shop)
    says(shop, 2, Sender.BUYER)
    says(shop, 2.1, Sender.AGENT, ahead)
    says(shop, 2.2, Sender.BUYER)
    says(shop, 2.3, Sender.AGENT)
    assert figures(shop) == Figures(1, 0, 0)
    assert order_of(shop) == ["buyer", "agent"] * 2


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
def test_a_robot_s_answer_dated_ahead_answers_no_later_question(ahead: timedelta) -> None:
    shop = make_shop("pdd")
    services.open_conversation(
        shop=shop, external_id="c1", buyer="b1", entry="goods_detail", robot=True, message=False, now=at(1)
    )
    says(shop, 2, Sender.BUYER)
    says(shop, 2.1, Sender.ROBOT, ahead)
    says(shop, 2.2, Sender.BUYER)
    assert order_of(shop) == ["buyer", "robot", "buyer"]
    assert figures(shop, "reply_5m") == Figures(0, 1, 0)


@pytest.mark.parametrize("ahead", AHEAD, ids=str)
def test_what_the_shop_says_by_itself_stands_after_a_question_dated_ahead(shop: Shop, ahead: timedelta) -> None:
    set_hot(shop)
    opens(shop)
    says(shop, 2, Sender.BUYER, ahead, text="什么时候发货")
    says(shop, 2.02, Sender.AUTO, ahead, text="您好")
    says(shop, 2.03, Sender.AGENT)
    assert order_of(shop)[-2:] == ["auto", "agent"]
    assert figures(shop) == Figures(1, 0, 0)
    sent = Message.objects.filter(shop=shop).order_by("pk").values_list("sent_at", flat=True)
    assert list(sent) == sorted(sent)


def test_our_robot_too_answers_after_a_question_dated_ahead(shop: Shop) -> None:
    set_robot(shop)
    opens(shop)
    says(shop, 2, Sender.BUYER, timedelta(hours=1), text="什么时候发货")
    assert order_of(shop) == ["buyer", "robot"]
    assert Message.objects.filter(shop=shop, sent_at__gt=at(2)).count() == 0


def test_a_program_reads_the_time_that_counts() -> None:
    shop = make_shop(platform="kuaishou")
    row = services.open_conversation(shop=shop, buyer="b1", external_id="c1").conversation
    key = Caller(shop, key=make_key(shop)[1])
    later = (timezone.now() + timedelta(minutes=10)).isoformat()
    status, told = key("POST", f"conversations/{row.pk}/messages/", {"sender": "buyer", "text": "在", "sent_at": later})
    assert (status, told["sent_at"]) == (201, told["received_at"])
    earlier = timezone.now() - timedelta(minutes=10)
    body = {"sender": "buyer", "text": "在", "sent_at": earlier.isoformat()}
    _status, told = key("POST", f"conversations/{row.pk}/messages/", body)
    assert datetime.fromisoformat(told["sent_at"]) == earlier


def test_imported_history_ends_with_the_import(shop: Shop, tmp_path: Path) -> None:
    now = at(0)
    lines = [
        {"conversation": "h1", "buyer": "b9", "sender": "buyer", "sent_at": at(-1).isoformat(), "message_id": "1"},
        {"conversation": "h1", "buyer": "b9", "sender": "buyer", "sent_at": at(1).isoformat(), "message_id": "2"},
        {"conversation": "h1", "buyer": "b9", "sender": "agent", "sent_at": at(9).isoformat(), "message_id": "3"},
    ]
    path = tmp_path / "talk.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    for expected in (3, 0):
        report = import_chats(
            shop=shop, file=ChatFile(path), strict=False, now=now, on_refused=lambda refusal: pytest.fail(str(refusal))
        )
        assert report.imported == expected
    times = Message.objects.filter(shop=shop).order_by("pk").values_list("sent_at", flat=True)
    assert list(times) == [at(-1), now, now]
    row = Conversation.objects.get(shop=shop)
    assert (row.opened_at, row.closed_at, row.last_message_at) == (at(-1), now, now)
    assert figures(shop) == Figures(1, 0, 0)
