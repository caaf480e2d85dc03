"""What screens and programs read: rates by day and agent, today, penalty windows (P6)."""

from datetime import date, timedelta

import pytest

from agents.models import Account, Shop
from metrics.formulas.units import Figures
from metrics.selectors import agent_rates, penalty_windows, reply_rates, today, windows_between
from metrics.services import assess, enter_black_room, mark_window
from tests.metrics.builders import DAY, at
from tests.metrics.rows import ask, make_agent, make_conversation, make_shop, say

pytestmark = pytest.mark.django_db


def later(number: int) -> date:
    return DAY + timedelta(days=number)


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def run(shop: Shop, last: date = DAY, now=None) -> None:
    assess(shop=shop, date_from=DAY, date_to=last, now=now or at("12:00", last + timedelta(days=1)))


def test_rates_by_day_have_every_day_and_pool_the_total(shop: Shop) -> None:
    ask(shop, DAY, answered=1)
    ask(shop, later(2), answered=1, missed=2)
    run(shop, later(2))
    first, *_ = reply_rates(shop, DAY, later(2))
    assert (first.key, str(first.label)) == ("reply_5m", "5分钟回复率")
    assert first.total == Figures(2, 2)
    assert [(row.day, row.figures) for row in first.rows] == [
        (DAY, Figures(1)),
        (later(1), Figures()),
        (later(2), Figures(1, 2)),
    ]


def talk_of(shop: Shop, name: str, answer: str, day: date = DAY) -> None:
    talk = make_conversation(shop, f"{name}{answer}{day}")
    say(talk, "buyer", "10:00", day)
    say(talk, "agent", answer, day, who=shop.sub_accounts.get(name=name))


def test_rates_by_agent_are_by_name_and_nobodys_come_last(shop: Shop) -> None:
    for name in ("b", "a"):
        make_agent(shop, name)
    talk_of(shop, "a", "10:01")
    talk_of(shop, "a", "10:09", later(1))
    talk_of(shop, "b", "10:02")
    say(make_conversation(shop, "none"), "buyer", "10:00")
    run(shop, later(1))
    first, *_ = reply_rates(shop, DAY, later(1), by="agent")
    assert [(row.agent, row.figures) for row in first.rows] == [
        ("a", Figures(1, 1)),
        ("b", Figures(1)),
        (None, Figures(0, 1)),
    ]


def test_an_agents_own_figures_are_theirs_alone_with_zeros_where_there_is_nothing(shop: Shop) -> None:
    a, idle = make_agent(shop, "a"), make_agent(shop, "idle")
    talk_of(shop, "a", "10:01")
    run(shop)
    own = agent_rates(shop, DAY, DAY, agent=a)
    assert (own[0].metric, own[0].agent, own[0].total) == ("reply_5m", "a", Figures(1))
    assert [row.day for row in own[0].days] == [DAY]
    assert [row.total for row in agent_rates(shop, DAY, DAY, agent=idle)] == [Figures()] * 4
    assert {row.agent for row in agent_rates(shop, DAY, DAY)} == {"a"}


def test_today_has_the_running_figures_the_window_and_the_line(shop: Shop) -> None:
    ask(shop, later(-1), missed=2)
    ask(shop, DAY, answered=1)
    say(make_conversation(shop, "open"), "buyer", "10:03")
    now = at("10:04")
    run(shop, now=now)
    first, *_ = today(shop, now)
    assert (first.day, first.window, first.pending) == (Figures(1, 0, 1), Figures(1, 2, 1), 1)
    assert (first.pass_line, first.meets_line, first.window_days, first.threshold_seconds) == (0.5, False, 3, 300)
    assert [row.day for row in first.days] == [later(-2), later(-1), DAY]


def test_today_of_a_shop_without_any_figures(shop: Shop) -> None:
    assert [(m.day, m.meets_line) for m in today(shop, at("10:00"))] == [(Figures(), None)] * 4


@pytest.mark.parametrize(
    ("platform", "metrics"),
    [
        (
            "pinduoduo",
            {"reply_5m": (0.5, True), "reply_15m": (0.5, True), "reply_60m": (0.5, True), "human_3m": (None, False)},
        ),
        ("kuaishou", {"human_3m": (0.7, False)}),
        ("douyin", {"human_3m": (0.6, False), "reply_2m": (None, False)}),
        ("taobao", {"human_3m": (0.8, False)}),
    ],
)
def test_each_platform_shows_its_own_metrics(platform: str, metrics: dict) -> None:
    found = today(make_shop(platform), at("10:00"))
    assert {m.key: (m.pass_line, m.penalised) for m in found} == metrics


def test_below_the_volume_nothing_is_said_of_the_line() -> None:  # M7
    shop = make_shop("taobao")
    ask(shop, DAY, missed=99)
    run(shop)
    [metric] = today(shop, at("23:30"))
    assert (metric.window.decided, metric.meets_line) == (99, None)
    ask(shop, DAY, missed=1)
    run(shop)
    [metric] = today(shop, at("23:30"))
    assert (metric.window.decided, metric.meets_line, metric.min_volume) == (100, False, 100)
    assert penalty_windows(shop) == []


def test_P6_a_window_says_why_it_opened_when_it_ends_and_what_is_missing(shop: Shop) -> None:
    ask(shop, DAY, answered=1, missed=2)
    ask(shop, later(1), answered=9)
    run(shop, later(1))
    ban = next(row for row in penalty_windows(shop) if row.kind == "activity_ban")
    assert [(r.metric, r.window, r.own) for r in ban.reasons] == [
        (metric, Figures(1, 2), Figures(1, 2)) for metric in ("reply_5m", "reply_15m", "reply_60m")
    ]
    assert (ban.state, ban.ends_at, ban.passing_days_missing) == ("open", None, 2)
    assert ban.not_before == at("00:00", later(4))
    assert (str(ban.label), str(ban.state_label)) == ("不可参加活动", "生效中")


def test_windows_in_force_come_first_and_marks_are_shown(shop: Shop) -> None:
    ask(shop, DAY, missed=1)
    run(shop)
    by = Account.objects.create(account="boss", display_name="老板")
    target = next(row for row in penalty_windows(shop) if row.kind == "ad_removal")
    now = at("12:00", later(1))
    mark_window(shop=shop, window=target.id, mark="dismissed", reason="没有", by=by, now=now)
    enter_black_room(shop=shop, day=DAY, by=by, now=now)
    found = penalty_windows(shop)
    assert [row.state for row in found] == ["open"] * 4 + ["ended"]
    assert (found[-1].mark, found[-1].mark_reason, found[-1].marked_by) == ("dismissed", "没有", "老板")
    assert next(row for row in found if row.kind == "black_room").reasons == ()


def test_prolongations_say_their_day_and_reason(shop: Shop) -> None:
    ask(shop, DAY, missed=1)
    ask(shop, later(1), missed=1)
    run(shop, later(1))
    row = windows_between(shop, DAY, DAY)[0]
    assert [(p.day, p.until, p.reasons[0].metric) for p in row.prolongations] == [
        (later(1), at("00:00", later(5)), "reply_5m")
    ]


def test_only_windows_that_touch_the_days_are_between_them(shop: Shop) -> None:
    ask(shop, DAY, missed=1)
    run(shop, later(9))
    kinds = [len(windows_between(shop, day, day)) for day in (later(-1), DAY, later(3), later(4))]
    assert kinds == [0, 4, 4, 1]
