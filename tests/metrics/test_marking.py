"""What people say of penalties: P4 by hand, P8 confirmed and dismissed."""

from datetime import date, timedelta

import pytest

from agents.errors import Refused
from agents.models import Account, Shop
from metrics.models import Alert, PenaltyWindow
from metrics.services import assess, enter_black_room, mark_window
from tests.metrics.builders import DAY, at
from tests.metrics.rows import ask, make_conversation, make_shop, say

pytestmark = [pytest.mark.django_db, pytest.mark.both]
NEXT = DAY + timedelta(days=1)
NOON = at("12:00", NEXT)


@pytest.fixture
def shop() -> Shop:
    """Failed on DAY: the four windows are open."""
    shop = make_shop()
    ask(shop, DAY, missed=1)
    assess(shop=shop, date_from=DAY, date_to=DAY, now=NOON)
    return shop


def window(shop: Shop, kind: str = "activity_ban") -> PenaltyWindow:
    return PenaltyWindow.objects.get(shop=shop, kind=kind, opened_on=DAY)


def mark(shop: Shop, mark: str, reason: str = "", kind: str = "activity_ban") -> PenaltyWindow:
    return mark_window(shop=shop, window=window(shop, kind).pk, mark=mark, reason=reason, by=None, now=NOON)


def reassess(shop: Shop, last: date = DAY) -> None:
    assess(shop=shop, date_from=DAY, date_to=last, now=at("12:00", last + timedelta(days=1)))


@pytest.mark.parametrize("kind", ["activity_ban", "ad_removal"])
def test_P8_a_dismissed_window_is_over_and_stays_over(shop: Shop, kind: str) -> None:
    mark(shop, "dismissed", "平台没有处罚", kind)
    for _ in range(2):
        row = window(shop, kind)
        assert (row.state, row.ends_at, row.mark, row.mark_reason) == ("ended", NOON, "dismissed", "平台没有处罚")
        reassess(shop)
    assert window(shop, "resource_slot_ban").state == "open"


def test_P8_a_later_fail_after_a_dismissal_opens_a_new_window(shop: Shop) -> None:
    mark(shop, "dismissed", "no", "ad_removal")
    ask(shop, NEXT, missed=1)
    reassess(shop, NEXT)
    found = PenaltyWindow.objects.filter(shop=shop, kind="ad_removal").order_by("opened_on")
    assert [(row.opened_on, row.state) for row in found] == [(DAY, "ended"), (NEXT, "open")]


def test_P8_a_dismissal_can_be_taken_back(shop: Shop) -> None:
    mark(shop, "dismissed", "mistake")
    assert mark(shop, "").state == "open"
    assert Alert.objects.filter(window=window(shop), event="opened").count() == 1


def test_P8_a_confirmed_window_is_not_withdrawn_when_its_day_is_cured(shop: Shop) -> None:
    mark(shop, "confirmed", kind="ad_removal")
    for number in range(3):
        talk = make_conversation(shop, f"good{number}")
        say(talk, "buyer", "10:00", dirty=True)
        say(talk, "agent", "10:01")
    reassess(shop)
    assert (window(shop, "ad_removal").state, window(shop, "activity_ban").state) == ("open", "withdrawn")


def test_a_dismissal_needs_a_reason_and_changes_nothing_without(shop: Shop) -> None:
    with pytest.raises(Refused) as refused:
        mark(shop, "dismissed", "  ")
    assert (refused.value.code, refused.value.field) == ("reason_missing", "reason")
    assert window(shop).mark == ""


def test_another_shops_window_is_not_found(shop: Shop) -> None:
    with pytest.raises(Refused) as refused:
        mark_window(shop=make_shop(), window=window(shop).pk, mark="confirmed", by=None, now=NOON)
    assert refused.value.status == 404


def test_an_unknown_mark_is_refused(shop: Shop) -> None:
    with pytest.raises(Refused) as refused:
        mark(shop, "maybe")
    assert refused.value.field == "mark"


def test_P4_black_room_is_entered_with_its_day_and_ends_after_thirty_whole_days(shop: Shop) -> None:
    by = Account.objects.create(account="boss")
    row = enter_black_room(shop=shop, day=DAY, note="通知", by=by, now=NOON)
    assert (row.kind, row.state, row.starts_at, row.ends_at) == (
        "black_room",
        "open",
        at("00:00", NEXT),
        at("00:00", DAY + timedelta(days=31)),
    )
    assert row.reasons == []
    reassess(shop)
    row.refresh_from_db()
    assert row.state == "open"


def test_P4_a_second_announcement_prolongs_and_the_same_day_is_refused(shop: Shop) -> None:
    first = enter_black_room(shop=shop, day=DAY, by=None, now=NOON)
    again = enter_black_room(shop=shop, day=NEXT, by=None, now=NOON)
    assert again.pk == first.pk
    assert again.ends_at == at("00:00", NEXT + timedelta(days=31))
    assert [p.date for p in again.prolongations.all()] == [NEXT]
    with pytest.raises(Refused) as refused:
        enter_black_room(shop=shop, day=NEXT, by=None, now=NOON)
    assert refused.value.status == 409


def test_P4_a_black_room_of_a_day_to_come_is_refused(shop: Shop) -> None:
    with pytest.raises(Refused) as refused:
        enter_black_room(shop=shop, day=NEXT + timedelta(days=1), by=None, now=NOON)
    assert refused.value.code == "future_day"
