"""Changing the plan: each change holds as it was meant, is recorded, and leaves nothing half done."""

from datetime import date, timedelta

import pytest

from agents.duty import COUNTED, duty_of, gaps
from agents.errors import Conflict, Refused
from agents.models import AuditEntry, ShiftException, ShiftKind, ShiftPattern, Shop, SubAccount
from agents.services import copy_week, remove_kind, save_kind, set_follows, set_shift, use_template
from agents.services.shift_templates import ROTATED_WEEKS, TEMPLATES
from agents.shifts import plan_of, week_copy, week_of
from agents.vocabulary import AuditAction, Role
from tests.agents.factories import make_member, make_shift, make_shop

pytestmark = [pytest.mark.django_db, pytest.mark.both]

MONDAY = date(2026, 11, 23)
NEXT = MONDAY + timedelta(days=7)


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def member(shop: Shop) -> SubAccount:
    return make_member(shop, name="a1")


def shift_of(member: SubAccount, day: date) -> str:
    names = dict(ShiftKind.objects.filter(shop=member.shop).values_list("pk", "name"))
    found = plan_of(member.shop, day, day).shift_on(member.name, day)
    return names[found] if found else ""


def entries(shop: Shop) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(shop=shop, action=AuditAction.SHIFTS_CHANGED).order_by("pk"))


# The shifts themselves


def test_a_shift_is_made_and_changed_and_both_are_recorded(shop: Shop) -> None:
    kind = save_kind(shop=shop, name=" 白班 ", colour="blue", times="8:30-20:30")
    assert (kind.name, kind.times, kind.told) == ("白班", [[510, 1230]], "08:30–20:30")
    save_kind(shop=shop, kind=kind, name="白班", colour="green", times="08:00–12:00、13:00–20:30")
    made, changed = entries(shop)
    assert made.after == {"name": "白班", "colour": "blue", "times": ["08:30–20:30"]}
    assert changed.subject == "白班"
    assert changed.before == {"colour": "blue", "times": ["08:30–20:30"]}
    assert changed.after == {"colour": "green", "times": ["08:00–12:00", "13:00–20:30"]}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 21}, "name"),
        ({"colour": "red"}, "colour"),
        ({"times": "nine to five"}, "times"),
        ({"times": "08:00–12:00、11:00–14:00"}, "times"),
        ({"times": "08:00–12:00、22:00–09:00"}, "times"),
        ({"name": "中班"}, "name"),
    ],
)
def test_what_makes_no_shift_is_said_at_its_field(shop: Shop, given: dict[str, str], field: str) -> None:
    make_shift(shop, "中班")
    with pytest.raises(Refused) as refused:
        save_kind(shop=shop, **({"name": "白班", "colour": "blue", "times": "08:30–20:30"} | given))
    assert refused.value.field == field
    assert ShiftKind.objects.filter(shop=shop).count() == 1
    assert entries(shop) == []


def test_two_shops_may_call_their_shifts_the_same(shop: Shop) -> None:
    make_shift(make_shop(), "白班")
    assert save_kind(shop=shop, name="白班", colour="blue", times="08:30–20:30").pk


def test_a_shift_that_is_planned_stays_until_it_is_not(shop: Shop, member: SubAccount) -> None:
    kind = make_shift(shop, "白班")
    set_shift(shop=shop, who=member, day=MONDAY, kind=kind, weekly=True)
    with pytest.raises(Conflict):
        remove_kind(shop=shop, kind=kind, today=MONDAY)
    set_shift(shop=shop, who=member, day=MONDAY, kind=None, weekly=True)
    set_shift(shop=shop, who=member, day=MONDAY, kind=kind)
    with pytest.raises(Conflict):
        remove_kind(shop=shop, kind=kind, today=MONDAY)
    remove_kind(shop=shop, kind=kind, today=MONDAY + timedelta(days=1))
    assert not ShiftKind.objects.filter(shop=shop).exists()
    assert shift_of(member, MONDAY) == "", "what is past is told as free"
    assert entries(shop)[-1].before["name"] == "白班"


# Somebody's day


def test_one_date_and_every_such_weekday(shop: Shop, member: SubAccount) -> None:
    early, late = make_shift(shop, "早班"), make_shift(shop, "晚班", (840, 1380))
    set_shift(shop=shop, who=member, day=MONDAY, kind=early, weekly=True)
    set_shift(shop=shop, who=member, day=NEXT, kind=late)
    assert [shift_of(member, MONDAY + timedelta(weeks=n)) for n in range(3)] == ["早班", "晚班", "早班"]
    weekly, dated = entries(shop)
    assert (weekly.subject, weekly.before, weekly.after) == ("a1", {"mon": None}, {"mon": "早班"})
    assert (dated.before, dated.after) == ({"2026-11-30": "早班"}, {"2026-11-30": "晚班"})


