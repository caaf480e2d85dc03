"""The components say what they are given, in words too, and keep the figures' manners."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from agents.forms import KeyForm
from agents.templatetags.fenliu import clock, countdown_tone, share_of
from routing.words import Candidate, ExplanationStep, Person


@pytest.fixture(autouse=True)
def _in_chinese():
    with translation.override("zh-hans"):
        yield


def shown(component: str, **context: object) -> str:
    return " ".join(render_to_string(f"_components/{component}.html", context).split())


def test_a_status_is_never_told_by_colour_alone() -> None:
    assert "小休" in shown("status_dot", status="break")
    assert 'class="sr-only">小休' in shown("status_dot", status="break")
    assert "sr-only" not in shown("status_dot", status="break", word=True)


@pytest.mark.parametrize(
    ("status", "load", "cap", "says", "marked"),
    [
        ("online", 3, 10, "3/10", False),
        ("online", 10, 10, "10/10 已满", True),
        ("online", 12, 10, "12/10 已满", True),
        ("online", 4, None, ">4<", False),
    ],
)
def test_an_agent_chip_says_the_load_and_marks_the_full(
    status: str, load: int, cap: int | None, says: str, marked: bool
) -> None:
    text = shown("agent_chips", people=[Person("a1", "小满-售前01", status=status, load=load, cap=cap)])
    assert says in text
    assert ("is-full" in text) is marked


def test_an_offline_agents_chip_says_so_in_place_of_the_load() -> None:
    text = shown("agent_chips", people=[Person("a", "a", status="offline", load=3, cap=10)])
    assert "3/10" not in text
    assert "离线" in text


def test_a_load_bar_is_as_long_as_the_load_and_never_longer_than_the_track() -> None:
    assert "width:40%" in shown("load_bar", load=4, cap=10)
    full = shown("load_bar", load=15, cap=10)
    assert "width:100%" in full
    assert "is-full" in full


def test_roles_are_named() -> None:
    assert "物流客服" in shown("role_tags", roles=["main", "logistics_agent"])


@pytest.mark.parametrize(
    ("verdict", "word"), [("pass", "达标"), ("edge", "贴着线"), ("fail", "不达标"), ("none", "不考核")]
)
def test_a_metric_tile_words_its_verdict(verdict: str, word: str) -> None:
    text = shown("metric_tile", name="5分钟回复率", verdict=verdict, figure="51.2", rate=51.2, line=50)
    assert word in text
    assert "left:50%" in text


def test_without_a_rate_the_tile_shows_a_dash_not_nought() -> None:
    text = shown("metric_tile", name="x", verdict="none", figure="", rate=None, line=50)
    assert "—" in text
    assert "0<small>" not in text


def test_the_deciding_step_is_marked_and_the_later_ones_were_not_reached() -> None:
    steps = [
        ExplanationStep(1, "最近联系", "passed", "没有联系记录"),
        ExplanationStep(2, "页面客服", "decided", candidates=[Candidate("a1", "online", 0, 5, "可接")]),
        ExplanationStep(3, "任一在线", "unreached"),
    ]
    text = shown("explanation_list", steps=steps)
    first, second, third = text.split('<li class="step')[1:]
    assert "没有联系记录" in first
    assert second.startswith(" is-decided")
    assert "由这条决定" in second
    assert "0/5" in second
    assert "没走到" in third


def test_an_unset_card_has_one_button_that_mends_it() -> None:
    text = shown("unset_card", title="物流投诉页", text="随机分给全店", label="去设置", get="/x/")
    assert "未设置" in text
    assert text.count("<button") == 1
    assert 'hx-get="/x/"' in text


def test_the_save_bar_publishes_the_next_version() -> None:
    text = shown("save_bar", form="f", count=2, changes="权重 300 → 500", version=13)
    assert "2 处未发布" in text
    assert "发布为版本 13" in text


def test_an_error_stands_at_its_field_and_is_announced_with_it() -> None:
    form = KeyForm({"name": ""})
    text = shown("field", field=form["name"])
    assert 'aria-invalid="true"' in text
    assert 'aria-describedby="id_name_error"' in text
    assert 'id="id_name_error"' in text


def test_what_people_type_is_escaped_everywhere() -> None:
    nasty = "<b>x</b>"
    for text in (
        shown("agent_chips", people=[Person("a", nasty, status="online", load=1)]),
        shown("toast", text=nasty, tone="error"),
        shown("page_head", title=nasty, sub=nasty),
        shown("dialog", id="d", title=nasty),
    ):
        assert nasty not in text


@pytest.mark.parametrize(
    ("left", "tone"),
    [
        (300, ""),
        (181, ""),
        (180, "countdown-warn"),
        (61, "countdown-warn"),
        (60, "countdown-bad"),
        (0, "countdown-bad"),
    ],
)
def test_a_countdown_is_amber_from_40_and_red_from_80_percent_gone(left: int, tone: str) -> None:
    assert countdown_tone(left, 300) == tone
    assert f'data-left="{left}"' in shown("countdown", left=left, total=300)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (41, "0:41"), (61, "1:01"), (3661, "1:01:01"), (None, "—")])
def test_a_clock_is_minutes_and_seconds(seconds: int | None, text: str) -> None:
    assert clock(seconds) == text


def test_a_share_of_nothing_is_nothing() -> None:
    assert share_of(5, 0) == share_of(None, 10) == 0
    assert share_of(1, 3) == 33


TABS = [{"label": "基础分流", "href": "/a/", "active": True}, {"label": "离线分流", "href": "/b/", "count": 2}]


def test_one_tab_is_the_current_one() -> None:
    text = shown("tabs", tabs=TABS)
    assert text.count('aria-current="page"') == 1
    assert "<small>2</small>" in text


def test_an_empty_state_leads_on() -> None:
    assert 'href="/x/"' in shown("empty_state", title="没有", label="去", href="/x/")
