"""Rates, penalties and the overview as each role sees them, and what people say about penalties."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from agents.models import Account, Shop, SubAccount
from agents.vocabulary import Role
from conversations.states import Sender
from metrics.models import PenaltyWindow
from metrics.selectors import penalty_windows
from metrics.selectors.clocks import answer_times, reply_clocks, strictest
from metrics.services import assess, enter_black_room
from metrics.telling import banner_of
from metrics.templatetags.rates import percent
from routing import services
from tests.agents.factories import make_member, make_shop
from tests.metrics.rows import ask, make_conversation, make_penalty, say

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 3, 10, 1, 0, tzinfo=UTC)
"""09:00 in the shop: inside the counted hours."""


def client_of(member: SubAccount) -> Client:
    client = Client()
    client.force_login(member.account)
    return client


def page(member: SubAccount, name: str, *more: object, **asked: str) -> str:
    answer = client_of(member).get(reverse(name, args=[member.shop.slug, *more]), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def today(shop: Shop) -> date:
    return timezone.now().astimezone(shop.zone).date()


def failing(shop: Shop) -> None:
    """Yesterday 2 of 5 in time: the four penalties of a fail are in force today."""
    yesterday = today(shop) - timedelta(days=1)
    ask(shop, yesterday, answered=2, missed=3)
    assess(shop=shop, date_from=yesterday, date_to=today(shop), now=timezone.now())


def test_the_owner_reads_why_how_long_and_what_is_missing_in_one_banner() -> None:  # P6
    shop = make_shop("pdd")
    failing(shop)
    seen = page(make_member(shop, Role.MAIN), "reply_rates")
    yesterday = today(shop) - timedelta(days=1)
    assert f"移除资源位、禁止上资源位、移除广告，预计 {today(shop) + timedelta(days=3):%m-%d} 00:00 结束" in seen
    assert f"{yesterday:%m-%d} 的" in seen
    assert "40.0%，低于 50%；当天 5 位买家有 3 位超时" in seen
    assert "不可参加活动：还差连续 3 天达标" in seen
    assert "近 3 天 2/5" in seen


def test_figures_are_fresh_without_any_job_having_run() -> None:
    shop = make_shop("pdd")
    ask(shop, today(shop) - timedelta(days=1), answered=1)
    assert "近 3 天 1/1" in page(make_member(shop, Role.OPERATIONS), "reply_rates")


def test_an_agent_sees_own_figures_and_neither_the_shops_nor_a_penalty() -> None:
    shop = make_shop("pdd")
    failing(shop)
    me, colleague = make_member(shop, name="小满-售前01"), make_member(shop, name="小满-售前02")
    for who, number in ((me, 1), (colleague, 2), (colleague, 3)):
        talk = make_conversation(shop, f"own-{number}")
        day = today(shop) - timedelta(days=1)
        say(talk, "buyer", "11:00", day, dirty=True)
        say(talk, "agent", "11:01", day, who=who)
    seen = page(me, "reply_rates")
    assert "近 3 天 1/1" in seen
    assert "小满-售前02" not in seen
    assert "处罚中" not in seen
    everybody = page(make_member(shop, Role.CS_MANAGER), "reply_rates")
    assert "小满-售前01" in everybody
    assert "小满-售前02" in everybody


def test_agents_stand_in_the_rates_under_the_names_people_know() -> None:
    shop = make_shop("pdd")
    me = make_member(shop, name="pdd-a1")
    Account.objects.filter(pk=me.account_id).update(display_name="小满-售前01")
    talk = make_conversation(shop, "named")
    say(talk, "buyer", "11:00", today(shop) - timedelta(days=1), dirty=True)
    say(talk, "agent", "11:01", today(shop) - timedelta(days=1), who=me)
    seen = page(make_member(shop, Role.MAIN), "reply_rates")
    assert ">小满-售前01</td>" in seen
    assert ">pdd-a1</td>" not in seen


def test_the_part_that_polls_is_the_part_alone() -> None:
    shop = make_shop("pdd")
    client = client_of(make_member(shop, Role.MAIN))
    for name, part in (("reply_rates", "rates"), ("shop_overview", "overview")):
        answer = client.get(reverse(name, args=["pdd"]), headers={"HX-Request": "true"}).content.decode()
        assert f'<div id="{part}"' in answer
        assert "<html" not in answer


def test_a_tile_says_what_brings_the_rate_back_and_that_failed_is_failed() -> None:  # P7
    shop = make_shop("pdd")
    failing(shop)
    seen = page(make_member(shop, Role.MAIN), "reply_rates")
    assert "再连续 1 个按时回复就回到及格线；已超时的救不回来" in seen


@pytest.mark.parametrize(
    ("platform", "told"), [("kuaishou", "3分钟人工回复率"), ("douyin", "2分钟回复率"), ("taobao", "3分钟人工响应率")]
)
def test_each_platform_has_its_own_tiles(platform: str, told: str) -> None:
    shop = make_shop(platform, platform)
    member = make_member(shop, Role.MAIN)
    assert told in page(member, "reply_rates")
    assert "最近几天还没有数据" in page(member, "shop_overview")


def test_penalties_stand_with_their_reasons_and_a_calm_shop_is_told_so() -> None:
    calm, shop = make_shop("calm"), make_shop("pdd")
    assert "没有处罚" in page(make_member(calm, Role.MAIN), "penalties")
    failing(shop)
    seen = page(make_member(shop, Role.MAIN), "penalties")
    assert seen.count('class="card penalty"') == 4
    assert "且要连续 3 天达标，还差 3 天" in seen


def test_a_penalty_is_confirmed_the_mark_taken_back_and_dismissed_with_a_reason() -> None:  # P8
    shop = make_shop("pdd")
    failing(shop)
    client = client_of(make_member(shop, Role.OPERATIONS))
    window = PenaltyWindow.objects.get(kind="ad_removal")
    address = reverse("penalty_mark", args=["pdd", window.pk])

    def mark(**given: str) -> int:
        status = client.post(address, given).status_code
        window.refresh_from_db()
        return status

    assert (mark(mark="confirmed"), window.mark) == (302, "confirmed")
    assert (mark(mark=""), window.mark) == (302, "")
    assert (mark(mark="dismissed"), window.mark, window.state) == (422, "", "open")
    assert mark(mark="dismissed", reason="平台没有移除") == 302
    assert (window.mark, window.mark_reason, window.state) == ("dismissed", "平台没有移除", "ended")
    assert mark(mark="nonsense") == 422
    assert "平台没有移除" in page(make_member(shop, Role.MAIN), "penalties")


def test_a_black_room_is_entered_with_its_day_and_never_twice_nor_for_a_day_to_come() -> None:  # P4
    shop = make_shop("pdd")
    client = client_of(make_member(shop, Role.MAIN))
    address = reverse("penalty_black_room", args=["pdd"])
    day = today(shop)
    assert f'value="{day}"' in client.get(address).content.decode(), "today stands in the form"
    assert client.post(address, {"day": day + timedelta(days=1)}).status_code == 422
    assert client.post(address, {"day": "soon"}).status_code == 422
    assert client.post(address, {"day": day, "note": "站内信"}).status_code == 302
    again = client.post(address, {"day": day}, headers={"HX-Request": "true"})
    assert again.status_code == 422
    assert "已录入过" in again.content.decode()
    assert PenaltyWindow.objects.get().kind == "black_room"


def test_who_leads_lands_on_the_overview_an_agent_in_the_workbench() -> None:
    shop = make_shop("pdd")
    for role, name in (
        (Role.MAIN, "shop_overview"),
        (Role.CS_MANAGER, "shop_overview"),
        (Role.OPERATIONS, "shop_overview"),
        (Role.AGENT, "conversations"),
        (Role.LOGISTICS_AGENT, "conversations"),
    ):
        answer = client_of(make_member(shop, role)).get(reverse("shop_home", args=["pdd"]))
        assert answer.headers["Location"] == reverse(name, args=["pdd"]), role


def test_the_overview_says_who_is_there_who_waits_and_hides_buyers_from_operations() -> None:
    shop = make_shop("pdd")
    opened = services.open_conversation(shop=shop, buyer="栗子爱吃糖", entry="shop_home").conversation
    services.open_conversation(shop=shop, buyer="半夏微凉", entry="shop_home")
    agent = make_member(shop, name="小满-售前01")
    services.change_sub_account(shop=shop, agent=agent.name, max_concurrent=1)
    services.set_presence(shop=shop, agent=agent.name, status="online")
    services.publish(shop=shop, document={"never_route": []})
    answer = client_of(make_member(shop, Role.MAIN)).get(reverse("shop_overview", args=["pdd"]))
    lines = answer.context["lines"]
    assert (lines.in_line, lines.open, lines.unanswered) == (1, 1, 1)
    assert answer.context["room"] == 0
    assert "1/1" in answer.content.decode()
    assert f"版本 {answer.context['version'].number}" in answer.content.decode()
    opened.refresh_from_db()
    assert opened.holder == agent
    assert "半夏微凉" not in page(make_member(shop, Role.OPERATIONS), "shop_overview")


def test_a_countdown_runs_from_the_messages_own_time() -> None:
    shop = make_shop("pdd")
    row = services.open_conversation(shop=shop, buyer="b", entry="shop_home", message=False, now=NIGHT).conversation
    sent = NIGHT + timedelta(seconds=10)
    services.post_message(
        shop=shop,
        conversation=row.external_id,
        sender=Sender.BUYER,
        text="?",
        sent_at=sent,
        now=sent + timedelta(seconds=20),
    )
    row.refresh_from_db()
    clock = reply_clocks(shop, [row], strictest(shop, NIGHT), sent + timedelta(seconds=100))[row.pk]
    assert (clock.left, clock.total, clock.late) == (200, 300, False)
    late = reply_clocks(shop, [row], strictest(shop, NIGHT), sent + timedelta(seconds=301))[row.pk]
    assert (late.late, late.over) == (True, 1)


def test_a_question_of_the_night_has_no_countdown() -> None:  # M11
    shop = make_shop("pdd")
    at = datetime(2026, 3, 10, 15, 30, tzinfo=UTC)  # 23:30 in the shop
    row = services.open_conversation(shop=shop, buyer="b", entry="shop_home", now=at).conversation
    assert reply_clocks(shop, [row], strictest(shop, at), at) == {}


def test_answers_say_what_they_took_and_whether_they_count() -> None:
    shop = make_shop("pdd")
    talk = make_conversation(shop)
    said = [
        say(talk, "buyer", "10:00:00"),
        say(talk, "auto", "10:00:01"),
        say(talk, "agent", "10:04:00"),
        say(talk, "agent", "10:04:30"),
        say(talk, "buyer", "10:10:00"),
        say(talk, "robot", "10:16:00"),
        say(talk, "buyer", "23:30:00"),
        say(talk, "agent", "23:31:00"),
    ]
    times = answer_times(shop, said, strictest(shop, NIGHT))
    told = [(t.seconds, t.counted, t.in_time) for t in (times[said[n].pk] for n in (1, 2, 3, 5, 7))]
    assert told == [
        (None, False, None),
        (240, True, True),
        (None, None, None),
        (360, True, False),
        (60, False, None),
    ]


def test_a_rate_below_the_line_never_reads_as_the_line() -> None:  # M10
    assert percent(273 / 533) == "51.2"
    assert percent(0.4996) == "49.9"
    assert percent(0.5) == "50.0"
    assert percent(0.9999) == "99.9"
    assert percent(1.0) == "100.0"
    assert percent(None) == "—"


def test_the_banner_speaks_of_a_penalty_that_a_person_entered_in_both_languages() -> None:
    shop = make_shop("pdd")
    make_penalty(shop)
    told = banner_of(shop, penalty_windows(shop))
    assert told is not None
    assert "小黑屋" in told.title
    assert "手工录入" in told.why
    with translation.override("en"):
        english = banner_of(shop, penalty_windows(shop))
        assert english is not None
        assert english.title.startswith("Penalty in force: Black room, expected to end")


def test_penalties_of_another_shop_are_not_found() -> None:
    shop, other = make_shop("pdd"), make_shop("other")
    now = timezone.now()
    window = enter_black_room(shop=other, day=today(other), by=None, now=now)
    client = client_of(make_member(shop, Role.MAIN))
    assert client.post(reverse("penalty_mark", args=["pdd", window.pk]), {"mark": "confirmed"}).status_code == 404
    window.refresh_from_db()
    assert window.mark == ""


def test_todays_page_asks_few_questions_of_the_database() -> None:
    shop = make_shop()
    for number in range(6):
        make_member(shop, "agent", name=f"a{number}")
    failing(shop)
    client = client_of(make_member(shop, "main"))
    url = f"/s/{shop.slug}/reply-rates/"
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    assert len(found) < 15, [query["sql"][:90] for query in found.captured_queries]
