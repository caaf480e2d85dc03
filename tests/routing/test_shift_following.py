"""The status follows the shift (S3): at the boundaries and nowhere else, whatever happens in between."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from agents.models import PresenceLog, ShiftMark, ShiftSettings, Shop, SubAccount
from agents.services import save_kind, set_follows, set_shift
from agents.vocabulary import Role, Status
from config import jobs
from conversations.states import ClosedBy
from routing import services
from routing.services.following import REASON
from tests.agents.factories import make_member, make_shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]

MONDAY = date(2026, 11, 23)


class Days:
    """A shop whose agent a1 works from 9 to 18, and the time of its clock."""

    def __init__(self, zone: str = "Asia/Shanghai") -> None:
        self.shop: Shop = make_shop()
        Shop.objects.filter(pk=self.shop.pk).update(timezone=zone)
        self.shop.refresh_from_db()
        self.member = make_member(self.shop, name="a1")
        self.kind = save_kind(shop=self.shop, name="白班", colour="blue", times="09:00–18:00")
        self.every_day(self.member, self.kind)
        set_follows(shop=self.shop, follows=True)

    def every_day(self, member: SubAccount, kind) -> None:
        for n in range(7):
            set_shift(shop=self.shop, who=member, day=MONDAY + timedelta(days=n), kind=kind, weekly=True)

    def at(self, hour: int, minute: int = 0, day: int = 0) -> datetime:
        the_day = MONDAY + timedelta(days=day)
        zone = ZoneInfo(self.shop.timezone)
        return datetime(the_day.year, the_day.month, the_day.day, hour, minute, tzinfo=zone).astimezone(ZoneInfo("UTC"))

    def run(self, hour: int, minute: int = 0, day: int = 0) -> str:
        services.follow_shifts(shop=self.shop, now=self.at(hour, minute, day))
        return self.status()

    def status(self) -> str:
        self.member.refresh_from_db()
        return self.member.status

    def by_hand(self, status: str, hour: int, minute: int = 0, day: int = 0) -> None:
        services.set_presence(
            shop=self.shop, agent="a1", status=status, by=self.member.account, now=self.at(hour, minute, day)
        )

    def open(self, hour: int, minute: int = 0, day: int = 0) -> str:
        opened = services.open_conversation(
            shop=self.shop, buyer=f"b{hour}{minute}", entry="goods_detail", now=self.at(hour, minute, day)
        )
        assert opened.conversation.holder == self.member
        return opened.conversation.external_id

    def log(self) -> list[tuple[str, str]]:
        rows = PresenceLog.objects.filter(shop=self.shop).order_by("pk")
        return list(rows.values_list("status", "reason"))


@pytest.fixture
def days() -> Days:
    made = Days()
    made.run(8)  # the first look only begins
    return made


def test_online_at_the_beginning_offline_at_the_end(days: Days) -> None:
    assert days.run(8, 59) == Status.OFFLINE
    assert days.run(9) == Status.ONLINE
    assert days.run(17, 59) == Status.ONLINE
    assert days.run(18) == Status.OFFLINE
    assert days.log() == [("online", REASON), ("offline", REASON)]


def test_with_open_conversations_a_break_first_and_offline_when_they_are_closed(days: Days) -> None:
    days.run(9)
    name = days.open(17)
    assert days.run(18) == Status.BREAK
    assert days.run(18, 5) == Status.BREAK, "what is open stays, and no new ones come"
    services.close_conversation(shop=days.shop, conversation=name, by=ClosedBy.AGENT, now=days.at(18, 6))
    assert days.run(18, 7) == Status.OFFLINE
    assert [status for status, _reason in days.log()] == ["online", "break", "offline"]


def test_a_conversation_handed_over_lets_go_too(days: Days) -> None:
    days.run(9)
    name = days.open(17)
    days.run(18)
    make_member(days.shop, name="a2")
    services.set_presence(shop=days.shop, agent="a2", status="online", now=days.at(18, 1))
    services.transfer_conversation(shop=days.shop, conversation=name, by="a1", to="a2", now=days.at(18, 2))
    assert days.run(18, 3) == Status.OFFLINE


def test_on_the_break_at_the_end_nothing_new_is_given(days: Days) -> None:
    days.run(9)
    days.open(17)
    days.run(18)
    opened = services.open_conversation(shop=days.shop, buyer="late", entry="goods_detail", now=days.at(18, 1))
    assert opened.conversation.holder is None


@pytest.mark.parametrize("status", ["break", "offline"])
def test_what_is_set_by_hand_stands_until_the_next_boundary(days: Days, status: str) -> None:
    days.run(9)
    days.by_hand(status, 10)
    assert days.run(10, 1) == days.run(17, 59) == status
    assert days.run(18) == Status.OFFLINE
    assert days.run(9, day=1) == Status.ONLINE


def test_who_comes_early_or_stays_on_is_not_fought(days: Days) -> None:
    days.by_hand("online", 8, 30)
    assert days.run(8, 31) == Status.ONLINE
    assert days.run(9) == Status.ONLINE
    assert days.run(18) == Status.OFFLINE
    days.by_hand("online", 18, 30)
    assert days.run(23) == Status.ONLINE


def test_who_goes_on_from_the_break_at_the_end_by_hand_stays_online(days: Days) -> None:
    days.run(9)
    name = days.open(17)
    days.run(18)
    days.by_hand("online", 18, 10)
    services.close_conversation(shop=days.shop, conversation=name, by=ClosedBy.AGENT, now=days.at(18, 20))
    assert days.run(18, 21) == Status.ONLINE
    assert days.run(20) == Status.ONLINE


def test_a_break_that_was_one_before_the_end_ends_offline_too(days: Days) -> None:
    days.run(9)
    name = days.open(17)
    days.by_hand("break", 17, 30)
    assert days.run(18) == Status.BREAK
    services.close_conversation(shop=days.shop, conversation=name, by=ClosedBy.AGENT, now=days.at(18, 6))
    assert days.run(18, 7) == Status.OFFLINE


def test_who_still_finishes_the_last_part_is_online_again_at_the_next(days: Days) -> None:
    split = save_kind(shop=days.shop, name="两头班", colour="green", times="09:00–12:00、13:00–18:00")
    days.every_day(days.member, split)
    days.run(9)
    days.open(11)
    assert days.run(12) == Status.BREAK
    assert days.run(13) == Status.ONLINE


def test_missed_runs_catch_up_with_the_last_boundary_alone(days: Days) -> None:
    days.run(9)
    days.by_hand("offline", 10)
    assert days.run(12, day=2) == Status.ONLINE, "the day after next: two ends and two beginnings were missed"
    assert len(days.log()) == 3


def test_running_twice_does_nothing_twice(days: Days) -> None:
    days.run(9)
    days.by_hand("break", 9, 0)
    assert days.run(9) == days.run(9) == Status.BREAK


def test_a_run_that_looked_before_another_acted_does_not_act_again(days: Days) -> None:
    days.run(9)
    days.by_hand("break", 9, 0)
    ShiftSettings.objects.filter(shop=days.shop).update(looked_at=days.at(8, 59))
    assert days.run(9, 1) == Status.BREAK


def test_two_runs_at_once_do_what_one_does(days: Days) -> None:
    for n in range(2, 8):
        days.every_day(make_member(days.shop, name=f"a{n}"), days.kind)

    def look(_n: int) -> int:
        try:
            return services.follow_shifts(shop=days.shop, now=days.at(9))
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(look, range(3))) == 7
    assert days.log() == [("online", REASON)] * 7


def test_a_shift_over_midnight_and_one_that_goes_on_into_the_next(days: Days) -> None:
    late = save_kind(shop=days.shop, name="中班", colour="green", times="16:00–24:00")
    night = save_kind(shop=days.shop, name="夜班", colour="deep", times="00:00–08:00")
    set_shift(shop=days.shop, who=days.member, day=MONDAY, kind=late)
    set_shift(shop=days.shop, who=days.member, day=MONDAY + timedelta(days=1), kind=night)
    assert days.run(9) == Status.OFFLINE
    assert days.run(16) == Status.ONLINE
    assert days.run(0, 0, day=1) == Status.ONLINE
    assert days.run(8, 0, day=1) == Status.OFFLINE
    assert len(days.log()) == 2, "midnight is no boundary"


def test_an_exception_is_followed(days: Days) -> None:
    set_shift(shop=days.shop, who=days.member, day=MONDAY, kind=None)
    assert days.run(9) == Status.OFFLINE
    assert days.run(9, day=1) == Status.ONLINE


def test_a_plan_edited_in_mid_shift_ends_it(days: Days) -> None:
    days.run(9)
    set_shift(shop=days.shop, who=days.member, day=MONDAY, kind=None)
    assert days.run(12) == Status.OFFLINE
    assert days.run(12, 1) == Status.OFFLINE


def test_a_plan_edited_in_mid_shift_that_keeps_somebody_on_duty_changes_nothing(days: Days) -> None:
    days.run(9)
    days.by_hand("break", 10)
    save_kind(shop=days.shop, name="白班", colour="blue", times="09:30–20:00", kind=days.kind)
    assert days.run(10, 1) == Status.BREAK
    assert days.run(19, 59) == Status.BREAK
    assert days.run(20) == Status.OFFLINE


def test_who_is_planned_in_the_middle_of_their_shift_comes_online(days: Days) -> None:
    member = make_member(days.shop, name="a2")
    days.run(10)
    set_shift(shop=days.shop, who=member, day=MONDAY, kind=days.kind)
    days.run(10, 1)
    member.refresh_from_db()
    assert member.status == Status.ONLINE


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [(date(2026, 3, 8), (6, 59), (7, 0)), (date(2026, 11, 1), (6, 59), (7, 0))],
    ids=["put forward", "put back"],
)
def test_the_night_the_clock_is_changed(day: date, before: tuple[int, int], after: tuple[int, int]) -> None:
    """2:30 is jumped over in March: the moment of the jump. In November 2:00 comes once, after 1:00 has come twice."""
    days = Days("America/New_York")
    night = save_kind(
        shop=days.shop, name="夜班", colour="deep", times="02:30–06:00" if day.month == 3 else "02:00–06:00"
    )
    set_shift(shop=days.shop, who=days.member, day=day, kind=night)

    def run(hour: int, minute: int) -> str:
        now = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo("UTC"))
        services.follow_shifts(shop=days.shop, now=now)
        return days.status()

    run(5, 0)
    assert run(*before) == Status.OFFLINE
    assert run(*after) == Status.ONLINE
    assert run(11, 0) == Status.OFFLINE


def test_where_it_begins_only_the_next_boundary_counts() -> None:
    days = Days()
    assert days.run(12) == Status.OFFLINE, "on duty already: left as they are"
    assert days.run(18) == Status.OFFLINE
    assert days.run(9, day=1) == Status.ONLINE


def test_nothing_is_done_where_the_shop_does_not_want_it(days: Days) -> None:
    set_follows(shop=days.shop, follows=False)
    assert days.run(9) == Status.OFFLINE
    assert not ShiftMark.objects.filter(shop=days.shop).exists()


def test_switched_off_and_on_again_it_begins_anew(days: Days) -> None:
    set_follows(shop=days.shop, follows=False)
    set_follows(shop=days.shop, follows=True)
    assert days.run(9, 1) == Status.OFFLINE
    assert days.run(9, day=1) == Status.ONLINE


def test_only_agents_with_a_login_follow(days: Days) -> None:
    services.change_sub_account(shop=days.shop, agent="a1", roles=["operations"])
    assert days.run(9) == Status.OFFLINE
    bare = SubAccount.objects.create(shop=days.shop, name="imported", roles=[Role.AGENT])
    set_shift(shop=days.shop, who=bare, day=MONDAY, kind=days.kind)
    days.run(9, 1)
    bare.refresh_from_db()
    assert bare.status == Status.OFFLINE


def test_who_is_disabled_and_comes_back_begins_anew(days: Days) -> None:
    days.run(9)
    services.change_sub_account(shop=days.shop, agent="a1", enabled=False)
    days.by_hand("offline", 10)
    days.run(10, 1)
    services.change_sub_account(shop=days.shop, agent="a1", enabled=True)
    assert days.run(10, 2) == Status.ONLINE


def test_the_sweep_asks_for_the_shops_that_want_it(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    make_shop()
    asked: list[tuple[str, dict]] = []
    monkeypatch.setattr(jobs, "_dispatch", [lambda name, arguments: asked.append((name, arguments))])
    assert jobs.run("routing.sweep_shifts") == 1
    assert asked == [("routing.follow_shifts", {"shop": days.shop.pk})]
    assert isinstance(jobs.run("routing.follow_shifts", {"shop": days.shop.pk}), int)


def test_a_quiet_look_at_200_people_asks_as_much_as_one_at_a_few(
    days: Days, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for _n in range(200):
        make_member(days.shop)
    with django_assert_max_num_queries(8):
        services.follow_shifts(shop=days.shop, now=days.at(8, 1))
