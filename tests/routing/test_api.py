"""The HTTP API of routing, as another program and as people see it (CONTRACT 5)."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agents.models import Shop, SubAccount
from agents.vocabulary import Role
from tests.agents.factories import make_key, make_member, make_shop
from tests.routing.factories import png

pytestmark = [pytest.mark.django_db, pytest.mark.both]


class Caller:
    """Speaks JSON with the API of one shop."""

    def __init__(self, shop: Shop, *, key: str = "", member: SubAccount | None = None) -> None:
        self.client = Client(headers={"Authorization": f"Token {key}"} if key else None)
        if member:
            self.client.force_login(member.account)
        self.base = f"/api/v1/shops/{shop.slug}/"

    def __call__(self, method: str, path: str, data: Any = None) -> tuple[int, Any]:
        url = path if path.startswith("/") else self.base + path
        body = None if data is None else json.dumps(data)
        response = self.client.generic(method, url, body or "", content_type="application/json")
        return response.status_code, response.json() if response.content else None


@pytest.fixture
def shop() -> Shop:
    return make_shop("pdd")


@pytest.fixture
def key(shop: Shop) -> Caller:
    return Caller(shop, key=make_key(shop)[1])


@pytest.fixture
def main(shop: Shop) -> Caller:
    return Caller(shop, member=make_member(shop, Role.MAIN, name="boss"))


@pytest.fixture
def agent(shop: Shop) -> Caller:
    return Caller(shop, member=make_member(shop, name="a1"))


def online(main: Caller, account: str) -> None:
    status, _ = main("PUT", f"sub-accounts/{account}/presence/", {"status": "online"})
    assert status == 200


def test_a_conversation_comes_in_reaches_the_page_s_agent_is_answered_and_closed(shop, key, main, agent) -> None:
    make_member(shop, name="a2")
    main("PUT", "routing/", {"pages": {"goods_detail": ["a1"]}})
    online(main, "a1")
    online(main, "a2")

    status, opened = key("POST", "conversations/", {"buyer": "b1", "entry": "goods_detail", "external_id": "x1"})
    assert status == 201
    assert (opened["state"], opened["agent"], opened["queue"]) == ("open", "a1", None)
    assert (opened["decision"]["rule"], opened["decision"]["version"]) == ("PDD3", 2)
    status, again = key("POST", "conversations/", {"buyer": "b1", "entry": "goods_detail", "external_id": "x1"})
    assert (status, again["id"]) == (200, opened["id"])

    path = f"conversations/{opened['id']}/"
    asked = {
        "sender": "buyer",
        "kind": "text",
        "text": "在吗",
        "message_id": "m1",
        "sent_at": "2026-03-02T09:00:00+08:00",
    }
    assert key("POST", path + "messages/", asked)[0] == 201
    assert key("POST", path + "messages/", asked)[0] == 200
    status, said = agent("POST", path + "messages/", {"kind": "text", "text": "在的"})
    assert (status, said["sender"], said["agent"]) == (201, "agent", "a1")
    status, thread = agent("GET", path + "messages/")
    assert [m["text"] for m in thread["results"]] == ["在吗", "在的"]
    assert agent("POST", path + "close/")[1]["state"] == "closed"
    assert agent("POST", path + "close/")[0] == 409


def test_who_waits_is_told_their_place_and_taken_when_somebody_comes(shop, key, main, agent) -> None:
    status, first = key("POST", "conversations/", {"buyer": "b1", "entry": "goods_detail"})
    assert (status, first["state"]) == (201, "queued")
    assert first["decision"]["rule"] == "G5"
    status, second = key("POST", "conversations/", {"buyer": "b2", "entry": "goods_detail"})
    assert second["queue"] == {"pool": "shop", "position": 2, "notice": "当前排队 2 人，请稍候。"}
    assert [row["id"] for row in main("GET", "queue/")[1]["results"]] == [first["id"], second["id"]]

    status, mine = agent("PUT", "/api/v1/me/presence/", {"status": "online"})
    assert (status, mine[0]["status"]) == (200, "online")
    assert main("GET", f"conversations/{second['id']}/")[1]["agent"] == "a1"
    decisions = main("GET", f"conversations/{second['id']}/decisions/")[1]["results"]
    assert [(d["trigger"], d["outcome"]) for d in decisions] == [("opened", "queued"), ("drained", "assigned")]


def test_the_buyer_s_second_opening_goes_on_in_the_first(shop, key) -> None:
    first = key("POST", "conversations/", {"buyer": "b1", "entry": "goods_detail", "external_id": "x1"})[1]
    status, second = key("POST", "conversations/", {"buyer": "b1", "entry": "order_detail", "external_id": "x2"})
    assert (status, second["id"], second["entry"]) == (200, first["id"], "goods_detail")


def test_a_person_writes_as_themselves_now_in_what_they_hold(shop, key, main, agent) -> None:
    other = Caller(shop, member=make_member(shop, name="a2"))
    online(main, "a1")
    path = f"conversations/{key('POST', 'conversations/', {'buyer': 'b1', 'entry': 'goods_detail'})[1]['id']}/"
    assert agent("POST", path + "messages/", {"sender": "buyer", "text": "x"})[0] == 403
    assert agent("POST", path + "messages/", {"text": "x", "sent_at": "2026-03-02T09:00:00Z"})[0] == 403
    assert main("POST", path + "messages/", {"text": "x"})[1]["code"] == "not_holder"
    assert other("POST", path + "messages/", {"text": "x"})[0] == 404


def test_transfers_and_their_refusals(shop, key, main, agent) -> None:
    make_member(shop, name="a2")
    online(main, "a1")
    path = f"conversations/{key('POST', 'conversations/', {'buyer': 'b1', 'entry': 'goods_detail'})[1]['id']}/"
    assert agent("POST", path + "transfer/", {"to": "a2"})[1]["code"] == "target_offline"
    assert agent("POST", path + "transfer/", {"to": "boss"})[1]["code"] == "target_not_agent"
    assert agent("POST", path + "transfer/", {"to": "a1"})[1]["code"] == "already_holder"
    status, answer = agent("POST", path + "transfer/", {"to": "nobody"})
    assert (status, answer["code"], list(answer["fields"])) == (400, "unknown_agent", ["to"])
    online(main, "a2")
    status, handed = agent("POST", path + "transfer/", {"to": "a2", "reason": "售后"})
    assert (status, handed["agent"], handed["decision"]["rule"]) == (200, "a2", "G8")
    assert agent("GET", path)[0] == 404


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"pages": {"goods_detail": ["a9"]}}, "pages.goods_detail[0]"),
        ({"colour": 1}, "colour"),
        ({"groups": [{"name": "甲", "members": [{"account": "a1", "weight": 0}]}]}, "groups[0].members"),
        (
            {
                "groups": [
                    {"name": "甲", "members": [{"account": "a1"}]},
                    {"name": "乙", "members": [{"account": "a1"}]},
                ]
            },
            "groups[1].members[0].account",
        ),
    ],
    ids=["unknown agent", "unknown key", "weights all 0", "in two groups (PDD9)"],
)
def test_a_malformed_document_is_refused_at_its_place_and_changes_nothing(main, agent, document, place) -> None:
    before = main("GET", "routing/")[1]
    status, answer = main("PUT", "routing/", document)
    assert (status, list(answer["fields"])) == (400, [place])
    assert main("GET", "routing/")[1] == before


def test_a_status_in_two_groups_is_refused_on_kuaishou() -> None:
    shop = make_shop("ks", platform="kuaishou")
    main = Caller(shop, member=make_member(shop, Role.MAIN))
    groups = [{"name": name, "order_statuses": ["none"]} for name in ("甲", "乙")]
    status, answer = main("PUT", "routing/", {"groups": groups})
    assert (status, list(answer["fields"])) == (400, ["groups[1].order_statuses[0]"])


def test_a_stale_version_answers_409_and_any_version_can_be_restored(main, agent) -> None:
    assert main("PUT", "routing/", {"version": 1, "never_route": ["a1"]})[1]["version"] == 2
    status, answer = main("PUT", "routing/", {"version": 1, "never_route": []})
    assert (status, answer["code"]) == (409, "stale_version")
    status, restored = main("POST", "routing/versions/1/restore/")
    assert (restored["version"], restored["never_route"]) == (3, [])
    rows = main("GET", "routing/versions/")[1]["results"]
    assert [row["version"] for row in rows] == [3, 2, 1]
    assert rows[1]["changes"] == [{"path": "never_route", "added": ["a1"], "removed": []}]
    assert (rows[0]["restored_from"], rows[1]["created_by"]) == (1, "boss")


def test_only_the_main_account_changes_douyin_s_queueing(client) -> None:
    shop = make_shop("dy", platform="douyin")
    admin = Caller(shop, member=make_member(shop, Role.ADMIN))
    status, answer = admin("PUT", "routing/", {"allocation": "even_today"})
    assert (status, list(answer["fields"])) == (403, ["allocation"])
    assert admin("PUT", "routing/", {"auto_close_minutes": 5})[0] == 200
    main = Caller(shop, member=make_member(shop, Role.MAIN))
    assert main("PUT", "routing/", {"allocation": "even_today"})[0] == 200
    assert admin("POST", "routing/versions/2/restore/")[0] == 403


def test_sub_accounts_are_made_changed_and_disabled(shop, main) -> None:
    new = {"account": "a7", "password": "correct horse", "display_name": "小七", "max_concurrent": 5}
    status, made = main("POST", "sub-accounts/", new)
    assert (status, made["roles"], made["enabled"]) == (201, ["agent"], True)
    assert main("POST", "sub-accounts/", new)[0] == 409
    status, changed = main("PATCH", "sub-accounts/a7/", {"max_concurrent": None, "roles": ["agent", "cs_manager"]})
    assert (changed["max_concurrent"], changed["roles"]) == (None, ["cs_manager", "agent"])
    assert main("PATCH", "sub-accounts/a7/", {"max_concurrent": 0})[0] == 400
    assert main("DELETE", "sub-accounts/a7/")[0] == 204
    assert main("GET", "sub-accounts/a7/")[1]["enabled"] is False
    assert main("DELETE", "sub-accounts/boss/")[1]["code"] == "last_main_account"


def test_images_are_judged_by_content_and_videos_refused(shop, key, main) -> None:
    made = key("POST", "conversations/", {"buyer": "b1", "entry": "goods_detail"})[1]
    url = f"{key.base}conversations/{made['id']}/messages/"

    def send(name: str, content: bytes) -> Any:
        return key.client.post(url, {"sender": "buyer", "kind": "image", "image": SimpleUploadedFile(name, content)})

    assert send("a.txt", png()).status_code == 201
    refused = send("a.png", b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 40)
    assert (refused.status_code, refused.json()["code"]) == (422, "kind_refused")
    assert send("a.png", b"<script>alert(1)</script>").json()["code"] == "not_an_image"
    assert send("a.png", png()[:40]).json()["code"] == "not_an_image"
    assert key("POST", f"conversations/{made['id']}/messages/", {"sender": "buyer", "kind": "video"})[0] == 422
    thread = key("GET", f"conversations/{made['id']}/messages/")[1]["results"]
    assert len(thread) == 1
    image = key.client.get(f"{url}{thread[0]['id']}/image/")
    assert (image.status_code, image["Content-Type"]) == (200, "image/png")
    assert "sandbox" in image["Content-Security-Policy"]


def test_the_robot_answers_first_until_the_buyer_asks_for_a_human(shop, key) -> None:
    made = key("POST", "conversations/", {"buyer": "b1", "entry": "goods_detail", "robot": True})[1]
    assert (made["state"], made["decision"]) == ("robot", None)
    status, asked = key("POST", f"conversations/{made['id']}/ask-human/")
    assert (status, asked["state"], asked["decision"]["trigger"]) == (200, "queued", "opened")
    assert key("POST", f"conversations/{made['id']}/ask-human/")[1]["code"] == "not_with_robot"


@pytest.mark.parametrize(
    ("body", "status", "place"),
    [
        ({"entry": "goods_detail"}, 400, "buyer"),
        ({"buyer": "b", "entry": "goods_detail", "colour": 1}, 400, "colour"),
        ({"buyer": "b", "entry": "nowhere"}, 422, None),
        ({"buyer": "b", "entry": "goods_detail", "order_status": "lost"}, 422, None),
        (["b"], 400, None),
    ],
)
def test_a_wrong_body_gets_one_clear_error(shop, key, body, status, place) -> None:
    answered, error = key("POST", "conversations/", body)
    assert answered == status
    assert set(error) == {"code", "message", "fields"}
    assert place is None or list(error["fields"]) == [place]
    assert key("GET", "conversations/")[1]["results"] == []


def test_filters_of_the_list(shop, key, main) -> None:
    make_member(shop, name="a1")
    first = key("POST", "conversations/", {"buyer": "b1", "entry": "goods_detail"})[1]
    online(main, "a1")
    key("POST", "conversations/", {"buyer": "b2", "entry": "goods_detail"})
    key("POST", f"conversations/{first['id']}/close/", {"by": "buyer"})

    def buyers(query: str) -> list[str]:
        return [row["buyer"] for row in main("GET", f"conversations/?{query}")[1]["results"]]

    assert buyers("") == ["b2", "b1"]
    assert buyers("state=closed") == ["b1"]
    assert buyers("agent=a1&state=open") == ["b2"]
    assert buyers("buyer=b2") == ["b2"]
    assert buyers("to=2020-01-01") == []
    assert main("GET", "conversations/?from=yesterday")[1]["code"] == "invalid_date"
    assert main("GET", "conversations/?state=lost")[0] == 400


def test_a_scenario_is_run_on_request_and_a_malformed_one_names_its_place(main) -> None:
    scenario = {
        "platform": "taobao",
        "agents": [{"account": "a1"}],
        "events": [
            {"at": "2026-03-02T09:00:00+08:00", "type": "presence", "agent": "a1", "status": "online"},
            {"at": "2026-03-02T09:01:00+08:00", "type": "open", "conversation": "c1", "buyer": "b1"},
        ],
    }
    status, result = main("POST", "/api/v1/simulate/", scenario)
    assert (status, result["decisions"][0]["rule"]) == (200, "TB8")
    scenario["events"][1]["buyer"] = 7
    status, error = main("POST", "/api/v1/simulate/", scenario)
    assert (status, list(error["fields"])) == (400, ["events[1].buyer"])


def test_times_that_no_chat_can_have_are_refused(shop, key, main) -> None:
    made = key("POST", "conversations/", {"buyer": "b1", "entry": "goods_detail"})[1]
    path = f"conversations/{made['id']}/messages/"
    for sent_at in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        status, error = key("POST", path, {"sender": "buyer", "text": "x", "sent_at": sent_at})
        assert status in (400, 422)
        assert list(error["fields"]) == ["sent_at"]
    for days in ("from=0001-01-01", "to=9999-12-31"):
        assert main("GET", f"conversations/?{days}")[1]["code"] == "invalid_date"
        assert main("GET", f"reply-rates/?{days}")[0] == 400


@pytest.mark.parametrize("path", ["sub-accounts/a%00b/", "conversations/?buyer=%00"])
def test_a_nul_in_the_address_is_refused(main, path) -> None:
    status, error = main("GET", path)
    assert (status, error["code"]) == (400, "malformed")


def test_a_scenario_beyond_the_calendar_names_its_place(main) -> None:
    scenario = {"platform": "taobao", "agents": [], "events": [{"at": "9999-12-31T23:59:59Z", "type": "tick"}]}
    status, error = main("POST", "/api/v1/simulate/", scenario)
    assert (status, list(error["fields"])) == (400, ["events[0].at"])


def test_every_device_of_one_sub_account_shows_the_same(shop, key, main) -> None:
    """G11."""
    member = make_member(shop, name="a1")
    desk, phone = Caller(shop, member=member), Caller(shop, member=member)
    online(main, "a1")
    made = key("POST", "conversations/", {"buyer": "b1", "entry": "goods_detail"})[1]
    desk("POST", f"conversations/{made['id']}/messages/", {"text": "在的"})
    for path in ("conversations/", f"conversations/{made['id']}/messages/"):
        assert desk("GET", path) == phone("GET", path)
