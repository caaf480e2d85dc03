"""Reports: a day reckoned by hand, every dimension, the range before."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import translation

from agents.models import Shop, SubAccount
from conversations.models import Conversation, Message
from conversations.states import ClosedBy, Sender
from metrics.formulas.figures import BY_KEY
from metrics.selectors.reports import NO_GROUP, Line, Range, Report, by_hour, grouped, lines_of_shops, report, week_map
from metrics.services import sweep_shop
from metrics.services.following import mark_dirty
from metrics.telling_reports import headline
from routing import services
from tests.agents.factories import make_shop
from tests.metrics.builders import DAY, at
from tests.metrics.report_day import small_day
from tests.metrics.rows import make_agent, make_conversation, say

pytestmark = [pytest.mark.django_db]
ONE = Range(DAY, DAY)


@pytest.fixture
def shop() -> Shop:
    return small_day()


def told(found: Report | Line, *keys: str) -> list[float | None]:
    line = found.total if isinstance(found, Report) else found
    return [BY_KEY[key].of(line.now.amounts) for key in keys]


def line_of(found: Report, key: object) -> Line:
    return next(line for line in found.lines if line.key == key)


def test_a_day_by_hand(shop: Shop) -> None:
    found = report(shop, ONE, "day")
    assert told(found, "buyers", "answered_buyers", "unanswered_buyers") == [3, 2, 1]
    assert told(found, "mean_response", "first_response") == [330, 330]
    assert told(found, "slow", "never", "questions", "answers", "characters") == [2, 1, 3, 3, 6]
    assert told(found, "answer_ratio", "satisfaction", "handling") == [1, None, None]
    assert found.total.now.rates["reply_5m"].rate == pytest.approx(1 / 3)
    assert found.total.now.rates["reply_15m"].rate == pytest.approx(2 / 3)
    assert told(Line(None, found.total.before, found.total.now), "buyers", "mean_response") == [1, 180]


def test_by_agent_each_has_their_own(shop: Shop) -> None:
    keys = {row.name: str(row.pk) for row in SubAccount.objects.filter(shop=shop)}
    found = report(shop, ONE, "agent")
    assert told(line_of(found, keys["fast"]), "buyers", "mean_response", "slow", "answers") == [2, 330, 1, 2]
    assert told(line_of(found, keys["lazy"]), "buyers", "never", "answers") == [1, 1, 1]
    assert line_of(found, keys["fast"]).now.rates["reply_5m"].rate == 0.5
    assert line_of(found, keys["fast"]).before.rates["reply_5m"].rate == 1


def test_by_hour_and_weekday_add_up_to_the_total(shop: Shop) -> None:
    week = Range(DAY - timedelta(days=6), DAY)
    for by in ("hour", "weekday", "day"):
        found = report(shop, week, by)
        for key in ("buyers", "slow", "questions", "answers"):
            assert sum(BY_KEY[key].of(line.now.amounts) or 0 for line in found.lines) == told(found, key)[0]
    hours = report(shop, ONE, "hour")
    assert told(line_of(hours, 20), "buyers", "slow") == [2, 2]
    weekday = report(shop, week, "weekday")
    assert [line.key for line in weekday.lines] == list(range(7))
    assert told(line_of(weekday, DAY.weekday()), "buyers") == [3]


def test_a_weekday_is_compared_with_its_own_in_the_range_before(shop: Shop) -> None:
    """The day before DAY lies in the range before; its weekday has it there, whatever the range's length."""
    found = report(shop, ONE, "weekday")
    yesterday = (DAY - timedelta(days=1)).weekday()
    assert line_of(found, yesterday).before.amounts["buyers"] == 1
    assert line_of(found, DAY.weekday()).before.amounts["buyers"] == 0


def test_entries_and_order_statuses_and_nothing_known(shop: Shop) -> None:
    assert [line.key for line in report(shop, ONE, "entry").lines] == [""]
    services.open_conversation(
        shop=shop, external_id="x", buyer="丁", entry="goods_detail", order_status="unshipped", now=at("15:00")
    )
    sweep_shop(shop=shop, now=at("12:01", DAY + timedelta(days=1)))
    assert told(line_of(report(shop, ONE, "entry"), "goods_detail"), "waits") == [1]
    assert told(line_of(report(shop, ONE, "order_status"), "unshipped"), "waits") == [1]


