"""What goes in from a chat-history file, and what becomes of it (CONTRACT 4)."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.models import Shop, SubAccount
from conversations.models import Buyer, Conversation, ConversationName, Message
from conversations.services.importing import ChatFile, Refusal, Report, import_history
from routing.models import AgentCounter

pytestmark = pytest.mark.django_db
HEADER = "conversation,buyer,sender,agent,sent_at,message_id,text"
NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def shop() -> Shop:
    return Shop.objects.create(slug="s", name="店", platform="pinduoduo", seed=1)


class Importer:
    """Imports into `shop`; `refused` gathers "line: reason"."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.shop, self.folder, self.refused = shop, folder, []

    def csv(self, *lines: str, header: str = HEADER, **options: object) -> Report:
        path = self.folder / "chats.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return self.file(path, **options)

    def ndjson(self, *rows: dict, **options: object) -> Report:
        path = self.folder / "chats.ndjson"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return self.file(path, **options)

    def file(self, path: Path, *, strict: bool = False, renamed: dict[str, str] | None = None) -> Report:
        self.refused = []
        return import_history(
            shop=self.shop,
            file=ChatFile(path, renamed),
            strict=strict,
            now=NOW,
            on_refused=self.refuse,
            on_stored=lambda stored: None,
        )

    def refuse(self, refusal: Refusal) -> None:
        self.refused.append(f"{refusal.line}: {refusal.reason}")


@pytest.fixture
def imports(shop: Shop, tmp_path: Path) -> Importer:
    return Importer(shop, tmp_path)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.read, report.imported, report.skipped, report.refused


def test_rows_become_closed_history_with_messages_and_a_last_holder(imports: Importer, shop: Shop) -> None:
    report = imports.csv(
        "c1,b1,buyer,,2026-03-02 10:00:00,1,在吗",
        "c1,b1,agent,小王,2026-03-02 10:01:00,2,在的",
        "c1,b1,buyer,,2026-03-02 10:02:00,3,好",
    )
    assert counts(report) == (3, 3, 0, 0)
    talk = Conversation.objects.get()
    assert (talk.external_id, talk.state, talk.imported, talk.holder.name) == ("c1", "closed", True, "小王")
    assert talk.opened_at == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert talk.closed_at == talk.last_message_at == datetime(2026, 3, 2, 2, 2, tzinfo=UTC)
    assert list(Message.objects.order_by("sent_at").values_list("identity", "sender", "text", "kind")) == [
        ("1", "buyer", "在吗", "text"),
        ("2", "agent", "在的", "text"),
        ("3", "buyer", "好", "text"),
    ]


def test_an_unknown_agent_becomes_a_disabled_sub_account_without_a_login_and_is_listed(
    imports: Importer, shop: Shop
) -> None:
    known = SubAccount.objects.create(shop=shop, name="a1", roles=["agent"])
    report = imports.csv(
        "c1,b1,agent,a1,2026-03-02T10:00:00Z,1,x",
        "c2,b2,agent,zoe,2026-03-02T10:00:00Z,2,x",
        "c2,b2,agent,,2026-03-02T10:01:00Z,3,x",
    )
    assert report.new_agents == ["zoe"]
    made = SubAccount.objects.exclude(pk=known.pk).get()
    assert (made.name, made.account, made.enabled, made.roles) == ("zoe", None, False, ["agent"])
    assert Message.objects.get(identity="3").author is None
    assert Conversation.objects.get(external_id="c2").holder == made


def test_no_load_pool_or_counter_is_touched(imports: Importer, shop: Shop) -> None:
    imports.csv("c1,b1,buyer,,2026-03-02T10:00:00Z,1,x", "c1,b1,agent,a1,2026-03-02T10:01:00Z,2,x")
    talk = Conversation.objects.get()
    assert AgentCounter.objects.count() == 0
    assert (talk.pool, talk.waiting_since, talk.unanswered_since, talk.quiet_since) == ("", None, None, None)


def test_a_file_can_be_imported_twice(imports: Importer) -> None:
    lines = ["c1,b1,buyer,,2026-03-02T10:00:00Z,1,x", "c1,b1,agent,a1,2026-03-02T10:01:00Z,2,x"]
    imports.csv(*lines)
    before = list(Message.objects.values_list())
    assert counts(imports.csv(*lines, "c1,b1,buyer,,2026-03-02T10:02:00Z,1,same id")) == (3, 0, 3, 0)
    assert list(Message.objects.values_list()) == before


