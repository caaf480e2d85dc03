"""The shifts' screen (S3): what stands there, who may change it, and what is asked of the database."""

import csv
import io
import json
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agents.models import ShiftException, ShiftKind, ShiftPattern, ShiftSettings, Shop, SubAccount
from agents.services import set_shift, use_template
from agents.shifts import monday_of
from agents.vocabulary import Role
from conversations.states import Sender
from routing import services
from tests.agents.factories import make_member, make_shift, make_shop
from tests.routing.page import client_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Shop:
    return make_shop("pdd")


@pytest.fixture
def manager(shop: Shop) -> SubAccount:
    return make_member(shop, Role.CS_MANAGER, name="主管")


@pytest.fixture
def member(shop: Shop) -> SubAccount:
    return make_member(shop, name="a1")


@pytest.fixture
def monday() -> date:
    """Of next week: nothing of it is past."""
    return monday_of(timezone.localdate()) + timedelta(days=7)


def url(name: str, **kwargs: object) -> str:
    return reverse(name, kwargs={"shop": "pdd", **kwargs})


def get(member: SubAccount, name: str, query: str = "", **kwargs: object) -> str:
    response = client_of(member).get(f"{url(name, **kwargs)}?{query}")
    assert response.status_code == 200
    return response.content.decode()


def post(member: SubAccount, page: str, kwargs: dict | None = None, query: str = "", **data: object) -> HttpResponse:
    return client_of(member).post(f"{url(page, **(kwargs or {}))}?{query}", data)


def test_a_shop_without_shifts_is_offered_templates(shop: Shop, manager: SubAccount, member: SubAccount) -> None:
    html = get(manager, "shifts")
    assert "从一个模板开始" in html
    assert "没人：08:00–08:30、20:30–23:00（高峰 20:30–22:00）" in html
    assert "从一个模板开始" not in get(member, "shifts")


def test_the_day_shift_shows_its_own_two_gaps_and_names_the_peak_s(
    shop: Shop, manager: SubAccount, member: SubAccount, monday: date
) -> None:
    use_template(shop=shop, template="day", accounts=["a1"], today=timezone.localdate())
    html = get(manager, "shifts", f"week={monday}")
    for words in ("08:00–08:30 没人", "20:30–23:00 没人", "含高峰 20:30–22:00"):
        assert html.count(words) == 7
    assert html.count("strip-gap") == 14


def test_without_a_gap_it_says_so(shop: Shop, manager: SubAccount, monday: date) -> None:
    names = [make_member(shop).name for _n in range(3)]
    use_template(shop=shop, template="three", accounts=names, today=timezone.localdate())
    html = get(manager, "shifts", f"week={monday}")
    assert html.count("一直有人") == 7
    assert "今后七天 8:00–23:00 都有人" in html


def test_only_agents_are_staff(shop: Shop, manager: SubAccount, monday: date) -> None:
    kind = make_shift(shop, "全天", (0, 1440))
    ShiftPattern.objects.create(shop=shop, sub_account=manager, weekday=0, kind=kind)
    html = get(manager, "shifts", f"week={monday}")
    assert "08:00–23:00 没人" in html
    assert 'value="主管/' not in html


def test_what_is_true_now_stands_on_top(shop: Shop, manager: SubAccount, member: SubAccount) -> None:
    kind = make_shift(shop, "全天", (0, 1440))
    assert "现在没有人在班" in get(manager, "shifts")
    for n in range(7):
        ShiftPattern.objects.create(shop=shop, sub_account=member, weekday=n, kind=kind)
    html = get(manager, "shifts")
    assert "现在 <b>1</b> 人在班（a1" in html
    assert "其中 1 人没上线：a1" in html
    services.set_presence(shop=shop, agent="a1", status="online")
    assert "没上线" not in get(manager, "shifts")


def test_an_agent_sees_the_plan_own_line_first_and_changes_nothing(
    shop: Shop, member: SubAccount, monday: date
) -> None:
    make_member(shop, name="a0")
    kind = make_shift(shop, "早班")
    set_shift(shop=shop, who=member, day=monday, kind=kind)
    html = get(member, "shifts", f"week={monday}")
    assert "早班" in html
    assert 'name="cell"' not in html
    assert "follow-switch" not in html
    assert html.index('title="a1"') < html.index('title="a0"')
    assert post(member, "shift_cell", cell=f"a1/{monday}", kind=str(kind.pk)).status_code == 403