def test_groups_pool_their_agents_and_the_others_stand_apart(shop: Shop) -> None:
    keys = {row.name: str(row.pk) for row in SubAccount.objects.filter(shop=shop)}
    lines = report(shop, ONE, "agent").lines
    groups = {line.key: line for line in grouped(lines, {"售前": [keys["fast"]], "全部": [keys["fast"], keys["lazy"]]})}
    assert told(groups["售前"], "buyers") == [2]
    assert told(groups["全部"], "buyers", "slow") == [3, 2]
    assert NO_GROUP not in groups
    assert told(grouped(lines, {})[0], "buyers") == [3]


def test_an_agent_sees_their_own_alone(shop: Shop) -> None:
    fast = SubAccount.objects.get(shop=shop, name="fast")
    found = report(shop, ONE, "day", fast)
    assert told(found, "buyers", "slow") == [2, 1]
    assert by_hour(week_map(shop, ONE, "", fast))[20].questions == 1


def test_several_shops_stand_beside_each_other(shop: Shop) -> None:
    other = make_shop(platform="kuaishou")
    say(make_conversation(other, "甲"), "buyer", "10:00", dirty=True)
    sweep_shop(shop=other, now=at("12:00", DAY + timedelta(days=1)))
    found = {line.key: line for line in lines_of_shops([shop, other], ONE)}
    assert told(found[shop.pk], "buyers") == [3]
    assert told(found[other.pk], "buyers") == [1]


def test_routing_and_people_in_the_figures() -> None:
    shop = make_shop()
    for name in ("fast", "lazy"):
        make_agent(shop, name)
        services.set_presence(shop=shop, agent=name, status="online", now=at("21:00"))
    services.open_conversation(shop=shop, external_id="x", buyer="丁", entry="goods_detail", now=at("21:10"))
    services.close_conversation(shop=shop, conversation="x", by=ClosedBy.AGENT, now=at("21:20"))
    for name in ("fast", "lazy"):
        services.set_presence(shop=shop, agent=name, status="offline", now=at("22:00"))
    sweep_shop(shop=shop, now=at("12:01", DAY + timedelta(days=1)))
    found = report(shop, ONE, "day")
    assert told(found, "received", "direct", "handling", "most_open", "online") == [1, 1, 600, 1, 7200]
    assert found.staff == {21: 7200}


def test_a_live_day_by_hand() -> None:
    """Given, given away, waited and taken, given up, left on the offline list, rated, answered by the robot."""
    shop = make_shop()
    for name in ("a1", "a2"):
        make_agent(shop, name)
    services.publish(shop=shop, document={"offline": {"enabled": True, "agents": ["a1"]}}, now=at("00:01"))
    opened("off", shop, "08:30")  # nobody is online: it goes to the offline list
    assert Conversation.objects.get(shop=shop, external_id="off").holder.name == "a1"
    services.post_message(shop=shop, conversation="off", sender=Sender.BUYER, text="在吗", now=at("08:30"))
    for name in ("a1", "a2"):
        services.set_presence(shop=shop, agent=name, status="online", now=at("09:00"))
    opened("gone", shop, "09:10")
    first = Conversation.objects.get(shop=shop, external_id="gone").holder.name
    other = "a2" if first == "a1" else "a1"
    services.post_message(shop=shop, conversation="gone", sender=Sender.BUYER, text="在吗", now=at("09:10"))
    services.transfer_conversation(shop=shop, conversation="gone", by=first, to=other, now=at("09:11"))
    services.post_message(
        shop=shop, conversation="gone", sender=Sender.AGENT, author=SubAccount.objects.get(shop=shop, name=other),
        text="您好亲", now=at("09:12"),
    )  # fmt: skip
    services.close_conversation(shop=shop, conversation="gone", by=ClosedBy.AGENT, now=at("09:40"))
    services.rate_conversation(
        conversation=Conversation.objects.get(shop=shop, external_id="gone"), satisfied=True, word="", now=at("09:41")
    )
    sweep_shop(shop=shop, now=at("12:00", DAY + timedelta(days=1)))

    found = report(shop, ONE, "day")
    assert told(found, "received", "direct", "transferred_in", "transferred_out") == [1, 1, 1, 1]
    assert told(found, "offline", "offline_open", "recent_share") == [1, 1, 0]
    assert told(found, "handling", "satisfaction", "ratings") == [30 * 60, 1, 1]
    assert told(found, "buyers", "answered_buyers", "unanswered_buyers", "mean_response") == [2, 1, 1, 120]
    keys = {row.name: str(row.pk) for row in SubAccount.objects.filter(shop=shop)}
    agents = report(shop, ONE, "agent")
    assert told(line_of(agents, keys[first]), "transferred_out") == [1]
    assert told(line_of(agents, keys[other]), "transferred_in", "ratings", "answers", "characters") == [1, 1, 1, 3]


