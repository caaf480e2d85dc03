"""Yesterday under this draft: what really happened beside what the draft would have made of it, run by a job."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from agents.errors import Refused
from agents.models import Shop
from agents.vocabulary import Role
from config import jobs
from conversations.models import Message
from conversations.states import ClosedBy, Sender
from metrics.models import Replay
from metrics.selectors.past_day import PastDay
from metrics.services import ask_for_replay, cancel_replay, run_replay
from metrics.services.replaying import _Progress, to_be_run
from routing import services
from routing.simulator.replay import Cancelled
from tests.agents.factories import make_member, make_shop
from tests.routing.page import SettingsPage, client_of

pytestmark = pytest.mark.django_db(transaction=True)

ONLY_A1 = {"pages": {"goods_detail": ["a1"]}}
ONLY_A2 = {"pages": {"goods_detail": ["a2"]}}


@pytest.fixture
def shop() -> Shop:
    return make_shop("pdd")


def at(shop: Shop, clock: str) -> datetime:
    day = timezone.now().astimezone(shop.zone).date() - timedelta(days=1)
    moment = datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=shop.zone)
    return moment.astimezone(UTC)


def live_through(shop: Shop) -> None:
    """Two agents; six buyers from the goods page, all a1's; one waits for 20 minutes; one stays unanswered."""
    for name in ("a1", "a2"):
        make_member(shop, name=name)
    services.publish(shop=shop, document=ONLY_A1, now=at(shop, "07:00"))
    for name in ("a1", "a2"):
        services.set_presence(shop=shop, agent=name, status="online", now=at(shop, "08:00"))
    for n in range(6):
        name, minute = f"c{n}", 10 * n
        opened = at(shop, "09:00") + timedelta(minutes=minute)
        services.open_conversation(
            shop=shop, buyer=f"b{n}", external_id=name, entry="goods_detail", message=False, now=opened
        )
        services.post_message(shop=shop, conversation=name, sender=Sender.BUYER, text="在吗", now=opened)
        if n == 5:
            continue
        answered = opened + timedelta(minutes=2 if n < 3 else 8)
        services.post_message(shop=shop, conversation=name, sender=Sender.AGENT, text="在的", now=answered)
        services.close_conversation(
            shop=shop, conversation=name, by=ClosedBy.AGENT, now=answered + timedelta(seconds=30)
        )


def replayed(shop: Shop, document: dict) -> dict:
    asked = ask_for_replay(shop=shop, document=document, by=None)
    assert run_replay(pk=asked.pk)
    asked.refresh_from_db()
    assert asked.state == "done"
    return asked.result


def received(result: dict, side: str) -> dict[str, int]:
    return {row["account"]: row[side]["received"] for row in result["agents"]}


def test_the_settings_of_the_day_give_back_what_happened(shop: Shop) -> None:
    live_through(shop)
    result = replayed(shop, ONLY_A1)
    assert result["alike"] == {"same": 6, "of": 6}
    assert received(result, "real") == received(result, "draft") == {"a1": 6, "a2": 0}
    five_minutes = result["rates"][0]
    assert five_minutes["metric"] == "reply_5m"
    assert (five_minutes["real"]["passed"], five_minutes["real"]["failed"]) == (3, 3)
    assert five_minutes["draft"]["passed"] == 3


def test_another_draft_gives_them_to_others_and_the_real_figures_stay(shop: Shop) -> None:
    live_through(shop)
    result = replayed(shop, ONLY_A2)
    assert received(result, "real") == {"a1": 6, "a2": 0}
    assert received(result, "draft") == {"a1": 0, "a2": 6}
    assert result["alike"] == {"same": 6, "of": 6}  # of the settings then in force, not of the draft
    assert not result["guessed_presence"]


def test_what_waited_is_measured_on_both_sides(shop: Shop) -> None:
    for name in ("a1", "a2"):
        make_member(shop, name=name)
    services.publish(shop=shop, document={}, now=at(shop, "07:00"))
    services.open_conversation(shop=shop, buyer="b", entry="goods_detail", now=at(shop, "08:00"))
    services.set_presence(shop=shop, agent="a1", status="online", now=at(shop, "08:20"))
    result = replayed(shop, {})
    told = {"count": 1, "median": 1200, "longest": 1200, "unassigned": 0}
    assert result["waits"] == {"real": told, "draft": told}
    listed = replayed(shop, {"offline": {"agents": ["a2"]}})
    assert listed["waits"]["draft"] == {"count": 0, "median": None, "longest": None, "unassigned": 0}
    assert [row["draft"]["offline"] for row in listed["agents"]] == [0, 1]


def test_nothing_of_the_shop_is_changed_by_it(shop: Shop) -> None:
    live_through(shop)
    before = (Message.objects.count(), list(shop.conversations.order_by("pk").values()))
    replayed(shop, ONLY_A2)
    assert (Message.objects.count(), list(shop.conversations.order_by("pk").values())) == before


def test_imported_history_has_no_statuses_so_they_are_guessed_and_said_to_be(shop: Shop, tmp_path) -> None:
    make_member(shop, name="a1")
    make_member(shop, name="a2")
    day = at(shop, "09:00").astimezone(shop.zone).date()
    path = tmp_path / "chats.csv"
    path.write_text(
        "conversation,buyer,sender,agent,sent_at,entry\n"
        f"c1,b1,buyer,,{day} 09:00:00,goods_detail\nc1,b1,agent,a1,{day} 08:59:00,\n"
        f"c1,b1,agent,a1,{day} 09:03:00,\nc2,b2,buyer,,{day} 09:01:00,goods_detail\nc2,b2,agent,a1,{day} 09:30:00,\n"
    )
    call_command("import_chats", str(path), shop=shop.slug)
    result = replayed(shop, ONLY_A1)
    assert result["guessed_presence"]
    assert received(result, "real") == {"a1": 2, "a2": 0}
    assert received(result, "draft") == {"a1": 2, "a2": 0}


