"""A generated case made to go further: real addresses and known words in place of some of what was drawn.

Wholly drawn input mostly ends at the first check; a call that names what is there reaches what lies behind it.
"""

from copy import deepcopy
from random import Random
from typing import Any

from schemathesis import Case

from tests.hostile.world import PASSWORD, World
from tests.routing.factories import png

WORDS: dict[str, list[Any]] = {
    "status": ["online", "break", "offline"],
    "entry": ["goods_detail", "shop_home", "logistics", None],
    "order_status": ["unpaid", "shipped", "none", None],
    "sender": ["buyer", "agent", "robot", "auto"],
    "kind": ["text", "image", "order_card", "video", "black_room"],
    "by": ["agent", "buyer", "system", "day"],
    "roles": [["agent"], ["main"], ["agent", "operations"], ["owner"], []],
    "platform": ["pinduoduo", "kuaishou", "douyin", "taobao"],
    "timezone": ["Asia/Shanghai", "UTC", "Mars/Olympus"],
    "password": [PASSWORD, "1"],
    "mark": ["", "confirmed", "dismissed"],
    "state": ["open", "queued", "robot", "closed", "pending"],
    "from": ["2026-11-01", "0001-01-01", "9999-12-31", "2026-02-30"],
    "to": ["2026-11-27", "0001-01-01", "9999-12-31", "2026-02-30"],
    "opened_on": ["2026-11-27", "1970-01-01", "9999-12-31"],
    "sent_at": ["2026-11-27T10:00:00+08:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", None],
    "events": [["message"], ["conversation.opened"], ["nothing"]],
    "url": ["https://203.0.113.9/hook", "http://127.0.0.1/", "gopher://x", "https://[::1]/"],
    "slug": ["new-shop", "hostile", "a b", "../x"],
    "external_id": ["c-1", "c-2", None],
    "message_id": ["m-1", "m-2", None],
    "hot_question": [1, 0, -1, 2**63, None],
    "max_concurrent": [0, 1, 5, 1_000_001, None],
    "cursor": ["cD0x", "bz0xJnA9MQ==", "cD0yMDI2LTExLTAx", "%", "cD0lMDA="],
    "page_size": ["0", "1", "-1", "10000000000000000000000"],
    "last_event_id": ["-", "MS4x", "MS45OTk5OTk5OTk5OTk5OTk5OTk", "x"],
    "Last-Event-ID": ["-", "MS4x", "MS45OTk5OTk5OTk5OTk5OTk5OTk", "x"],
}

SCENARIO = {
    "platform": "pinduoduo",
    "agents": [{"account": "a1"}, {"account": "a2", "max_concurrent": 1}],
    "routing": {"pages": {"goods_detail": ["a1"]}, "offline": {"enabled": True, "agents": ["a2"]}},
    "events": [
        {"at": "2026-03-02T09:00:00+08:00", "type": "presence", "agent": "a1", "status": "online"},
        {
            "at": "2026-03-02T09:01:00+08:00",
            "type": "open",
            "conversation": "c1",
            "buyer": "b",
            "entry": "goods_detail",
        },
        {"at": "2026-03-02T09:02:00+08:00", "type": "message", "conversation": "c1", "sender": "agent"},
        {"at": "2026-03-02T09:03:00+08:00", "type": "close", "conversation": "c1", "by": "agent"},
    ],
}
SAMPLES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "auth/token/"): {"account": "hostile-main", "password": PASSWORD},
    ("PATCH", "penalties/{id}/"): {"mark": "confirmed", "reason": "是"},
    ("POST", "v1/shops/"): {"slug": "a-new-shop", "platform": "taobao", "name": "新店"},
    ("PATCH", "{shop}/"): {"name": "改名", "timezone": "Asia/Shanghai"},
    ("POST", "chat-tokens/"): {"buyer": "b0"},
    ("POST", "conversations/"): {"buyer": "b9", "entry": "goods_detail", "external_id": "c-1"},
    ("POST", "messages/"): {"sender": "buyer", "kind": "text", "text": "在吗", "message_id": "m-1"},
    ("POST", "transfer/"): {"to": "hostile-agent", "reason": "换人"},
    ("POST", "keys/"): {"name": "商城"},
    ("POST", "sub-accounts/"): {"account": "小新", "password": PASSWORD, "roles": ["agent"], "max_concurrent": 5},
    ("PATCH", "{account}/"): {"display_name": "小新", "roles": ["agent"], "enabled": False},
    ("POST", "webhooks/"): {"name": "仓库", "url": "https://1.1.1.1/hook", "events": ["message"]},
    ("PATCH", "webhooks/{id}/"): {"name": "仓库", "on": False},
    ("PUT", "routing/"): {"mode": "basic", "pages": {"goods_detail": ["hostile-agent"]}, "version": 2},
    ("POST", "simulate/"): SCENARIO,
}
"""A body that is taken, by method and the end of the path."""