def test_a_shift_for_one_date_and_for_every_such_weekday(
    shop: Shop, manager: SubAccount, member: SubAccount, monday: date
) -> None:
    kind = make_shift(shop, "早班")
    response = post(manager, "shift_cell", cell=f"a1/{monday}", kind=str(kind.pk))
    assert response.status_code == 204
    assert set(json.loads(response["HX-Trigger"])) == {"dialogClose", "toast", "shifts"}
    assert ShiftException.objects.get(shop=shop).date == monday
    assert "只改了这一天" in get(manager, "shifts", f"week={monday}")
    assert "这一天不一样" in get(manager, "shift_cell", f"cell=a1/{monday}")
    assert post(manager, "shift_cell", cell=f"a1/{monday}", kind=str(kind.pk), weekly="1").status_code == 204
    assert ShiftPattern.objects.get(shop=shop).weekday == 0
    assert not ShiftException.objects.filter(shop=shop).exists()
    assert post(manager, "shift_cell", cell=f"a1/{monday}", kind="free").status_code == 204
    assert ShiftException.objects.get(shop=shop).kind is None


def test_a_cell_of_nobody_or_of_another_shop_is_not_found(shop: Shop, manager: SubAccount, monday: date) -> None:
    make_member(make_shop("other"), name="theirs")
    for cell in (f"theirs/{monday}", f"nobody/{monday}", "a1/someday", "a1/1999-01-01", "x"):
        assert client_of(manager).get(url("shift_cell"), {"cell": cell}).status_code == 404
    assert client_of(manager).get(url("shift_cell")).status_code == 409


def test_a_shift_removed_meanwhile_is_told(shop: Shop, manager: SubAccount, member: SubAccount, monday: date) -> None:
    theirs = make_shift(make_shop("other"))
    for kind in ("9999", str(theirs.pk), ""):
        response = post(manager, "shift_cell", cell=f"a1/{monday}", kind=kind)
        assert response.status_code == 422
        assert "field-error" in response.content.decode()


def test_a_shift_is_made_changed_and_removed(shop: Shop, manager: SubAccount) -> None:
    assert post(manager, "shift_kind_new", name="早班", times="8:00-16:00", colour="green").status_code == 204
    kind = ShiftKind.objects.get(shop=shop)
    assert "08:00–16:00" in get(manager, "shift_kind", pk=kind.pk)
    changed = post(manager, "shift_kind", {"pk": kind.pk}, name="早班", times="22:00–06:00", colour="deep")
    assert changed.status_code == 204
    kind.refresh_from_db()
    assert kind.times == [[1320, 1800]]
    assert "早班" in get(manager, "shift_kinds")
    assert post(manager, "shift_kind_remove", {"pk": kind.pk}).status_code == 204
    assert not ShiftKind.objects.exists()


def test_a_bad_shift_comes_back_with_what_was_typed(shop: Shop, manager: SubAccount) -> None:
    response = post(manager, "shift_kind_new", name="早班", times="八点到四点", colour="blue")
    assert response.status_code == 422
    html = response.content.decode()
    assert 'value="八点到四点"' in html
    assert "请写成 08:30–20:30" in html
    assert list(response.context["form"].errors) == ["times"]


def test_a_shift_in_use_is_not_removed_and_the_words_say_why(
    shop: Shop, manager: SubAccount, member: SubAccount, monday: date
) -> None:
    kind = make_shift(shop, "早班")
    set_shift(shop=shop, who=member, day=monday, kind=kind)
    assert post(manager, "shift_kind_remove", {"pk": kind.pk}).status_code == 409
    assert ShiftKind.objects.filter(pk=kind.pk).exists()


def test_a_template_is_used_from_the_screen(shop: Shop, manager: SubAccount, member: SubAccount) -> None:
    assert "三班倒" in get(manager, "shift_template")
    assert post(manager, "shift_template", template="early_late", accounts=["a1"]).status_code == 204
    assert ShiftPattern.objects.filter(shop=shop, sub_account=member).count() == 7
    bad = post(manager, "shift_template", template="day", accounts=["nobody"])
    assert bad.status_code == 422


def test_copying_a_week_says_beforehand_what_it_changes(
    shop: Shop, manager: SubAccount, member: SubAccount, monday: date
) -> None:
    set_shift(shop=shop, who=member, day=monday, kind=make_shift(shop, "早班"))
    response = client_of(manager).get(url("shift_copy"), {"source": monday})
    html = response.content.decode()
    assert "会改 <b>1</b> 处" in html
    assert "休 → <b>早班</b>" in html
    seen, target = response.context["copy"].fingerprint, monday + timedelta(days=7)
    stale = post(manager, "shift_copy", query=f"source={monday}", target=str(target), seen="stale")
    assert stale.status_code == 422
    assert not ShiftException.objects.filter(date=target).exists()
    assert post(manager, "shift_copy", query=f"source={monday}", target=str(target), seen=seen).status_code == 204
    assert ShiftException.objects.filter(date=target).exists()