def test_without_a_message_id_the_content_is_the_identity_in_either_format(imports: Importer) -> None:
    header = "conversation,buyer,sender,agent,sent_at,text"
    line = "c1,b1,buyer,,2026-03-02 10:00:00,x"
    assert counts(imports.csv(line, line, line.replace("x", "y"), header=header)) == (3, 2, 1, 0)
    again = {"conversation": "c1", "buyer": "b1", "sender": "buyer", "sent_at": "2026-03-02T02:00:00Z", "text": "x"}
    assert counts(imports.ndjson(again)) == (1, 0, 1, 0)


def test_the_same_ids_in_another_shop_are_others(imports: Importer, tmp_path: Path) -> None:
    line = "c1,b1,buyer,,2026-03-02T10:00:00Z,1,x"
    imports.csv(line)
    other = Importer(Shop.objects.create(slug="t", name="t", platform="taobao", seed=1), tmp_path)
    assert counts(other.csv(line)) == (1, 1, 0, 0)


def test_times_have_an_offset_or_are_shop_time(imports: Importer) -> None:
    times = ["2026-03-02 10:00:00", "2026-03-02T10:00:01", "2026-03-02T02:00:02Z", "2026-03-02T04:00:03.5+02:00"]
    imports.csv(*(f"c1,b1,buyer,,{text},{n},x" for n, text in enumerate(times)))
    found = Message.objects.order_by("sent_at").values_list("sent_at", flat=True)
    assert [(t.hour, t.second, t.microsecond) for t in found] == [(2, 0, 0), (2, 1, 0), (2, 2, 0), (2, 3, 500_000)]


def test_times_may_stand_as_spreadsheets_show_them(imports: Importer) -> None:
    slashes, chinese = ["2026/03/02 10:00", "2026/3/2 9:05"], ["2026年3月2日 9:05", "2026年11月20日9:05:30"]
    times = [*slashes, *chinese, "2026.3.2  23:59", "2026-3-2 9：06"]
    report = imports.csv(*(f"c1,b1,buyer,,{text},{n},x" for n, text in enumerate(times)))
    assert counts(report) == (6, 6, 0, 0)
    found = [message.sent_at.astimezone(imports.shop.zone) for message in Message.objects.order_by("identity")]
    assert [f"{at:%m-%d %H:%M:%S}" for at in found] == [
        "03-02 10:00:00", "03-02 09:05:00", "03-02 09:05:00", "11-20 09:05:30", "03-02 23:59:00", "03-02 09:06:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["2026/11/20", "2026年11月20日", "2026/02/30 9:05", "2026/11-20 9:05", "2026/13/1 9:05", "20/11/2026 9:05", "9:05"],
)
def test_other_times_are_none(imports: Importer, text: str) -> None:
    imports.csv(f"c1,b1,buyer,,{text},1,x")
    assert imports.refused == [f"2: sent_at: '{text}' is no time"]


def test_columns_come_in_any_order_others_are_ignored_and_names_can_be_mapped(imports: Importer) -> None:
    report = imports.csv(
        "x,2026-03-02T10:00:00Z,buyer,b1,c1,1999-01-01",
        header="weather,created_at,sender,buyer,conversation,sent_at",
        renamed={"sent_at": "created_at"},
    )
    assert counts(report) == (1, 1, 0, 0)
    assert Message.objects.get().sent_at.year == 2026


def test_optional_columns_are_kept(imports: Importer) -> None:
    row = {"conversation": "c1", "buyer": 7, "sender": "buyer", "sent_at": "2026-03-02T10:00:00Z"}
    more = {"kind": "order_card", "entry": "live", "order_status": "unpaid", "to_robot": True, "text": " 你好 "}
    imports.ndjson(row | more)
    message, talk = Message.objects.get(), Conversation.objects.get()
    assert (message.kind, message.to_robot, message.text) == ("order_card", True, " 你好 ")
    assert (talk.entry, talk.order_status, talk.buyer.external_id) == ("live", "unpaid", "7")


