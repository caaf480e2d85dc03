"""Every code of the engine has words, in both languages; a trace and a change are told as people would tell them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from agents.vocabulary import Platform, Status
from routing.engine.compile import compile_settings
from routing.engine.decide import decide
from routing.engine.difference import difference
from routing.engine.document import read_document
from routing.engine.settings import Settings
from routing.engine.state import ShopState
from routing.engine.telling import told_trace
from routing.engine.types import Agent, Contact, Conversation, Finding
from routing.engine.vocabulary import Excluded, Found, Trigger
from routing.words import (
    EXCLUDED,
    FOUND,
    RULES,
    Candidate,
    ExplanationStep,
    Person,
    change_sentence,
    explain,
    path_of,
    pool_words,
    problem_words,
    rule_name,
    rule_sentence,
)

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
GROUP = {"name": "售前组", "members": [{"account": "a1"}, {"account": "a2"}], "order_statuses": ["none"]}
DOCUMENTS = [
    (Platform.PINDUODUO, {"pages": {"goods_detail": ["a1", "a2", "a3", "a4"]}}),
    (Platform.PINDUODUO, {"mode": "advanced", "groups": [GROUP]}),
    (Platform.KUAISHOU, {}),
    (Platform.KUAISHOU, {"mode": "grouped", "groups": [GROUP]}),
    *(
        (Platform.DOUYIN, {"allocation": a, "queue": {"overflow": True}})
        for a in ("least_saturated", "even_today", "priority")
    ),
    (Platform.TAOBAO, {}),
    (Platform.TAOBAO, {"groups": [GROUP]}),
]
ACCOUNTS = ("a1", "a2", "a3", "a4", "a5")


def compiled(platform: Platform, document: dict) -> Settings:
    return compile_settings(read_document(document, platform, ACCOUNTS), platform, 1)


def state_of(settings: Settings, *agents: Agent) -> ShopState:
    others = [Agent(name) for name in ACCOUNTS if name not in {known.name for known in agents}]
    return ShopState(settings, ZoneInfo("Asia/Shanghai"), 7, [*agents, *others])


def agent(name: str, status: Status = Status.ONLINE, opened: int = 0, cap: int | None = 10) -> Agent:
    return Agent(name, status=status, open=opened, max_concurrent=cap)


def told(state: ShopState, **fields):
    conversation = Conversation("c1", "b1", **fields)
    decision = decide(state, conversation, NOW, Trigger.OPENED)
    trace = told_trace(decision.trace, ZoneInfo("Asia/Shanghai"))
    return explain(trace, state.settings.steps, agent=decision.agent)


def in_both(words) -> tuple[str, str]:
    with translation.override("en"):
        english = str(words)
    with translation.override("zh-hans"):
        return english, str(words)


@pytest.mark.parametrize("code", Found)
def test_every_finding_has_words_in_both_languages(code: Found) -> None:
    english, chinese = in_both(FOUND[code])
    assert english.isascii()
    assert not chinese.isascii()


@pytest.mark.parametrize("code", Excluded)
def test_every_reason_for_leaving_somebody_out_has_words(code: Excluded) -> None:
    english, chinese = in_both(EXCLUDED[code])
    assert english.isascii()
    assert not chinese.isascii()


@pytest.mark.parametrize(("platform", "document"), DOCUMENTS)
def test_every_rule_of_every_platform_has_a_name_and_a_sentence(platform: Platform, document: dict) -> None:
    for step in compiled(platform, document).steps:
        for words in (rule_name(step.rule, step.kind), rule_sentence(step.rule, step.kind)):
            english, chinese = in_both(words)
            assert english.isascii()
            assert not chinese.isascii()


def test_the_rules_with_words_are_the_rules_of_the_contract() -> None:
    of_contract = {
        *(f"PDD{n}" for n in range(1, 8)),
        *(f"KS{n}" for n in (1, 2, 3, 5, 6, 9, 10)),
        *(f"DY{n}" for n in (3, 4, 12, 5, 7, 8, 11)),
        *(f"TB{n}" for n in (1, 2, 3, 6, 7, 8)),
        *("G5", "G17", "G8"),
    }
    assert set(RULES) == of_contract | {"G21"}


def test_a_reassignment_begins_with_who_has_not_answered_then_the_rules_without_them() -> None:
    state = state_of(compiled(*DOCUMENTS[0]), agent("a1"), agent("a2"))
    silence = Finding("G21", Found.SILENCE, excluded={"a1": Excluded.SILENT}, holder="a1", since=NOW)
    state.contacts["b1"] = Contact("a1", NOW)
    asked = Conversation("c1", "b1", entry="goods_detail")
    decision = decide(state, asked, NOW, Trigger.REASSIGNED, silence)
    trace = told_trace(decision.trace, ZoneInfo("Asia/Shanghai"))
    assert trace[0] | {"excluded": {"a1": "silent"}} == trace[0]
    assert (trace[0]["rule"], trace[0]["holder"]) == ("G21", "a1")
    assert trace[0]["since"] == "2026-03-02T11:00:00+08:00"
    with translation.override("zh-hans"):
        first, recent, page, *_rest = explain(trace, state.settings.steps, agent=decision.agent)
    assert (first.number, first.title, first.state) == (1, "超时转接", "passed")
    assert [line.reason for line in first.candidates] == ["超时没回复"]
    assert (recent.number, recent.reason) == (2, "最近联系的客服超时没回复，往下")
    assert (page.number, page.state) == (3, "decided")
    assert {line.name: line.reason for line in page.candidates} == {
        "a2": "分给了 TA",
        "a1": "超时没回复",
        "a3": "离线",
        "a4": "离线",
    }


def test_the_path_says_when_it_begins_once_more() -> None:
    platform, document = DOCUMENTS[0]
    assert path_of(compiled(platform, document)).again == ""
    silence = {"silence": {"enabled": True, "after_seconds": 90, "times": 3}}
    with translation.override("zh-hans"):
        again = path_of(compiled(platform, document | silence)).again
    assert again == "90 秒没回复：不再给这位客服，从头再分一次，最多 3 次"


@pytest.mark.parametrize(("platform", "document"), DOCUMENTS)
def test_every_step_of_the_engine_is_in_exactly_one_box(platform: Platform, document: dict) -> None:
    settings = compiled(platform, document)
    steps = [i for box in path_of(settings).boxes for i in box.steps]
    assert sorted(steps) == list(range(len(settings.steps)))


def test_pinduoduos_path_is_four_boxes_and_a_jump_over_the_page() -> None:
    with translation.override("zh-hans"):
        path = path_of(compiled(*DOCUMENTS[0]))
        assert [str(box.title) for box in path.shown] == ["最近联系", "页面客服", "任一空闲", "离线名单"]
        assert [str(box.condition) for box in path.shown] == ["", "没联系过", "都没空", "都不在线"]
    assert [(arc.begin, arc.end) for arc in path.arcs] == [(0, 2)]


@pytest.mark.parametrize(
    ("number", "conditions", "arcs"),
    [
        (2, ["不在线", "或", "都不在线"], [(0, 2, "没联系过：直接平均分")]),
        (3, ["没联系过", "组里没人在线", "都不在线"], []),
        (4, ["没联系过", "都没空", "都不在线", "或"], [(2, 4, "还有人在线，但都满了：排队")]),
        (7, ["没联系过", "都不在线"], []),
        (8, ["没联系过", "没绑定", "都没空", "都不在线"], [(1, 3, "绑定的组都没空")]),
    ],
)
def test_branches_are_drawn_as_branches(number: int, conditions: list[str], arcs: list[tuple[int, int, str]]) -> None:
    with translation.override("zh-hans"):
        path = path_of(compiled(*DOCUMENTS[number]))
        assert [str(box.condition) if not box.alternative else "或" for box in path.shown[1:]] == conditions
        assert [(arc.begin, arc.end, str(arc.condition)) for arc in path.arcs] == arcs


def test_without_overflow_the_entry_leads_to_the_list_or_to_the_line() -> None:
    with translation.override("zh-hans"):
        path = path_of(compiled(Platform.DOUYIN, {"queue": {"overflow": False}}))
        assert [str(box.title) for box in path.shown] == ["重复来访", "入口客服", "离线名单", "排队等候"]
        assert [(arc.begin, arc.end) for arc in path.arcs] == [(1, 3)]
        assert path.shown[3].alternative


def test_the_path_says_what_is_switched_off_or_empty() -> None:
    settings = compiled(Platform.PINDUODUO, {"recent_contact": {"enabled": False}, "offline": {"enabled": False}})
    with translation.override("en"):
        path = path_of(settings)
        assert str(path.boxes[0].sentence) == str(path.boxes[3].sentence) == "Switched off"


def test_a_decision_is_told_step_by_step_and_candidate_by_candidate() -> None:
    state = state_of(
        compiled(*DOCUMENTS[0]),
        agent("a1", opened=3),
        agent("a2", opened=7),
        agent("a3", Status.BREAK, 5),
        agent("a4", opened=10),
    )
    with translation.override("zh-hans"):
        steps = told(state, entry="goods_detail")
    assert [(step.number, step.title, step.state) for step in steps] == [
        (1, "最近联系", "passed"),
        (2, "页面客服", "decided"),
        (3, "任一空闲", "unreached"),
        (4, "离线名单", "unreached"),
    ]
    assert steps[0].reason == "没有联系记录，往下"
    lines = {line.name: (line.status, line.free, line.reason) for line in steps[1].candidates}
    assert lines["a3"] == ("break", False, "小休，不派新会话")
    assert lines["a4"] == ("online", False, "已满")
    assert {name for name, line in lines.items() if line[1]} == {"a1", "a2"}
    assert [line.name for line in steps[1].candidates if line.chosen]


def test_a_buyer_whose_agent_is_away_jumps_over_the_page() -> None:  # PDD2
    state = state_of(compiled(*DOCUMENTS[0]), agent("a1"), agent("a5", Status.OFFLINE))
    state.contacts["b1"] = Contact("a5", NOW)
    with translation.override("zh-hans"):
        steps = told(state, entry="goods_detail")
    assert [step.state for step in steps] == ["passed", "passed", "decided", "unreached"]
    assert steps[1].reason == "联系过，但 TA 不在线：跳过"
    assert [line.name for line in steps[0].candidates] == ["a5"]


def test_a_conversation_that_waits_says_so_in_a_step_of_its_own() -> None:
    state = state_of(compiled(*DOCUMENTS[0]), agent("a1", opened=10))
    with translation.override("zh-hans"):
        steps = told(state, entry="goods_detail")
    assert [step.title for step in steps] == ["最近联系", "页面客服", "任一空闲", "离线名单", "排队等候"]
    assert steps[-1].state == "decided"
    assert steps[-1].reason == "能接的人都满了：排队"


def test_the_groups_wait_is_told_with_the_group() -> None:  # KS6
    document = {"mode": "grouped", "groups": [GROUP]}
    state = state_of(compiled(Platform.KUAISHOU, document), agent("a1", opened=10), agent("a3"))
    with translation.override("zh-hans"):
        steps = told(state)
    assert steps[1].state == "decided"
    assert {line.name: line.reason for line in steps[1].candidates} == {
        "a1": "已满",
        "a2": "离线",
        "a3": "有空，但不在这个组",
    }
    assert [step.state for step in steps[2:]] == ["unreached", "unreached"]


def test_labels_and_loads_come_from_the_people_given() -> None:
    state = state_of(compiled(*DOCUMENTS[0]), agent("a1"), agent("a3", Status.BREAK, 5))
    decision = decide(state, Conversation("c1", "b1", entry="goods_detail"), NOW, Trigger.OPENED)
    trace = told_trace(decision.trace, ZoneInfo("Asia/Shanghai"))
    people = {"a3": Person("a3", "小满-售前03", status="break", load=5, cap=10)}
    lines = [line for step in explain(trace, state.settings.steps, people=people) for line in step.candidates]
    assert ("小满-售前03", 5, 10) in {(line.name, line.load, line.cap) for line in lines}


def test_a_transfer_by_hand_is_one_step() -> None:  # G8
    trace = [
        {"rule": "G8", "found": "by_hand", "candidates": {"a1": {"load": 0, "max_concurrent": None}}, "excluded": {}}
    ]
    (step,) = explain(trace, (), agent="a1")
    assert (step.state, step.candidates[0].chosen) == ("decided", True)


BEFORE = {"pages": {"goods_detail": ["a1", "a3"]}, "groups": [GROUP]}
CHANGES = [
    ({**BEFORE, "pages": {"goods_detail": ["a1", "a2"]}}, "商品详情页：+ a2，− a3"),
    ({**BEFORE, "mode": "advanced"}, "改用高级分流"),
    ({**BEFORE, "groups": []}, "删除组“售前组”"),
    ({**BEFORE, "groups": [GROUP, {"name": "新.组", "members": [{"account": "a3"}]}]}, "新建组“新.组”：a3"),
    (
        {**BEFORE, "groups": [{**GROUP, "members": [{"account": "a1", "weight": 500}, {"account": "a2"}]}]},
        "售前组：a1 权重 100 → 500",
    ),
    ({**BEFORE, "groups": [{**GROUP, "order_statuses": ["none", "unpaid"]}]}, "售前组：+ 待付款"),
    ({**BEFORE, "offline": {"agents": ["a4"]}}, "离线名单：+ a4"),
    ({**BEFORE, "never_route": ["a4"]}, "不分流账号：+ a4"),
    ({**BEFORE, "offline": {"enabled": False}}, "启用离线分流：开 → 关"),
    ({**BEFORE, "silence": {"enabled": True}}, "超时转接：关 → 开"),
    ({**BEFORE, "silence": {"after_seconds": 60}}, "超时转接时限（秒）：120 → 60"),
    ({**BEFORE, "silence": {"times": 3}}, "超时转接次数上限：2 → 3"),
    ({**BEFORE, "auto_close_minutes": 30}, "超时关闭（分钟）：不限 → 30"),
    ({**BEFORE, "queue": {"notice": "稍等"}}, "排队提示语：“当前排队 {count} 人，请稍候。” → “稍等”"),
]


@pytest.mark.parametrize(("after", "words"), CHANGES, ids=[words for _after, words in CHANGES])
def test_a_change_is_one_sentence(after: dict, words: str) -> None:
    (change,) = difference(
        read_document(BEFORE, Platform.PINDUODUO, ACCOUNTS), read_document(after, Platform.PINDUODUO, ACCOUNTS)
    )
    with translation.override("zh-hans"):
        assert change_sentence(change, Platform.PINDUODUO) == words


def test_a_change_of_an_entry_is_one_sentence() -> None:
    def whole(entries: dict) -> dict:
        return read_document({"entries": entries}, Platform.DOUYIN, ACCOUNTS)

    unified = {"live": {"assign": "unified", "agents": ["a1"]}}
    asked = {"live": {"assign": "by_question", "questions": {"尺码": ["a1"], "发货": []}}}
    more = {"live": {"assign": "by_question", "questions": {"尺码": ["a1", "a2"], "发货": []}}}
    with translation.override("zh-hans"):
        said = [
            [change_sentence(change, Platform.DOUYIN, {"a1": "小满-01"}) for change in difference(whole(a), whole(b))]
            for a, b in [({}, unified), (unified, asked), (asked, more), (unified, {})]
        ]
    assert said[0] == ["直播：小满-01"]
    assert said[1] == ["直播：分入口分配", "直播：− 小满-01", "直播：分入口分配：尺码，发货"]
    assert said[2] == ["直播 · 尺码：+ a2"]
    assert said[3] == ["直播：不再设置"]


@pytest.mark.parametrize(
    ("pool", "words"),
    [
        ("shop", "全店的队"),
        ("order_status:unshipped", "“待发货”的队"),
        ("entry:live", "“直播”的队"),
        ("entry:live:尺码", "“直播 · 尺码”的队"),
    ],
)
def test_a_pool_has_a_name(pool: str, words: str) -> None:
    with translation.override("zh-hans"):
        assert pool_words(pool, Platform.KUAISHOU) == words


def test_a_problem_of_the_document_is_told_in_words() -> None:
    with translation.override("zh-hans"):
        assert problem_words("must be from 0 to 1000000") == "请填 0 到 1000000。"
        assert problem_words('"a1" is in two groups (PDD9)') == "“a1”在两个组里，最多只能在一个组。"
        assert problem_words("something new") == "something new"


def test_of_many_candidates_some_are_shown_whoever_got_it_among_them_and_the_rest_in_a_line_each() -> None:
    many = [Candidate(f"a{n:02}", "online", n, 20, "可接", free=True, chosen=n == 30) for n in range(40)]
    step = ExplanationStep(1, "任一空闲", "decided", candidates=many)
    assert [line.name for line in step.shown] == [*(f"a{n:02}" for n in range(11)), "a30"]
    assert step.others[:2] == ["a11 11/20 可接", "a12 12/20 可接"]
    assert len(step.shown) + len(step.others) == 40
    few = ExplanationStep(1, "任一空闲", "decided", candidates=many[:12])
    assert (few.shown, few.others) == (many[:12], [])
