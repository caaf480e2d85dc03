"""Why some get many and some none (ROUTING 7): each cause made to happen through the live services, and named first."""

import re
from datetime import timedelta

import pytest
from django.utils import translation

from metrics.formulas.shares import Cause
from metrics.telling_causes import BEYOND, BUSY, CAPS, UNCLOSED
from metrics.telling_shares import headline
from routing import services
from routing.models import Decision
from tests.metrics.builders import DAY, at
from tests.metrics.rows import decide, make_conversation
from tests.metrics.share_day import ShareDay

pytestmark = pytest.mark.django_db(transaction=True)
TRIO: dict[str, int | None] = {"a": None, "b": None, "c": None}
NEXT = DAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def test_a_page_list_leaves_one_out() -> None:
    day = ShareDay("pinduoduo", TRIO, {"pages": {"goods_detail": ["a", "b"]}})
    day.online("09:00")
    day.buyers(60, "09:30", "10:30")
    (why,) = day.why("c")
    assert (why.key, why.count) == (Cause.LISTS, -20)
    assert why.sentence == "不在这些买家对应的任何名单或分组里，一次也没轮到。"
    row = day.row("a")
    assert (row.share.looked_at, row.share.listed_with) == (60, 1)
    assert row.share.parts[Cause.LISTS] == pytest.approx(10)
    assert headline(day.found()).startswith("c 比平均少接 20 个：名单和分组 20 个。")


def test_a_cap_of_one_beside_others_without() -> None:
    day = ShareDay("pinduoduo", {"a": 1, "b": None, "c": None})
    day.online("09:00")
    day.buyers(60, "09:00", "11:00", lasting=30)
    day.set("offline", "11:40")
    found = day.found()
    why = day.why("a")[0]
    full = day.row("a").share.left_out["full"]
    assert why.key == CAPS
    assert full > 30
    assert why.count == round(-full / 3)
    assert why.sentence == f"上限 1，其他人不设上限：{round(100 * full / 60)}% 的分配时 TA 已满。"
    assert day.why("b")[0].key in (Cause.FULL, Cause.CHANCE)
    others = next(reason for reason in day.why("b") if reason.key == Cause.FULL)
    assert others.count > 0 and others.sentence.startswith("别人满了")
    assert sum(row.share.received for row in found.rows) == 60


def test_a_long_break() -> None:
    day = ShareDay("pinduoduo", TRIO)
    day.online("09:00")
    day.set("break", "10:00", "b")
    day.buyers(90, "10:00", "13:00")
    day.online("13:00", "b")
    day.buyers(30, "13:00", "14:00")
    day.set("offline", "14:00")
    why = day.why("b")[0]
    assert (why.key, why.count) == (Cause.BREAK, -30)
    assert why.sentence == "小休 3 小时 0 分，其他人平均 0 分；因为小休错过 90 次分配，其他人平均 0 次。"
    row = day.row("b")
    assert row.on_break == timedelta(hours=3)
    assert row.online == timedelta(hours=2)
    assert row.met == pytest.approx(0.25)
    assert day.row("a").met == 1


def test_never_online() -> None:
    day = ShareDay("kuaishou", TRIO)
    day.online("09:00", "a", "b")
    day.buyers(30, "09:00", "12:00")
    day.set("offline", "12:00")
    why = day.why("c")[0]
    assert (why.key, why.count) == (Cause.OFFLINE, -10)
    assert why.sentence == "这段时间没有上过线；其他人平均在线 3 小时 0 分。"


def test_conversations_left_unclosed_keep_the_places() -> None:
    day = ShareDay("pinduoduo", dict.fromkeys(TRIO, 5))
    day.online("09:00")
    day.buyers(120, "09:00", "17:00", never="a")
    why = day.why("a")[0]
    row = day.row("a")
    assert row.share.received == row.open.now == 5
    assert why.key == UNCLOSED
    assert 3 < row.open.idle < row.open.mean <= 5
    assert f"占上限 5 的 {round(100 * row.open.idle / 5)}%" in why.sentence
    assert row.share.left_out["full"] > 80
    assert headline(day.found()).startswith(f"a 比平均少接 35 个：会话没关闭 {abs(why.count)} 个")


def test_left_unclosed_on_douyin_never_least_saturated() -> None:
    day = ShareDay("douyin", dict.fromkeys(TRIO, 20), {"allocation": "least_saturated"})
    day.online("09:00")
    day.buyers(60, "09:00", "12:00", never="a", lasting=2)
    day.buyers(60, "12:00", "17:00", never="a", lasting=2)
    assert day.why("a")[0].key == Cause.SATURATED  # few are idle so far: the others are simply emptier
    day.buyers(12, "17:00", "17:10", lasting=20)
    day.set("offline", "17:30", "b", "c")
    day.buyers(10, "17:30", "18:00", never="a")
    day.online("18:00", "b", "c")
    day.buyers(200, "18:00", "23:50", lasting=2)
    assert day.row("a").idle_part > 0.15
    assert day.why("a")[0].key == UNCLOSED


