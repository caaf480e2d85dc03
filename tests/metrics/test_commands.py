"""`import_chats` and `assess` as CONTRACT 1 and 4 have them."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from agents.models import Shop
from conversations.models import Conversation, Message
from metrics.models import DirtyDay
from tests.metrics.rows import make_shop

pytestmark = [pytest.mark.django_db, pytest.mark.both]
HEADER = "conversation,buyer,sender,agent,sent_at,message_id\n"
GOOD = "c1,b1,buyer,,2026-03-02 10:00:00,1\nc1,b1,agent,zoe,2026-03-02 10:04:00,2\n"
MISSED = "c2,b2,buyer,,2026-03-02 11:00:00,3\nc3,b3,buyer,,2026-03-02 11:00:00,4\n"


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def import_text(shop: Shop, folder: Path, text: str, *options: str, name: str = "chats.csv") -> tuple[str, str]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    out, err = StringIO(), StringIO()
    call_command("import_chats", str(path), "--shop", shop.slug, *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def assess(shop: Shop, *options: str) -> dict:
    out = StringIO()
    call_command("assess", "--shop", shop.slug, "--json", *options, stdout=out)
    return json.loads(out.getvalue())


def test_import_lists_new_agents_bad_rows_and_ends_with_the_counts(shop: Shop, tmp_path: Path) -> None:
    out, err = import_text(shop, tmp_path, HEADER + GOOD + "c1,b1,boss,,2026-03-02 10:05:00,9\n")
    assert out.splitlines() == ["new disabled sub-accounts: zoe", "read 3, imported 2, skipped 0, refused 1"]
    assert err.splitlines() == ["line 4: sender: 'boss' is none of buyer, agent, robot, auto"]


def test_importing_twice_skips_everything(shop: Shop, tmp_path: Path) -> None:
    import_text(shop, tmp_path, HEADER + GOOD)
    out, _ = import_text(shop, tmp_path, HEADER + GOOD)
    assert out.splitlines() == ["read 2, imported 0, skipped 2, refused 0"]


def test_map_renames_columns(shop: Shop, tmp_path: Path) -> None:
    text = (HEADER + GOOD).replace("sent_at", "created_at").replace("buyer,sender", "customer,sender")
    out, _ = import_text(shop, tmp_path, text, "--map", "sent_at=created_at", "--map", "buyer=customer")
    assert out.splitlines()[-1] == "read 2, imported 2, skipped 0, refused 0"


def test_strict_lists_the_bad_rows_imports_nothing_and_exits_2(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--strict: 1 bad rows, nothing was imported") as error:
        import_text(shop, tmp_path, HEADER + GOOD + "c1,b1,boss,,2026-03-02 10:05:00,9\n", "--strict")
    assert error.value.returncode == 2
    assert (Message.objects.count(), DirtyDay.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("text", "options", "name", "message"),
    [
        ("a,b\n1,2\n", [], "chats.csv", "no column conversation, buyer, sender, sent_at"),
        (HEADER + GOOD + 'c1,b1,buyer,,"2026', [], "chats.csv", "line 4: a quote is not closed"),
        (HEADER + GOOD, [], "chats.xlsx", "not a spreadsheet (XLSX)"),
        (HEADER + GOOD, ["--map", "sent_at"], "chats.csv", "must be COLUMN=NAME"),
        (HEADER + GOOD, ["--map", "sent_at=x", "--map", "sent_at=y"], "chats.csv", "sent_at is mapped twice"),
        (HEADER + GOOD, ["--map", "when=sent_at"], "chats.csv", "--map when: no such column"),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing_and_exits_2(
    shop: Shop, tmp_path: Path, text: str, options: list[str], name: str, message: str
) -> None:
    with pytest.raises(CommandError) as error:
        import_text(shop, tmp_path, text, *options, name=name)
    assert message in str(error.value)
    assert error.value.returncode == 2
    assert Conversation.objects.count() == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import_chats", "x.csv", "--shop", "nowhere"], '--shop: no shop "nowhere"'),
        (["assess", "--shop", "nowhere"], '--shop: no shop "nowhere"'),
        (["assess", "--shop", "SHOP", "--from", "yesterday"], '--from: "yesterday" is no date'),
        (["assess", "--shop", "SHOP", "--to", "2026-02-30"], '--to: "2026-02-30" is no date'),
        (["assess", "--shop", "SHOP", "--from", "2026-03-02", "--to", "2026-03-01"], "--to: 2026-03-01 lies before"),
        (["assess", "--shop", "SHOP", "--from", "0001-01-01"], "--from: more than 3700 days"),
    ],
)
def test_wrong_options_name_the_option_and_exit_2(shop: Shop, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError) as error:
        call_command(*(shop.slug if a == "SHOP" else a for a in arguments))
    assert message in str(error.value)
    assert error.value.returncode == 2


def test_assess_prints_figures_windows_and_penalties_as_the_contract_has_them(shop: Shop, tmp_path: Path) -> None:
    import_text(shop, tmp_path, HEADER + GOOD + MISSED)
    found = assess(shop, "--from", "2026-03-02", "--to", "2026-03-03")
    assert list(found) == ["metrics", "penalties"]
    assert list(found["metrics"]) == ["reply_5m", "reply_15m", "reply_60m", "human_3m"]
    figures = {"passed": 1, "failed": 2, "pending": 0, "rate": pytest.approx(1 / 3)}
    nothing = {"passed": 0, "failed": 0, "pending": 0, "rate": None}
    assert found["metrics"]["reply_5m"] == {
        "2026-03-02": {"day": figures, "window": figures, "assessed": True, "passes": False},
        "2026-03-03": {"day": nothing, "window": figures, "assessed": False, "passes": None},
    }
    starts = "2026-03-03T00:00:00+08:00"
    timed = {"opened_on": "2026-03-02", "starts_at": starts, "ends_at": "2026-03-06T00:00:00+08:00", "state": "ended"}
    assert found["penalties"] == [
        {"kind": kind, **timed, "prolonged_on": []}
        for kind in ("resource_slot_removal", "resource_slot_ban", "ad_removal")
    ] + [{"kind": "activity_ban", **timed, "ends_at": None, "state": "open", "prolonged_on": []}]


def test_assess_again_prints_the_same_and_late_rows_withdraw(shop: Shop, tmp_path: Path) -> None:
    import_text(shop, tmp_path, HEADER + GOOD + MISSED)
    days = ("--from", "2026-03-02", "--to", "2026-03-03")
    assert assess(shop, *days) == assess(shop, *days)
    cure = "c2,b2,agent,zoe,2026-03-02 11:01:00,5\nc3,b3,agent,zoe,2026-03-02 11:01:00,6\n"
    import_text(shop, tmp_path, HEADER + cure)
    found = assess(shop, *days)
    assert {(p["opened_on"], p["state"]) for p in found["penalties"]} == {("2026-03-02", "withdrawn")}
    assert found["metrics"]["reply_5m"]["2026-03-02"]["day"]["passed"] == 3


def test_without_days_assess_takes_yesterday_and_today_in_shop_time(shop: Shop) -> None:
    today = timezone.now().astimezone(shop.zone).date()
    found = assess(shop)
    assert list(found["metrics"]["reply_5m"]) == [str(today - timedelta(days=1)), str(today)]


def test_assess_in_words(shop: Shop, tmp_path: Path) -> None:
    import_text(shop, tmp_path, HEADER + GOOD + MISSED)
    out = StringIO()
    call_command("assess", "--shop", shop.slug, "--from", "2026-03-02", "--to", "2026-03-02", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "reply_5m 2026-03-02  1/3 33.3% (+0 pending)  window 1/3 33.3% (+0 pending)  fails"
    assert "activity_ban opened 2026-03-02  until open end  open" in lines