def test_waits_by_hand() -> None:
    """Two stand in the pool from 10:00: one is taken at 10:04, the other gives up at 10:02."""
    shop = make_shop()
    make_agent(shop, "a1")
    for name in ("taken", "left"):
        opened(name, shop, "10:00")
    services.close_conversation(shop=shop, conversation="left", by=ClosedBy.BUYER, now=at("10:02"))
    services.set_presence(shop=shop, agent="a1", status="online", now=at("10:04"))
    sweep_shop(shop=shop, now=at("12:00", DAY + timedelta(days=1)))
    assert told(report(shop, ONE, "hour"), "waits", "wait", "abandoned", "received") == [2, 240, 1, 1]


def test_a_buyer_whom_the_robot_alone_answered_is_neither_answered_nor_unanswered() -> None:
    shop = make_shop()
    talk = make_conversation(shop, "戊")
    say(talk, "buyer", "10:00", dirty=True)
    say(talk, "robot", "10:01", dirty=True)
    sweep_shop(shop=shop, now=at("12:00", DAY + timedelta(days=1)))
    found = report(shop, ONE, "day")
    assert told(found, "buyers", "answered_buyers", "robot_buyers", "unanswered_buyers") == [1, 0, 1, 0]
    assert told(found, "mean_response", "answers") == [None, 0]


def opened(name: str, shop: Shop, clock: str) -> None:
    services.open_conversation(shop=shop, external_id=name, buyer=name, entry="goods_detail", now=at(clock))


def test_a_shop_of_new_york_has_its_own_days() -> None:
    made = make_shop()
    Shop.objects.filter(pk=made.pk).update(timezone="America/New_York")
    made.refresh_from_db()
    day = date(2026, 3, 8)  # 02:00 is skipped
    for clock in ("01:30", "03:30"):
        say(make_conversation(made, clock), "buyer", clock, day, dirty=True)
    sweep_shop(shop=made, now=at("12:00", day + timedelta(days=2)))
    found = report(made, Range(day, day), "hour")
    assert [(line.key, line.now.amounts["questions"]) for line in found.lines] == [(1, 1), (3, 1)]


def test_an_hour_that_comes_twice_is_one_hour() -> None:
    """In New York 01:30 of 1 November comes twice; the day has 25 hours and is compared with one that has 24."""
    made = make_shop()
    Shop.objects.filter(pk=made.pk).update(timezone="America/New_York")
    made.refresh_from_db()
    day = date(2026, 11, 1)
    for number, moment in enumerate(
        ("2026-11-01T05:30Z", "2026-11-01T06:30Z", "2026-10-31T12:00Z", "2026-11-02T04:30Z")
    ):
        sent = datetime.fromisoformat(moment)
        talk = make_conversation(made, f"b{number}")
        mark_dirty(made, [sent.astimezone(made.zone).date()])
        Message.objects.create(
            shop=made, conversation=talk, identity=f"dst{number}", sender="buyer", kind="text", sent_at=sent,
            received_at=sent,
        )  # fmt: skip
    sweep_shop(shop=made, now=at("12:00", day + timedelta(days=3)))
    found = report(made, Range(day, day), "hour")
    assert {line.key: line.now.amounts["questions"] for line in found.lines} == {1: 2, 8: 0, 23: 1}
    assert found.total.before.amounts["questions"] == 1


def test_the_headline_says_who_came_and_how_it_was_before(shop: Shop) -> None:
    with translation.override("zh-hans"):
        told = headline(report(shop, ONE, "day"))
    assert told == "3 位买家来咨询，66.7% 得到回复，平均 5 分 30 秒。比上一段时间慢 2 分 30 秒。"
    assert headline(report(make_shop(), ONE, "day")) == ""