def test_what_agrees_with_the_week_is_no_exception(shop: Shop, member: SubAccount) -> None:
    early = make_shift(shop, "早班")
    set_shift(shop=shop, who=member, day=MONDAY, kind=early, weekly=True)
    set_shift(shop=shop, who=member, day=MONDAY, kind=None)
    assert shift_of(member, MONDAY) == ""
    set_shift(shop=shop, who=member, day=MONDAY, kind=early)
    assert not ShiftException.objects.filter(shop=shop).exists()


def test_a_weekday_planned_from_a_date_that_differed_holds_on_that_date_too(shop: Shop, member: SubAccount) -> None:
    early, late = make_shift(shop, "早班"), make_shift(shop, "晚班")
    set_shift(shop=shop, who=member, day=MONDAY, kind=late)
    set_shift(shop=shop, who=member, day=MONDAY, kind=early, weekly=True)
    assert shift_of(member, MONDAY) == "早班"
    set_shift(shop=shop, who=member, day=MONDAY, kind=None, weekly=True)
    assert not ShiftPattern.objects.filter(shop=shop).exists()


def test_what_changes_nothing_is_not_recorded(shop: Shop, member: SubAccount) -> None:
    set_shift(shop=shop, who=member, day=MONDAY, kind=None)
    set_shift(shop=shop, who=member, day=MONDAY, kind=None, weekly=True)
    assert entries(shop) == []


@pytest.mark.parametrize(("role", "enabled"), [(Role.OPERATIONS, True), (Role.AGENT, False)])
def test_only_enabled_agents_are_planned(shop: Shop, role: Role, enabled: bool) -> None:
    with pytest.raises(Refused):
        set_shift(shop=shop, who=make_member(shop, role, enabled=enabled), day=MONDAY, kind=make_shift(shop))


def test_who_is_disabled_keeps_their_plan(shop: Shop, member: SubAccount) -> None:
    set_shift(shop=shop, who=member, day=MONDAY, kind=make_shift(shop, "早班"), weekly=True)
    SubAccount.objects.filter(pk=member.pk).update(enabled=False)
    assert shift_of(member, MONDAY) == "早班"


# A week copied


def test_a_week_is_copied_as_exceptions_where_it_differs(shop: Shop, member: SubAccount) -> None:
    early, late = make_shift(shop, "早班"), make_shift(shop, "晚班")
    second = make_member(shop, name="a2")
    for n in range(7):
        set_shift(shop=shop, who=member, day=MONDAY + timedelta(days=n), kind=early, weekly=True)
    set_shift(shop=shop, who=member, day=MONDAY, kind=late)
    set_shift(shop=shop, who=second, day=MONDAY, kind=early)
    set_shift(shop=shop, who=member, day=NEXT + timedelta(days=1), kind=None)
    told = week_copy(shop, MONDAY, NEXT)
    assert [(c.row.name, c.day, told.name(c.before), told.name(c.after)) for c in told.changes] == [
        ("a1", NEXT, "早班", "晚班"),
        ("a2", NEXT, None, "早班"),
        ("a1", NEXT + timedelta(days=1), None, "早班"),
    ]
    copy_week(shop=shop, source=MONDAY + timedelta(days=3), target=NEXT, seen=told.fingerprint)
    assert week_copy(shop, MONDAY, NEXT).changes == ()
    assert ShiftException.objects.filter(shop=shop, date__gte=NEXT).count() == 2, "what is as usual needs none"
    entry = entries(shop)[-1]
    assert entry.subject == "2026-11-23 → 2026-11-30"
    assert entry.before["a1 2026-11-30"] == "早班"
    assert entry.after["a1 2026-11-30"] == "晚班"


def test_a_plan_that_changed_since_it_was_shown_is_not_overwritten(shop: Shop, member: SubAccount) -> None:
    early = make_shift(shop, "早班")
    set_shift(shop=shop, who=member, day=MONDAY, kind=early)
    seen = week_copy(shop, MONDAY, NEXT).fingerprint
    set_shift(shop=shop, who=member, day=NEXT + timedelta(days=4), kind=early)
    with pytest.raises(Conflict):
        copy_week(shop=shop, source=MONDAY, target=NEXT, seen=seen)
    assert shift_of(member, NEXT) == ""