def test_a_has_had_the_buyers_of_two_days_and_b_none() -> None:
    """S4: they come back to whom they know."""
    day = ShareDay("taobao", {"a": None, "b": None})
    day.online("09:00", "a")
    knew = day.buyers(20, "09:00", "12:00")
    day.set("offline", "12:30", "a")
    day.online("09:00", day=NEXT)
    day.buyers(20, "09:30", "11:00", day=NEXT, names=knew)
    day.buyers(10, "11:00", "12:00", day=NEXT)
    b = day.why("b", first=NEXT)[0]
    assert (b.key, b.count) == (Cause.RECENT, -10)
    assert b.sentence == "全店 20 个老买家回头，没有一个找 TA；平均每人 10 个。"
    a = day.why("a", first=NEXT)[0]
    assert (a.key, a.count) == (Cause.RECENT, 10)
    assert a.sentence == "全店 20 个老买家回头，20 个找的是 TA；平均每人 10 个。"
    found = day.found(NEXT)
    assert (found.total, found.recent, found.shared) == (30, 20, 10)
    both = day.found(DAY, NEXT)
    assert (both.total, both.recent) == (50, 20)


def test_weights_of_five_to_one() -> None:
    members = [{"account": "a", "weight": 500}, {"account": "b", "weight": 100}]
    group = {"name": "组", "order_statuses": ["unpaid"], "members": members}
    day = ShareDay("pinduoduo", {"a": None, "b": None}, {"mode": "advanced", "groups": [group]})
    day.online("09:00")
    day.buyers(60, "09:00", "12:00", order_status="unpaid")
    why = day.why("b")[0]
    assert (why.key, why.count) == (Cause.WEIGHT, -20)
    assert why.sentence == "权重 100，其他人平均 500。"
    row = day.row("a")
    assert row.share.received - row.share.chance == pytest.approx(50)
    assert not row.share.beyond


SHIFTS = {"allocation": "even_today"}, {"allocation": "least_saturated"}


def late_starter(document: dict) -> ShareDay:
    """S1: 8:00–18:00 and 12:00–22:00, as many buyers each hour."""
    day = ShareDay("douyin", {"early": 20, "late": 20}, document)
    day.online("08:00", "early")
    day.buyers(60, "08:00", "12:00", lasting=8)
    day.online("12:00", "late")
    day.buyers(90, "12:00", "18:00", lasting=8)
    day.set("offline", "18:00", "early")
    day.buyers(6, "18:00", "22:00", lasting=8)
    return day


def test_even_over_the_day_floods_the_late_starter_until_they_have_caught_up() -> None:
    day = late_starter(SHIFTS[0])
    row = day.row("late")
    assert row.share.received == 78 + 3 and abs(row.share.difference) <= 3
    parts = {reason.key: reason for reason in day.why("late")}
    assert parts[Cause.EVEN].count == 30 and parts[Cause.OFFLINE].count == -27
    assert parts[Cause.EVEN].sentence == "平均分配：今天接得少的先接，晚上班的会补上来。"
    assert day.why("early")[0].key == Cause.EVEN


def test_least_saturated_does_not_make_up_for_a_late_start() -> None:
    day = late_starter(SHIFTS[1])
    why = day.why("late")[0]
    assert (why.key, why.count) == (Cause.OFFLINE, -27)
    assert "轮得到 TA 的买家里，62% 进来时 TA 在线" in why.sentence
    assert abs(day.row("late").share.difference + 27) <= 2


def test_what_is_given_by_hand_counts_apart() -> None:
    day = ShareDay("pinduoduo", {"a": None, "b": None}, {"pages": {"goods_detail": ["a"]}})
    day.online("09:00")
    day.buyers(6, "09:00", "10:00", lasting=500)
    for row in day.shop.conversations.order_by("pk")[:4]:
        services.transfer_conversation(
            shop=day.shop, conversation=row.external_id, by="a", to="b", reason="", now=at("10:30")
        )
    a, b = day.row("a"), day.row("b")
    assert (a.share.received, a.moved_in, a.moved_out) == (6, 0, 4)
    assert (b.share.received, b.moved_in, b.moved_out) == (0, 4, 0)
    assert (a.open.now, b.open.now) == (2, 4)


def test_the_offline_list_counts_apart_and_imported_history_knows_nothing() -> None:
    day = ShareDay("pinduoduo", {"a": None, "b": None}, {"offline": {"enabled": True, "agents": ["a"]}})
    make_conversation(day.shop, "old")
    assert day.found().total == 0
    day.buyers(3, "09:00", "10:00")
    found = day.found()
    assert found.total == 0
    assert {row.share.name: row.offline for row in found.rows} == {"a": 3, "b": 0}
    assert not found.presence_known


