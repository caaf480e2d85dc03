"""Even shares of those who took part for a part of the time: joined, disabled, demoted, never routed to (ROUTING 7)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from agents.models import Account, AuditEntry, SubAccount
from agents.services import add_sub_account
from agents.vocabulary import AuditAction, Role
from metrics.formulas.shares import Cause
from metrics.formulas.taking_part import AgentState, Change, count_within, moment_shares, spans_taking_part
from metrics.selectors.shares import AgentShare, shares
from metrics.telling_shares import headline, reasons
from routing import services
from tests.agents.factories import make_agent, make_member
from tests.metrics.builders import DAY, at
from tests.metrics.share_day import ShareDay

pytestmark = pytest.mark.django_db
DAYS = [DAY + timedelta(days=n) for n in range(4)]
PAIR: dict[str, int | None] = {"a": None, "b": None}
TRIO: dict[str, int | None] = {**PAIR, "c": None}
LISTS = {"pages": {"goods_detail": ["a", "b"]}}


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterable[None]:
    with translation.override("zh-hans"):
        yield


def four_days(day: ShareDay, at_midnight: Mapping[int, Callable[[date], object]] | None = None) -> None:
    """Six buyers a day, with everybody online who takes part. `at_midnight`: what happens before one of the days."""
    for number, today in enumerate(DAYS):
        happens = (at_midnight or {}).get(number)
        if happens is not None:
            happens(today)
        there = SubAccount.objects.filter(shop=day.shop, enabled=True).values_list("name", flat=True)
        day.online("08:00", *there, day=today)
        day.buyers(6, "09:00", "12:00", day=today)
        day.set("offline", "20:00", *there, day=today)


def join(day: ShareDay, name: str) -> Callable[[date], object]:
    return lambda today: make_agent(day.shop, name, created_at=at("00:30", today))


def change(day: ShareDay, name: str, **given: object) -> Callable[[date], object]:
    """A change of a sub-account; its entry in the audit log goes by the clock of the machine until it is moved."""

    def happens(today: date) -> None:
        services.change_sub_account(shop=day.shop, agent=name, now=at("00:30", today), **given)
        newest = AuditEntry.objects.filter(shop=day.shop, subject=name).order_by("-pk").first()
        assert newest is not None
        AuditEntry.objects.filter(pk=newest.pk).update(at=at("00:30", today))

    return happens


def rows(day: ShareDay) -> dict[str, AgentShare]:
    return {row.share.name: row for row in day.found(DAYS[0], DAYS[-1]).rows}


def evens(day: ShareDay) -> dict[str, float]:
    found = day.found(DAYS[0], DAYS[-1])
    assert sum(row.share.received for row in found.rows) == found.total == 24
    for row in found.rows:
        assert sum(row.share.parts.values()) == pytest.approx(row.share.difference, abs=1e-9)
    return {row.share.name: round(row.share.even, 2) for row in found.rows}


def test_accounts_made_today_leave_the_even_share_of_the_others_as_it_is() -> None:
    day = ShareDay("kuaishou", {"a": None, "b": None})
    now = timezone.now()
    SubAccount.objects.filter(shop=day.shop).update(created_at=now - timedelta(days=30))
    for name in ("a", "b"):
        services.set_presence(shop=day.shop, agent=name, status="online", now=now - timedelta(hours=2))
    for n in range(20):
        day.open(f"c{n}", f"b{n}", now - timedelta(hours=1) + timedelta(minutes=n))
    for n in range(5):
        add_sub_account(shop=day.shop, account=f"new-{n}", password=f"Long-pass-{n}-word")
    today = now.astimezone(day.shop.zone).date()
    found = shares(day.shop, today - timedelta(days=1), today, timezone.now())
    assert [(row.share.name, row.share.received, row.share.even) for row in found.rows] == [
        ("a", 10, 10),
        ("b", 10, 10),
    ]
    assert found.even == 10
    assert sorted(found.aside) == [(f"new-{n}", "later") for n in range(5)]
    assert headline(found).startswith("分得很平均")


def test_who_joined_today_has_the_part_of_an_even_share_that_came_since() -> None:
    day = ShareDay("pinduoduo", PAIR)
    four_days(day, {3: join(day, "c")})
    # c took part in a quarter: 24 conversations among 1 + 1 + 1/4.
    assert evens(day) == {"a": 10.67, "b": 10.67, "c": 2.67}
    share = rows(day)["c"].share
    assert share.due.took_part == pytest.approx(0.25)
    assert share.parts[Cause.LISTS] == pytest.approx(0, abs=1e-9)
    assert share.parts[Cause.COMPANY] == pytest.approx(2 - 24 / 9)


def test_disabled_for_two_days_of_four_is_half_an_even_share() -> None:
    day = ShareDay("pinduoduo", TRIO)
    four_days(day, {1: change(day, "c", enabled=False), 3: change(day, "c", enabled=True)})
    assert evens(day) == {"a": 9.6, "b": 9.6, "c": 4.8}


def test_disabled_since_stays_a_row_with_its_part() -> None:
    day = ShareDay("pinduoduo", TRIO, LISTS)
    four_days(day, {2: change(day, "c", enabled=False)})
    assert evens(day) == {"a": 9.6, "b": 9.6, "c": 4.8}
    assert day.found(DAYS[0], DAYS[-1]).aside == ()
    assert day.found(DAYS[2], DAYS[3]).aside == (("c", "disabled"),)


@pytest.mark.parametrize("until", [1, 3])
def test_another_role_for_a_time_is_no_part_in_it(until: int) -> None:
    day = ShareDay("pinduoduo", TRIO, LISTS)
    four_days(day, {until: change(day, "c", roles=[Role.OPERATIONS])})
    due = until / 4
    assert evens(day)["c"] == round(24 * due / (2 + due), 2)


def test_never_routed_from_a_day_on_is_the_part_before() -> None:
    day = ShareDay("pinduoduo", TRIO, LISTS)
    never = LISTS | {"never_route": ["c"]}
    four_days(day, {2: lambda today: services.publish(shop=day.shop, document=never, now=at("00:30", today))})
    assert evens(day) == {"a": 9.6, "b": 9.6, "c": 4.8}
    c = rows(day)["c"]
    # Of the first two days a third each would be theirs: the lists left them out of those alone.
    assert c.share.parts[Cause.LISTS] == pytest.approx(-4)
    assert c.share.parts[Cause.COMPANY] == pytest.approx(4 - 4.8)
    told = {reason.key: reason.sentence for reason in reasons(c, day.found(DAYS[0], DAYS[-1]))}
    assert told[Cause.COMPANY] == "参加了 50% 的分配，那时一起参加的人更多。"


def test_the_page_says_whose_even_share_is_smaller() -> None:
    day = ShareDay("pinduoduo", PAIR)
    four_days(day, {3: join(day, "c")})
    member = make_member(day.shop, Role.MAIN)
    assert isinstance(member.account, Account)
    client = Client()
    client.force_login(member.account)
    asked = {"date_from": str(DAYS[0]), "date_to": str(DAYS[-1])}
    page = client.get(f"/s/{day.shop.slug}/shares/", asked).content.decode()
    assert "其中 1 人只参加了一部分时间，平均数按比例少算。" in page
    assert "参加了 25% 的分配，按比例平均 2.7 个。" in page


# -- the spans ------------------------------------------------------------------------------------

AGENT = AgentState(True, ["agent"], at("00:00"))
START, END = at("00:00"), at("23:00")


def test_changes_are_told_back_from_how_somebody_stands_now() -> None:
    changes = [
        Change(at("18:00"), {"roles": ["operations"]}),
        Change(at("15:00"), {"roles": ["agent"]}),
        Change(at("12:00"), {"enabled": False}),
        Change(at("09:00"), {"enabled": True, "max_concurrent": 3}),
    ]
    assert spans_taking_part(AGENT, changes, START, END) == [
        (at("18:00"), END), (at("12:00"), at("15:00")), (START, at("09:00"))
    ]  # fmt: skip


def test_changes_after_the_range_are_taken_back() -> None:
    gone = AgentState(False, ["agent"], at("00:00"))
    assert spans_taking_part(gone, [Change(at("23:30"), {"enabled": True})], START, END) == [(START, END)]


def test_before_it_was_added_nobody_took_part() -> None:
    added = Change(at("10:00"), None)
    for since in (at("09:59"), at("10:00")):
        assert spans_taking_part(AgentState(True, ["agent"], since), [added], START, END) == [(at("10:00"), END)]
    assert spans_taking_part(AgentState(True, ["main"], at("00:00")), [], START, END) == []


def test_a_past_that_was_brought_along_tells_who_was_there_before_they_were_added() -> None:
    """As in the demo shops: their people are made after what they did."""
    day = ShareDay("pinduoduo", TRIO, LISTS)
    four_days(day)
    SubAccount.objects.filter(shop=day.shop).update(created_at=timezone.now())
    for name in TRIO:
        AuditEntry.objects.create(shop=day.shop, action=AuditAction.SUB_ACCOUNT_ADDED, subject=name, after={})
    assert evens(day) == {"a": 8, "b": 8, "c": 8}


def test_each_moment_is_divided_among_those_who_took_part_in_it() -> None:
    spans = {"a": [(START, END)], "b": [(at("12:00"), END), (START, at("06:00"))], "c": [(at("12:00"), at("13:00"))]}
    moments = [at("05:00"), at("06:00"), at("12:00"), at("13:00")]
    assert moment_shares(spans, moments) == pytest.approx({"a": 1 / 2 + 1 + 1 / 3 + 1 / 2, "b": 4 / 3, "c": 1 / 3})
    assert count_within(spans["b"], moments) == 3


def test_the_audit_log_tells_of_both_kinds_of_change() -> None:
    day = ShareDay("pinduoduo", {"a": None})
    change(day, "a", max_concurrent=3)(DAY)
    actions = AuditEntry.objects.filter(shop=day.shop, subject="a").values_list("action", flat=True)
    assert list(actions) == [AuditAction.SUB_ACCOUNT_CHANGED]