@pytest.mark.parametrize("target", ["", "soon", "same"])
def test_a_week_that_cannot_be_copied_to_is_told_at_the_field(
    shop: Shop, manager: SubAccount, monday: date, target: str
) -> None:
    query = f"source={monday}&target={monday if target == 'same' else target}"
    assert "field-error" in get(manager, "shift_copy", query)


@pytest.mark.parametrize("week", ["", "soon", "0001-01-01", "9999-12-31"])
def test_a_week_that_is_none_or_too_far_away_is_this_one(shop: Shop, manager: SubAccount, week: str) -> None:
    make_shift(shop)
    assert f"{monday_of(timezone.localdate())}" in get(manager, "shifts", f"week={week}")
    get(manager, "shift_hours", f"week={week}&day=9")


def test_the_status_follows_when_the_switch_is_on(shop: Shop, manager: SubAccount) -> None:
    make_shift(shop)
    assert post(manager, "shift_follow", follows="1").status_code == 204
    assert ShiftSettings.objects.get(shop=shop).follows
    assert 'id="follow-switch"' in get(manager, "shifts")
    assert post(manager, "shift_follow").status_code == 204
    assert not ShiftSettings.objects.get(shop=shop).follows


# When buyers write


@pytest.mark.both
def test_the_hours_of_the_history_stand_against_the_plan(shop: Shop, manager: SubAccount, member: SubAccount) -> None:
    zone, today = ZoneInfo("Asia/Shanghai"), timezone.localdate()
    use_template(shop=shop, template="day", accounts=["a1"], today=today)
    conversation = services.open_conversation(shop=shop, buyer="b", entry="goods_detail", message=False).conversation
    for days_ago, hour, minutes in [(1, 20, 0), (1, 21, 5), (2, 20, 10), (2, 9, 0), (0, 3, 0), (60, 4, 0)]:
        day = today - timedelta(days=days_ago)
        sent = datetime(day.year, day.month, day.day, hour, minutes, tzinfo=zone)
        services.post_message(
            shop=shop, conversation=conversation.external_id, sender=Sender.BUYER, text="在吗", sent_at=sent
        )
    response = client_of(manager).get(url("shift_hours"))
    hours = response.context["hours"]
    assert hours.asked.days == 2, "since the first day with messages, yesterday the last"
    assert (hours.asked.by_hour[20], hours.asked.by_hour[21], hours.asked.by_hour[9]) == (1.0, 0.5, 0.5)
    assert sum(hours.asked.by_hour) == 2.0
    assert str(hours.asked.busiest) == "20:00–22:00"
    assert "最忙 <b>20:00–22:00</b>" in response.content.decode()
    assert (hours.fewest, hours.most) == (0, 1)
    chart = response.context["chart"]
    assert chart["series"][0]["data"][20] == 1.0
    assert (chart["series"][1]["data"][8], chart["series"][1]["data"][12]) == (0.5, 1.0)
    of_one_day = client_of(manager).get(url("shift_hours"), {"day": (today - timedelta(days=1)).weekday()})
    assert of_one_day.context["hours"].asked.by_hour[20] == 1.0
    assert of_one_day.context["hours"].asked.by_hour[9] == 0.0


def test_the_same_as_a_file(shop: Shop, member: SubAccount) -> None:
    response = client_of(member).get(url("shift_hours_csv"))
    assert response["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == ["时段", "买家消息", "排班人数"]
    assert len(rows) == 25
    assert rows[1] == ["00:00–01:00", "0", "0"]


def test_a_shop_without_history_is_told_so(shop: Shop, member: SubAccount) -> None:
    assert "还没有历史" in get(member, "shift_hours")


def test_the_queries_do_not_grow_with_the_people(shop: Shop, manager: SubAccount, monday: date) -> None:
    make_shift(shop)
    client = client_of(manager)
    names = [make_member(shop).name for _n in range(5)]
    use_template(shop=shop, template="early_late", accounts=names, today=timezone.localdate())
    pages = [url("shifts"), url("shift_hours"), url("shift_copy"), f"{url('shift_cell')}?cell={names[0]}/{monday}"]
    few = []
    for page in pages:
        client.get(page)
        with CaptureQueriesContext(connection) as asked:
            client.get(page)
        few.append(len(asked))
    names += [make_member(shop).name for _n in range(195)]
    use_template(shop=shop, template="three", accounts=names, rotate=True, today=timezone.localdate())
    for page, before in zip(pages, few, strict=True):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page).status_code == 200
        assert len(asked) <= before
    assert max(few) <= 15