def test_a_week_is_not_copied_to_itself_and_one_that_is_the_same_changes_nothing(shop: Shop) -> None:
    with pytest.raises(Refused):
        copy_week(shop=shop, source=MONDAY, target=MONDAY + timedelta(days=6), seen="")
    copy_week(shop=shop, source=MONDAY, target=NEXT, seen=week_copy(shop, MONDAY, NEXT).fingerprint)
    assert entries(shop) == []


# Templates


@pytest.mark.parametrize(
    ("template", "shifts", "free"),
    [
        ("day", ["08:30–20:30"], ["08:00–08:30", "20:30–23:00"]),
        ("three", ["08:00–16:00", "16:00–24:00", "00:00–08:00"], []),
        ("early_late", ["08:00–17:00", "14:00–23:00"], []),
        ("split", ["08:00–12:00、18:00–23:00"], ["12:00–18:00"]),
    ],
)
def test_a_template_makes_its_shifts_and_plans_who_is_chosen(
    shop: Shop, template: str, shifts: list[str], free: list[str]
) -> None:
    names = [make_member(shop, name=f"a{n}").name for n in range(3)]
    kinds = use_template(shop=shop, template=template, accounts=names, today=MONDAY)
    assert [kind.told for kind in kinds] == shifts
    plan = plan_of(shop, MONDAY, NEXT)
    for day in week_of(MONDAY)[1:]:
        assert [str(gap) for gap in gaps(duty_of(plan, names, day), COUNTED)] == free


def test_all_templates_are_tried_above() -> None:
    assert [template.key for template in TEMPLATES] == ["day", "three", "early_late", "split"]


def test_a_template_without_people_only_makes_shifts_once(shop: Shop) -> None:
    use_template(shop=shop, template="three", today=MONDAY)
    use_template(shop=shop, template="three", today=MONDAY)
    use_template(shop=shop, template="early_late", today=MONDAY)
    names = ShiftKind.objects.filter(shop=shop).order_by("pk").values_list("name", flat=True)
    assert list(names) == ["早班", "中班", "夜班", "早班 2", "晚班"], "another time under a name that is taken"
    assert not ShiftPattern.objects.filter(shop=shop).exists()


def test_three_groups_rotate_week_by_week(shop: Shop) -> None:
    members = [make_member(shop, name=f"a{n}") for n in range(3)]
    use_template(shop=shop, template="three", accounts=["a0", "a1", "a2"], rotate=True, today=MONDAY)
    weeks = [[shift_of(row, MONDAY + timedelta(weeks=n, days=2)) for row in members] for n in range(4)]
    assert weeks == [
        ["早班", "中班", "夜班"],
        ["中班", "夜班", "早班"],
        ["夜班", "早班", "中班"],
        ["早班", "中班", "夜班"],
    ]
    assert shift_of(members[0], MONDAY + timedelta(weeks=ROTATED_WEEKS, days=2)) == "早班"
    assert entries(shop)[-1].after["rotated"] is True


def test_a_template_replaces_what_was_planned_from_today_on(shop: Shop, member: SubAccount) -> None:
    old = make_shift(shop, "旧班")
    wednesday = MONDAY + timedelta(days=2)
    for day in (MONDAY, NEXT):
        set_shift(shop=shop, who=member, day=day, kind=old)
    use_template(shop=shop, template="day", accounts=["a1"], today=wednesday)
    assert [shift_of(member, day) for day in (MONDAY, wednesday, NEXT)] == ["旧班", "白班", "白班"]


@pytest.mark.parametrize("given", [{"template": "five"}, {"accounts": ["nobody"]}, {"accounts": ["boss"]}])
def test_a_template_or_an_agent_that_is_not_there_is_refused(shop: Shop, given: dict) -> None:
    make_member(shop, Role.MAIN, name="boss")
    with pytest.raises(Refused):
        use_template(shop=shop, **({"template": "day", "today": MONDAY} | given))
    assert not ShiftKind.objects.filter(shop=shop).exists()


def test_whether_the_status_follows_is_recorded(shop: Shop) -> None:
    set_follows(shop=shop, follows=True)
    set_follows(shop=shop, follows=True)
    (entry,) = entries(shop)
    assert (entry.before, entry.after) == ({"status_follows": False}, {"status_follows": True})