def sample(case: Case) -> dict[str, Any] | None:
    path = case.path if case.path.startswith("/api") else f"/api{case.path}"
    return next((deepcopy(body) for (m, end), body in SAMPLES.items() if case.method == m and path.endswith(end)), None)


def steered(case: Case, world: World, luck: Random) -> Case:
    """The same case with some of its parts put in place of what was drawn."""
    for name in case.path_parameters:
        case.path_parameters[name] = path_value(case, name, world, luck)
    words = words_of(world)
    good = sample(case) if luck.random() < 0.5 else None
    if good is not None and case.media_type is not None:
        case.media_type = "application/json"
        case.body = spoilt(good, luck) if luck.random() < 0.6 else good
    elif isinstance(case.body, dict):
        case.body = {name: swapped(name, value, words, luck) for name, value in case.body.items()}
        if case.media_type == "multipart/form-data" and "image" in case.body:
            case.body["image"] = luck.choice([png(), b"<svg onload=alert(1)>", b"", png()[:40]])
    for name in list(case.query):
        case.query[name] = swapped(name, case.query[name], words, luck)
    return case


WRONG: list[Any] = [
    None,
    True,
    -1,
    2**64,
    1.5,
    "",
    "\x00",
    "x" * 6000,
    [],
    {},
    [[]],
    {"a": {"b": []}},
    "\u202e",
    "9" * 400,
]


def spoilt(value: Any, luck: Random) -> Any:
    """One place of it, however deep, put wrong, left out or doubled."""
    if isinstance(value, dict) and value:
        name = luck.choice(sorted(value))
        if luck.random() < 0.1:
            return {**value, "unknown": 1}
        if luck.random() < 0.1:
            return {key: inner for key, inner in value.items() if key != name}
        return {**value, name: spoilt(value[name], luck)}
    if isinstance(value, list) and value and luck.random() < 0.8:
        place = luck.randrange(len(value))
        changed = [*value[:place], spoilt(value[place], luck), *value[place + 1 :]]
        return [*changed, changed[-1]] if luck.random() < 0.1 else changed
    return luck.choice(WRONG)


def path_value(case: Case, name: str, world: World, luck: Random) -> Any:
    roll = luck.random()
    if name == "shop":
        return (world.first if roll < 0.88 else world.second).shop.slug if roll < 0.95 else case.path_parameters[name]
    known = (world.first if roll < 0.7 else world.second).of(name, case.path)
    return luck.choice(known) if known and roll < 0.85 else case.path_parameters[name]


def words_of(world: World) -> dict[str, list[Any]]:
    accounts = [*world.first.accounts, world.second.accounts[0], "nobody-at-all"]
    return (
        WORDS
        | {
            "account": accounts,
            "agent": [*accounts, None],
            "buyer": [*world.first.buyers, "new-buyer"],
            "shop": [world.first.shop.slug, world.second.shop.slug],
        }
        | {"to": [*WORDS["to"], *accounts]}
    )


def swapped(name: str, value: Any, words: dict[str, list[Any]], luck: Random) -> Any:
    return luck.choice(words[name]) if name in words and luck.random() < 0.6 else value