def test_taken_away_for_want_of_an_answer() -> None:
    silence = {"enabled": True, "after_seconds": 60, "times": 1}
    day = ShareDay("pinduoduo", TRIO, {"silence": silence, "pages": {"goods_detail": ["a"]}})
    day.online("09:00", "a")
    for n in range(8):
        day.open(f"s{n}", f"s{n}", at(f"09:{n:02}"))
    day.online("09:07:30", "b", "c")
    services.run_time_outs(shop=day.shop, now=at("09:20"))
    reassigned = Decision.objects.filter(shop=day.shop, trigger="reassigned").count()
    assert reassigned == 8
    assert day.row("a").share.left_out["silent"] == 8
    silent = next(reason for reason in day.why("a") if reason.key == Cause.SILENT)
    assert silent.sentence == "8 次超时没回复，会话被转走。"


@pytest.mark.parametrize("platform", ["pinduoduo", "kuaishou", "taobao"])
def test_the_figures_of_the_headline_add_up(platform: str) -> None:
    day = ShareDay(platform, dict.fromkeys(TRIO, 8))
    day.online("09:00", "a", "b")
    day.online("10:30", "c")
    day.buyers(90, "09:00", "15:00", never="a")
    day.set("break", "13:00", "b")
    day.buyers(30, "15:00", "16:00")
    told = headline(day.found())
    sentences = re.findall(r"比平均[多少]接 (\d+) 个：(.*?)。", told)
    assert sentences, told
    for count, why in sentences:
        against = re.search(r"抵消 (\d+) 个", why)
        given = sum(map(int, re.findall(r"(\d+) 个", why)))
        assert given - (2 * int(against[1]) if against else 0) == int(count), told


def test_a_draw_that_somebody_tampered_with_is_beyond_chance() -> None:
    day = ShareDay("taobao", TRIO)
    day.online("09:00")
    day.buyers(60, "09:00", "12:00")
    assert not any(row.share.beyond for row in day.found().rows)
    Decision.objects.filter(shop=day.shop).update(agent=day.people["a"])
    row = day.row("a")
    assert row.share.beyond and row.share.chance == pytest.approx(40)
    assert headline(day.found()).endswith("超出随机波动：a、b、c。")
    why = day.why("a")[0]
    assert (why.key, why.count, str(why.name)) == (BEYOND, 40, "规则解释不了的")
    assert why.sentence.startswith("超出随机波动：±") and why.sentence.endswith("< 0.1%。")


def test_on_taobao_the_busy_get_less_and_that_is_said() -> None:
    """TB5: a's buyers wait for their answer; by the weights alone a has had too few."""
    day = ShareDay("taobao", {"a": None, "b": None})
    day.online("09:00", "a")
    for n in range(40):
        day.open(f"w{n}", f"w{n}", at(f"09:{n:02}"))
    day.online("10:00", "b")
    day.buyers(100, "10:00", "14:00")
    row = day.row("a")
    assert row.busy == 100
    assert row.share.beyond and row.share.chance < -25
    busy = next(reason for reason in day.why("a") if reason.key == BUSY)
    assert "有 100 次 TA 手上的会话多过繁忙阈值" in busy.sentence
    other = next(reason for reason in day.why("b") if reason.key == BUSY)
    assert other.count == -busy.count and "别人有 100 次手上的会话多过繁忙阈值" in other.sentence
    assert "超出随机波动" not in headline(day.found())


def test_busy_a_few_times_does_not_explain_all_that_is_beyond_chance() -> None:
    day = ShareDay("taobao", {"a": None, "b": None})
    day.online("09:00")
    day.buyers(60, "09:00", "12:00")
    for n in range(12):
        day.open(f"w{n}", f"w{n}", at(f"12:{n:02}"))
    Decision.objects.filter(shop=day.shop).update(agent=day.people["b"])
    row = day.row("a")
    assert 0 < row.busy < abs(row.share.chance) - row.share.usual
    assert BEYOND in [reason.key for reason in day.why("a")]


def test_days_are_the_shops_and_both_ends_are_in() -> None:
    day = ShareDay("pinduoduo", {"a": None, "b": None})
    day.online("09:00")
    day.buyers(1, "23:59:59", "23:59:59")
    day.buyers(1, "00:00", "00:00", day=NEXT)
    assert [day.found(DAY).total, day.found(NEXT).total, day.found(DAY, NEXT).total] == [1, 1, 2]


def test_who_was_disabled_meanwhile_is_a_row_and_not_aside() -> None:
    day = ShareDay("pinduoduo", TRIO)
    day.online("09:00", "a", "b")
    day.buyers(6, "09:00", "10:00")
    services.change_sub_account(shop=day.shop, agent="a", enabled=False, now=at("11:00"))
    services.publish(shop=day.shop, document={"never_route": ["c"]}, now=at("11:00"))
    found = day.found()
    assert {row.share.name for row in found.rows} == {"a", "b", "c"}  # c was looked at, offline, while they took part
    assert found.aside == ()
    assert day.found(NEXT).aside == (("a", "disabled"), ("c", "never_route"))


def test_nothing_of_another_shop() -> None:
    day, other = (ShareDay("pinduoduo", TRIO) for _ in range(2))
    for one in (day, other):
        one.online("09:00")
        one.buyers(3, "09:00", "10:00")
    decide(make_conversation(other.shop, "x"), "10:00", None)
    found = day.found()
    assert found.total == 3 and [row.open.now for row in found.rows] == [0, 0, 0]
