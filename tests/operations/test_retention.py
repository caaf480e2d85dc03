"""What is older than it is to be kept goes; the figures that were counted of it stay, whatever is counted again."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from agents.errors import Refused
from agents.models import PresenceLog, Shop
from config import jobs
from conversations.models import Buyer, Conversation, Message, Rating
from conversations.states import Sender
from metrics.models import AssessmentState, BuyerDay, DirtyDay
from metrics.services import assess, check_days, keep_only_recent, rebuilding, set_override, sweep_shop
from metrics.services.following import mark_dirty
from metrics.services.horizon import check_kept
from metrics.services.retention import drop_before_horizon, drop_buyers, move_horizon
from routing import services
from routing.models import Decision
from tests.metrics.builders import at
from tests.metrics.rows import make_conversation, say
from tests.operations.retention_shop import DAYS, HORIZON, NOW, figures, furnished

pytestmark = pytest.mark.django_db
KEEP = NOW - at("00:00", HORIZON)


@pytest.fixture
def shop() -> Shop:
    return furnished()


def drop(shop: Shop) -> Shop:
    assert move_horizon(shop=shop, now=NOW, keep=KEEP)
    assert drop_before_horizon(shop=shop)[1]
    return Shop.objects.get(pk=shop.pk)


@pytest.mark.both
def test_what_is_older_goes_with_its_images_and_no_figure_moves(
    shop: Shop, settings, django_capture_on_commit_callbacks
) -> None:
    before = figures(shop)
    assert before["PenaltyWindow"] and before["Attendance"] and len(before["DayRate"]) > 15
    images = len(list(Path(settings.MEDIA_ROOT).rglob("*.png")))
    with django_capture_on_commit_callbacks(execute=True):
        shop = drop(shop)
    old = at("00:00", HORIZON)
    names = set(Conversation.objects.filter(shop=shop).values_list("external_id", flat=True))
    assert names == {"spanning"} | {
        f"{kind}-{day}" for day in DAYS[2:] for kind in ("quick", "late", "history0", "history1")
    }
    assert set(Message.objects.filter(sent_at__lt=old).values_list("conversation__external_id", flat=True)) == {
        "spanning"
    }
    assert not Decision.objects.filter(at__lt=old).exists() and not Rating.objects.filter(at__lt=old).exists()
    assert not BuyerDay.objects.filter(date__lt=HORIZON).exists() and BuyerDay.objects.exists()
    assert len(list(Path(settings.MEDIA_ROOT).rglob("*.png"))) == images // 2
    assert figures(shop) == before


def _another_release(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "FORMULAS", rebuilding.FORMULAS + 1)


def _asked_for_by_hand(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assess(shop=shop, date_from=DAYS[0], date_to=DAYS[-1], now=NOW)


def _marked_by_something(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    mark_dirty(shop, DAYS)


def _an_override_from_long_ago(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    set_override(shop=shop, metric="reply_5m", valid_from=DAYS[0], counts_robot=True)


def _never_assessed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    AssessmentState.objects.filter(shop=shop).update(assessed_at=at("12:00", DAYS[0]), cursor=-1)


@pytest.mark.both
@pytest.mark.parametrize(
    "happens", [_another_release, _asked_for_by_hand, _marked_by_something, _an_override_from_long_ago, _never_assessed]
)
def test_counting_again_leaves_the_figures_of_days_that_are_gone(shop: Shop, happens, monkeypatch) -> None:
    before = figures(shop)
    shop = drop(shop)
    happens(shop, monkeypatch)
    sweep_shop(shop=shop, now=NOW)
    assert figures(shop) == before
    assert not DirtyDay.objects.filter(shop=shop).exists()
    assert check_days(shop=shop, date_from=DAYS[0], date_to=DAYS[-1], now=NOW) == []


@pytest.mark.both
def test_a_late_message_for_a_kept_day_is_counted_and_prolongs_nothing_wrongly(shop: Shop) -> None:
    shop = drop(shop)
    talk = make_conversation(shop, "late-one")
    say(talk, "buyer", "10:00", DAYS[3], dirty=True)
    before = figures(shop)
    sweep_shop(shop=shop, now=NOW)
    after = figures(shop)
    changed = {row[1] for row in set(after["DayRate"]) ^ set(before["DayRate"])}
    assert changed and min(changed) == DAYS[3]
    assert check_days(shop=shop, date_from=DAYS[0], date_to=DAYS[-1], now=NOW) == []


def test_counting_a_day_that_is_gone_is_refused_whoever_asks(shop: Shop) -> None:
    with pytest.raises(ValueError, match="no longer there"):
        check_kept(drop(shop), [DAYS[3], DAYS[0]])


def test_nothing_goes_while_something_older_is_still_to_be_counted(shop: Shop, monkeypatch) -> None:
    monkeypatch.setattr("metrics.services.retention.keep_up", lambda **_: None)
    mark_dirty(shop, [DAYS[1]])
    assert not move_horizon(shop=shop, now=NOW, keep=KEEP)
    assert Shop.objects.get(pk=shop.pk).kept_since is None
    assert drop_before_horizon(shop=Shop.objects.get(pk=shop.pk)) == (0, True)


@pytest.mark.both
def test_what_was_to_be_counted_is_counted_before_it_goes(shop: Shop) -> None:
    talk = make_conversation(shop, "just-imported")
    say(talk, "buyer", "10:00", DAYS[0], dirty=True)
    shop = drop(shop)
    failed = [row for row in figures(shop)["DayRate"] if row[:2] == ("reply_5m", DAYS[0])]
    assert failed[0][3] == 4
    assert not Message.objects.filter(conversation=talk).exists()


def test_a_horizon_never_goes_back(shop: Shop) -> None:
    shop = drop(shop)
    assert move_horizon(shop=shop, now=NOW, keep=timedelta(days=400))
    assert Shop.objects.get(pk=shop.pk).kept_since == at("00:00", HORIZON)


def test_an_open_conversation_stays_however_old(shop: Shop) -> None:
    services.open_conversation(shop=shop, external_id="still-open", buyer="x", entry="goods_detail", now=NOW)
    Conversation.objects.filter(external_id="still-open").update(opened_at=at("10:00", DAYS[0]))
    Decision.objects.filter(conversation__external_id="still-open").update(at=at("10:00", DAYS[0]))
    assert Conversation.objects.filter(shop=drop(shop), external_id="still-open").exists()


@pytest.mark.both
def test_how_the_first_kept_day_began_is_still_known(shop: Shop) -> None:
    shop = drop(shop)
    log = PresenceLog.objects.filter(shop=shop).order_by("pk")
    assert [entry.at for entry in log][:1] == [at("18:00", HORIZON - timedelta(days=1))]


def test_what_is_older_than_what_is_kept_is_taken_in_no_more(shop: Shop, tmp_path: Path, capsys) -> None:
    shop = drop(shop)
    file = tmp_path / "old.csv"
    file.write_text(f"conversation,buyer,sender,sent_at\nx,b,buyer,{DAYS[0]} 10:00:00\ny,b,buyer,{DAYS[3]} 10:00:00\n")
    call_command("import_chats", str(file), shop=shop.slug)
    said = capsys.readouterr()
    assert "imported 1, skipped 0, refused 1" in said.out
    assert f"line 2: sent_at: before {HORIZON} 00:00, of which nothing is kept any more" in said.err
    services.open_conversation(shop=shop, external_id="live", buyer="z", entry="goods_detail", now=NOW)
    with pytest.raises(Refused) as refused:
        services.post_message(
            shop=shop, conversation="live", sender=Sender.BUYER, text="x", sent_at=at("10:00", DAYS[0]), now=NOW
        )
    assert refused.value.code == "no_longer_kept"


def test_the_same_file_once_more_brings_back_nothing(shop: Shop, tmp_path: Path, capsys) -> None:
    file = tmp_path / "again.csv"
    file.write_text(f"conversation,buyer,sender,sent_at\nx,b,buyer,{DAYS[0]} 10:00:00\n")
    call_command("import_chats", str(file), shop=shop.slug)
    shop = drop(shop)
    before = figures(shop)
    call_command("import_chats", str(file), shop=shop.slug)
    sweep_shop(shop=shop, now=NOW)
    assert figures(shop) == before


def test_a_shop_that_changes_its_time_zone_keeps_whole_days_only(shop: Shop) -> None:
    before = {row for row in figures(shop)["DayRate"] if row[1] < HORIZON}
    shop = drop(shop)
    assert shop.kept_from == HORIZON
    Shop.objects.filter(pk=shop.pk).update(timezone="Asia/Tokyo")
    shop = Shop.objects.get(pk=shop.pk)
    assert shop.kept_from == HORIZON + timedelta(days=1)
    sweep_shop(shop=shop, now=NOW)
    assert before == {row for row in figures(shop)["DayRate"] if row[1] < HORIZON}


@pytest.mark.both
def test_buyers_of_whom_nothing_is_left_are_forgotten_and_come_back_as_new_ones(shop: Shop) -> None:
    shop = drop(shop)
    gone, there = f"b-quick-{DAYS[0]}", f"b-quick-{DAYS[3]}"
    assert Buyer.objects.filter(shop=shop, external_id=gone).exists()
    assert drop_buyers(shop=shop, before=at("00:00", HORIZON)) > 0
    names = set(Buyer.objects.filter(shop=shop).values_list("external_id", flat=True))
    assert gone not in names and there in names
    opened = services.open_conversation(shop=shop, external_id="back", buyer=gone, entry="goods_detail", now=NOW)
    assert opened.created


def test_by_default_nothing_goes_and_a_setting_lets_the_nightly_job_do_it(shop: Shop, settings) -> None:
    assert jobs.run("metrics.drop_old") == 0
    assert keep_only_recent(shop=shop, now=NOW) == (0, True)
    settings.KEEP_CONVERSATIONS_DAYS = 60
    count = Conversation.objects.count()
    dropped, done = keep_only_recent(shop=shop, now=NOW + timedelta(days=60))
    assert done and dropped > count
    assert not Conversation.objects.filter(state="closed").exists()


def test_days_that_are_gone_are_said_to_be_passed_over(shop: Shop, capsys) -> None:
    shop = drop(shop)
    call_command("check_rollups", shop=shop.slug, date_from=str(DAYS[0]), date_to=str(DAYS[-1]))
    assert f"before {HORIZON} no messages are kept" in capsys.readouterr().out
