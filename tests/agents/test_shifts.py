"""The shop's plan, read from rows: who is on duty at a moment, and whether a plan is kept."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from agents.models import ShiftException, ShiftKind, ShiftPattern, Shop, SubAccount
from agents.shifts import keeps_plan, on_duty, plan_of
from agents.vocabulary import Role
from tests.agents.factories import make_member, make_shop

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def kind(shop: Shop, name: str, *times: tuple[int, int]) -> ShiftKind:
    return ShiftKind.objects.create(shop=shop, name=name, colour="blue", times=[list(span) for span in times])


@pytest.fixture
def day_shift(shop: Shop) -> ShiftKind:
    return kind(shop, "白班", (510, 1230))


def every_day(member: SubAccount, shift: ShiftKind) -> None:
    for weekday in range(7):
        ShiftPattern.objects.create(shop=member.shop, sub_account=member, weekday=weekday, kind=shift)


def test_who_is_on_duty_goes_by_the_pattern(shop: Shop, day_shift: ShiftKind) -> None:
    every_day(make_member(shop, name="a1"), day_shift)
    make_member(shop, name="a2")
    assert on_duty(shop, at(MONDAY, 8, 29)) == set()
    assert on_duty(shop, at(MONDAY, 8, 30)) == {"a1"}
    assert on_duty(shop, at(MONDAY, 20, 29)) == {"a1"}
    assert on_duty(shop, at(MONDAY, 20, 30)) == set()


def test_an_exception_comes_before_the_pattern(shop: Shop, day_shift: ShiftKind) -> None:
    first, second = make_member(shop, name="a1"), make_member(shop, name="a2")
    every_day(first, day_shift)
    ShiftException.objects.create(shop=shop, sub_account=first, date=MONDAY, kind=None)
    ShiftException.objects.create(shop=shop, sub_account=second, date=MONDAY, kind=day_shift)
    assert on_duty(shop, at(MONDAY, 12)) == {"a2"}
    assert on_duty(shop, at(date(2026, 11, 24), 12)) == {"a1"}


def test_a_night_shift_goes_on_after_midnight(shop: Shop) -> None:
    night = kind(shop, "夜班", (1320, 1800))
    ShiftPattern.objects.create(shop=shop, sub_account=make_member(shop, name="a1"), weekday=6, kind=night)
    assert on_duty(shop, at(MONDAY, 5, 59)) == {"a1"}
    assert on_duty(shop, at(MONDAY, 6)) == set()


def test_only_enabled_agents_count(shop: Shop, day_shift: ShiftKind) -> None:
    every_day(make_member(shop, Role.CS_MANAGER, name="boss"), day_shift)
    every_day(make_member(shop, name="gone", enabled=False), day_shift)
    assert on_duty(shop, at(MONDAY, 12)) == set()
    assert not keeps_plan(shop)
    every_day(make_member(shop, Role.LOGISTICS_AGENT, name="a1"), day_shift)
    assert on_duty(shop, at(MONDAY, 12)) == {"a1"}
    assert keeps_plan(shop)


def test_another_shops_plan_is_another_shops(shop: Shop, day_shift: ShiftKind) -> None:
    every_day(make_member(shop, name="a1"), day_shift)
    second = make_shop()
    assert on_duty(second, at(MONDAY, 12)) == set()
    assert not keeps_plan(second)
    assert plan_of(second, MONDAY, MONDAY).pattern == {}


def test_a_single_date_is_a_plan_a_free_one_is_none_and_one_long_past_is_none(shop: Shop, day_shift: ShiftKind) -> None:
    today = timezone.now().astimezone(ZONE).date()
    made = ShiftException.objects.create(shop=shop, sub_account=make_member(shop, name="a1"), date=today, kind=None)
    assert not keeps_plan(shop)
    made.kind = day_shift
    made.save()
    assert keeps_plan(shop)
    made.date = today - timedelta(days=8)
    made.save()
    assert not keeps_plan(shop)


@pytest.mark.both
def test_the_queries_do_not_grow_with_the_people(
    shop: Shop, day_shift: ShiftKind, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    for _n in range(200):
        every_day(make_member(shop), day_shift)
    with django_assert_num_queries(2):
        assert len(on_duty(shop, at(MONDAY, 12))) == 200
    with django_assert_num_queries(1):
        assert keeps_plan(shop)
    with django_assert_num_queries(3):
        plan_of(shop, MONDAY, MONDAY)