def test_quoted_fields_may_hold_commas_quotes_and_line_ends(imports: Importer) -> None:
    imports.csv('c1,b1,buyer,,2026-03-02T10:00:00Z,1,"a ""b"", c\nd"', "c1,b1,buyer,,never,2,x")
    assert Message.objects.get().text == 'a "b", c\nd'
    assert imports.refused == ["4: sent_at: 'never' is no time"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",b1,buyer,,2026-03-02T10:00:00Z,1,x", "conversation: missing"),
        ("c1,,buyer,,2026-03-02T10:00:00Z,1,x", "buyer: missing"),
        ("c1,b1,boss,,2026-03-02T10:00:00Z,1,x", "sender: 'boss' is none of buyer, agent, robot, auto"),
        ("c1,b1,buyer,,,1,x", "sent_at: missing"),
        ("c1,b1,buyer,,2026-02-30 10:00:00,1,x", "sent_at: '2026-02-30 10:00:00' is no time"),
        ("c1,b1,buyer,,2026-03-02,1,x", "sent_at: '2026-03-02' is no time"),
        ("c1,b1,buyer,,0001-01-01T00:00:00Z,1,x", "sent_at: the year 1 is out of range"),
        ("c1,b1,agent,a b,2026-03-02T10:00:00Z,1,x", "agent: 'a b' is no account name"),
        ("c1,b1,buyer,,2026-03-02T10:00:00Z,1", "6 fields where the header has 7"),
        (f"{'c' * 101},b1,buyer,,2026-03-02T10:00:00Z,1,x", "conversation: longer than 100 characters"),
    ],
)
def test_a_bad_row_is_listed_with_its_line_and_reason_and_the_good_ones_go_in(
    imports: Importer, line: str, reason: str
) -> None:
    good = "c9,b9,buyer,,2026-03-02T10:00:00Z,9,x"
    assert counts(imports.csv(good, line, good.replace("9,x", "8,x"))) == (3, 2, 0, 1)
    assert imports.refused == [f"3: {reason}"]


def test_bad_values_of_ndjson_are_listed_too(imports: Importer) -> None:
    row = {"conversation": "c1", "buyer": "b1", "sender": "buyer", "sent_at": "2026-03-02T10:00:00Z"}
    bad = [
        {"kind": "video"},
        {"to_robot": "maybe"},
        {"text": ["a"]},
        {"buyer": True},
        {"text": "\ud800"},
        {"text": "\x00"},
        {"buyer": None},
    ]
    report = imports.ndjson(row, *(row | change for change in bad))
    assert counts(report) == (8, 1, 0, 7)
    assert [reason.split(": ")[1] for reason in imports.refused] == [
        "kind", "to_robot", "text", "buyer", "text", "text", "buyer",
    ]  # fmt: skip


def test_a_time_that_the_clocks_skipped_is_refused(imports: Importer, shop: Shop) -> None:
    shop.timezone = "America/New_York"
    shop.save()
    imports.csv("c1,b1,buyer,,2026-03-08 02:30:00,1,x", "c1,b1,buyer,,2025-11-02 01:30:00,2,x")
    assert imports.refused == ["2: sent_at: '2026-03-08 02:30:00' does not exist in America/New_York"]
    assert Message.objects.get().sent_at == datetime(2025, 11, 2, 5, 30, tzinfo=UTC)


def test_a_live_conversation_takes_no_imported_row_under_any_of_its_names(imports: Importer, shop: Shop) -> None:
    buyer = Buyer.objects.create(shop=shop, external_id="b1")
    live = Conversation.objects.create(shop=shop, external_id="live", buyer=buyer, state="open", opened_at=NOW)
    ConversationName.objects.create(shop=shop, external_id="alias", conversation=live)
    report = imports.csv(*(f"{name},b1,buyer,,2026-03-02T10:00:00Z,{name},x" for name in ("live", "alias", "old")))
    assert counts(report) == (3, 1, 0, 2)
    assert [line.split(" ", 1)[1] for line in imports.refused] == [
        "conversation: 'live' is a live conversation of this shop",
        "conversation: 'alias' is a live conversation of this shop",
    ]
    assert live.messages.count() == 0


def test_a_conversation_is_with_one_buyer(imports: Importer) -> None:
    first, second = "c1,b1,buyer,,2026-03-02T10:00:00Z,1,x", "c1,b2,buyer,,2026-03-02T10:00:00Z,2,x"
    assert counts(imports.csv(first, second)) == (2, 1, 0, 1)
    assert counts(imports.csv(second)) == (1, 0, 0, 1)
    assert imports.refused == ["2: buyer: conversation 'c1' is with buyer 'b1'"]


def test_strict_imports_nothing_when_one_row_is_bad(imports: Importer) -> None:
    lines = ["c1,b1,agent,a1,2026-03-02T10:00:00Z,1,x", "c1,b1,boss,,2026-03-02T10:00:00Z,2,x"]
    assert counts(imports.csv(*lines, strict=True)) == (2, 0, 0, 1)
    assert (Message.objects.count(), SubAccount.objects.count(), Buyer.objects.count()) == (0, 0, 0)
    assert counts(imports.csv(lines[0], strict=True)) == (1, 1, 0, 0)


def test_batches_do_not_change_the_outcome(imports: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.services.importing.run.BATCH", 2)
    lines = [f"c{n % 3},b{n % 3},buyer,,2026-03-02T10:00:{n:02}Z,{n},x" for n in range(7)]
    assert counts(imports.csv(*lines, "c0,b0,x,,y,8,")) == (8, 7, 0, 1)
    assert imports.refused[0].startswith("9: ")
    assert Conversation.objects.get(external_id="c0").last_message_at.second == 6