# -- as a job -----------------------------------------------------------------------------------


def test_a_day_that_is_not_over_or_a_wrong_document_is_refused(shop: Shop) -> None:
    today = timezone.now().astimezone(shop.zone).date()
    with pytest.raises(Refused, match="过完"):
        ask_for_replay(shop=shop, document={}, by=None, day=today)
    with pytest.raises(Refused):
        ask_for_replay(shop=shop, document={"never_route": ["nobody"]}, by=None)
    assert not Replay.objects.exists()


def test_it_is_run_once_whoever_asks_and_again_only_when_silent(shop: Shop) -> None:
    asked = ask_for_replay(shop=shop, document={}, by=None)
    Replay.objects.filter(pk=asked.pk).update(state="running", alive_at=timezone.now())
    assert run_replay(pk=asked.pk) is False
    assert to_be_run() == []
    Replay.objects.filter(pk=asked.pk).update(alive_at=timezone.now() - timedelta(minutes=2))
    assert to_be_run() == [asked.pk]
    assert run_replay(pk=asked.pk) is True
    assert run_replay(pk=asked.pk) is False


def test_one_cancelled_before_or_during_its_run_stays_cancelled(shop: Shop) -> None:
    asked = ask_for_replay(shop=shop, document={}, by=None)
    cancel_replay(replay=asked)
    assert run_replay(pk=asked.pk) is False
    running = ask_for_replay(shop=shop, document={}, by=None)
    progress = _Progress(running)
    Replay.objects.filter(pk=running.pk).update(state="running")
    progress(10, 100)
    running.refresh_from_db()
    assert (running.done, running.total, running.percent) == (10, 200, 5)
    cancel_replay(replay=running)
    progress.told_at = None
    with pytest.raises(Cancelled):
        progress(20, 100)


def test_asking_again_ends_what_the_same_person_asked_before_and_old_ones_go(shop: Shop) -> None:
    main = make_member(shop, Role.MAIN).account
    old = Replay.objects.create(shop=shop, day="2026-01-01", document={}, asked_at=timezone.now() - timedelta(days=8))
    first = ask_for_replay(shop=shop, document={}, by=main)
    others = ask_for_replay(shop=shop, document={}, by=None)
    ask_for_replay(shop=shop, document={}, by=main)
    states = dict(Replay.objects.values_list("pk", "state"))
    assert old.pk not in states
    assert (states[first.pk], states[others.pk]) == ("cancelled", "waiting")


def test_a_run_that_breaks_is_said_to_have_failed(shop: Shop) -> None:
    asked = ask_for_replay(shop=shop, document={}, by=None)
    Replay.objects.filter(pk=asked.pk).update(document={"broken": True})
    with pytest.raises(KeyError):
        run_replay(pk=asked.pk)
    asked.refresh_from_db()
    assert asked.state == "failed"


def test_the_sweep_asks_again_for_what_a_runner_dropped(shop: Shop) -> None:
    asked = ask_for_replay(shop=shop, document={}, by=None)
    Replay.objects.filter(pk=asked.pk).update(alive_at=timezone.now() - timedelta(minutes=2))
    assert jobs.run("metrics.sweep_replays") == 1


def test_the_reading_of_a_day_takes_as_many_queries_whatever_its_size(
    shop: Shop, django_assert_max_num_queries
) -> None:
    live_through(shop)
    with django_assert_max_num_queries(12):
        PastDay(shop, at(shop, "09:00").astimezone(shop.zone).date()).read()


# -- on the screen ------------------------------------------------------------------------------


def test_the_settings_page_asks_watches_and_shows(shop: Shop) -> None:
    live_through(shop)
    page = SettingsPage(shop, make_member(shop, Role.MAIN))
    page.type(**{"recent_contact.within_hours": "72"})
    response = page.post("replay_start")
    asked = Replay.objects.get()
    assert asked.document["recent_contact"]["within_hours"] == 72  # the draft, not what is in force
    url = reverse("replay_state", args=["pdd", asked.pk])
    assert f'hx-get="{url}"' in response.content.decode()
    run_replay(pk=asked.pk)
    html = page.client.get(url).content.decode()
    assert "hx-trigger" not in html
    assert "估算" in html
    assert "100% 的会话分给了和实际相同的客服" in html
    assert "5分钟回复率" in html


def test_it_can_be_cancelled_from_the_dialog(shop: Shop) -> None:
    page = SettingsPage(shop, make_member(shop, Role.MAIN))
    page.post("replay_start")
    asked = Replay.objects.get()
    html = page.client.post(reverse("replay_cancel", args=["pdd", asked.pk])).content.decode()
    assert "已取消" in html
    assert "hx-get" not in html


def test_nobody_taking_it_is_said(shop: Shop) -> None:
    client = client_of(make_member(shop, Role.OPERATIONS))
    asked = ask_for_replay(shop=shop, document={}, by=None)
    url = reverse("replay_state", args=["pdd", asked.pk])
    assert "manage.py worker" not in client.get(url).content.decode()
    Replay.objects.filter(pk=asked.pk).update(asked_at=timezone.now() - timedelta(seconds=20))
    assert "manage.py worker" in client.get(url).content.decode()
