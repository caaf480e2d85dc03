"""Deletion of one buyer's data: nothing of theirs is left, every figure is, and it does not come back."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from agents.models import AuditEntry, Shop
from agents.vocabulary import AuditAction, Role
from chat.tokens import BadToken, make_token, read_token
from config import erasing
from config.erasing import erase_buyer
from conversations.models import Buyer, Conversation, Message
from conversations.states import ClosedBy, Sender
from metrics.services import check_days, sweep_shop
from outgoing.models import Delivery, Push
from routing import services
from routing.models import Decision
from tests.agents.factories import make_agent, make_member
from tests.metrics.builders import DAY, at
from tests.metrics.rows import make_shop
from tests.operations.retention_shop import figures, picture
from tests.outgoing.builders import make_outlet

pytestmark = pytest.mark.django_db

WHO, SECRET, NUMBER = "王小明-13800138000", "我住在和平路1号", "order-77-platform-id"
NOON = at("12:00")


@pytest.fixture
def shop() -> Shop:
    """Two buyers with the same day; one of them, WHO, is to be deleted."""
    shop = make_shop()
    for name in ("a1", "a2"):
        make_agent(shop, name)
    services.set_presence(shop=shop, agent="a1", status="online", now=at("09:00"))
    for number, (talk, buyer) in enumerate(((NUMBER, WHO), ("other", "b2"))):
        _talk(shop, talk, buyer, 10 + number)
    sweep_shop(shop=shop, now=NOON)
    return shop


def _talk(shop: Shop, talk: str, buyer: str, hour: int) -> None:
    def now(minute: int):
        return at(f"{hour}:{minute:02}")

    services.open_conversation(shop=shop, external_id=talk, buyer=buyer, entry="goods_detail", now=now(0))
    services.open_conversation(shop=shop, external_id=f"{talk}-again", buyer=buyer, entry="goods_detail", now=now(0))
    # Of one moment: their order is that of their ids.
    for sender, number in ((Sender.BUYER, "2"), (Sender.AGENT, "9"), (Sender.AGENT, "10"), (Sender.BUYER, "1")):
        said = {"sent_at": now(1), "message_id": f"{talk}-{number}", "now": now(2)}
        services.post_message(shop=shop, conversation=talk, sender=sender, text=SECRET, **said)
    image = {"kind": "image", "image": picture()}
    services.post_message(shop=shop, conversation=talk, sender=Sender.BUYER, now=now(3), **image)
    services.set_presence(shop=shop, agent="a2", status="online", now=now(4))
    holder = Conversation.objects.get(shop=shop, external_id=talk).holder.name
    to = "a2" if holder == "a1" else "a1"
    services.transfer_conversation(shop=shop, conversation=talk, by=holder, to=to, reason=f"{WHO} 急", now=now(5))
    services.close_conversation(shop=shop, conversation=talk, by=ClosedBy.AGENT, now=now(6))
    row = Conversation.objects.get(shop=shop, external_id=talk)
    services.rate_conversation(conversation=row, satisfied=False, word=SECRET, now=now(7))


def everything() -> str:
    """Every value of every table as text."""
    words = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            words += [str(value) for row in cursor.fetchall() for value in row]
    return "\n".join(words)


@pytest.mark.both
def test_nothing_personal_is_left_anywhere_and_every_figure_is(
    shop: Shop, settings, django_capture_on_commit_callbacks
) -> None:
    before, other = figures(shop), list(Message.objects.filter(conversation__external_id="other").values())
    images = len(list(Path(settings.MEDIA_ROOT).rglob("*.png")))
    with django_capture_on_commit_callbacks(execute=True):
        erased = erase_buyer(shop=shop, buyer=WHO, now=timezone.now())
    assert (erased.conversations, erased.messages) == (1, 5)
    Conversation.objects.filter(external_id="other").delete()
    left = everything()
    for personal in (WHO, SECRET, NUMBER, "13800138000"):
        assert personal not in left
    assert len(list(Path(settings.MEDIA_ROOT).rglob("*.png"))) == images - 1
    assert figures(shop) == before and other


@pytest.mark.both
def test_the_day_counted_again_from_what_is_left_says_the_same(shop: Shop) -> None:
    before = figures(shop)
    erase_buyer(shop=shop, buyer=WHO, now=timezone.now())
    assert check_days(shop=shop, date_from=DAY, date_to=DAY, now=NOON) == []
    assert figures(shop) == before
    assert Decision.objects.filter(conversation__buyer__external_id__startswith="erased:").exclude(trace=[]).exists()


def test_others_are_left_alone(shop: Shop) -> None:
    def of_other():
        rows = Message.objects.filter(conversation__external_id="other").order_by("pk")
        return list(rows.values()), list(Buyer.objects.filter(external_id="b2").values())

    before = of_other()
    erase_buyer(shop=shop, buyer=WHO, now=timezone.now())
    assert of_other() == before
    assert Decision.objects.filter(conversation__external_id="other").exclude(reason="").exists()


@pytest.mark.both
def test_what_was_told_to_other_systems_about_them_is_no_longer_listed(shop: Shop) -> None:
    outlet = make_outlet(shop)
    keys = {talk: Conversation.objects.get(external_id=talk).pk for talk in (NUMBER, "other")}
    for talk, key in keys.items():
        body = json.dumps({"event": "message", "conversation": {"id": key, "buyer": talk}}, ensure_ascii=False)
        Delivery.objects.create(shop=shop, outlet=outlet, key=talk, event="message", body=body)
    Delivery.objects.create(shop=shop, outlet=outlet, key="words", event="queue", body="2 buyers wait")
    assert erase_buyer(shop=shop, buyer=WHO, now=timezone.now()).notices == 1
    assert set(Delivery.objects.values_list("key", flat=True)) == {"other", "words"}
    assert not Push.objects.exists()


@pytest.mark.both
def test_once_more_changes_nothing_and_who_was_never_there_is_said(shop: Shop, capsys) -> None:
    call_command("erase_buyer", WHO, shop=shop.slug)
    assert "deleted: 5 messages of 1 conversations" in capsys.readouterr().out
    before = everything()
    call_command("erase_buyer", WHO, shop=shop.slug)
    assert "deleted already" in capsys.readouterr().out
    assert everything() == before
    with pytest.raises(CommandError, match="unknown_buyer") as refused:
        call_command("erase_buyer", "nobody", shop=shop.slug)
    assert refused.value.returncode == 2


def test_who_is_being_served_is_not_deleted(shop: Shop) -> None:
    services.open_conversation(shop=shop, external_id="now", buyer=WHO, entry="goods_detail")
    before = everything()
    with pytest.raises(CommandError, match="conversation_open"):
        call_command("erase_buyer", WHO, shop=shop.slug)
    assert everything() == before


def test_the_audit_log_says_that_and_not_who(shop: Shop) -> None:
    erase_buyer(shop=shop, buyer=WHO, now=timezone.now())
    entry = AuditEntry.objects.get(action=AuditAction.BUYER_ERASED)
    assert (entry.shop, entry.subject, entry.after) == (shop, "", {"conversations": 1, "messages": 5})


def test_a_token_from_before_is_nobodys_and_a_new_one_begins_a_new_buyer(shop: Shop) -> None:
    token = make_token(shop, WHO)
    assert read_token(shop, token).buyer == WHO
    erase_buyer(shop=shop, buyer=WHO, now=timezone.now() + timedelta(seconds=2))
    with pytest.raises(BadToken):
        read_token(shop, token)
    assert read_token(shop, make_token(shop, "b2")).buyer == "b2"


def test_who_comes_back_is_a_new_buyer_without_a_recent_agent(shop: Shop) -> None:
    assert Buyer.objects.get(external_id=WHO).recent_agent is not None
    erase_buyer(shop=shop, buyer=WHO, now=timezone.now())
    services.open_conversation(shop=shop, external_id="new", buyer=WHO, entry="goods_detail")
    assert Decision.objects.get(conversation__external_id="new").rule != "PDD1"


def test_an_old_file_brings_nothing_back(shop: Shop, tmp_path: Path, capsys) -> None:
    erase_buyer(shop=shop, buyer=WHO, now=timezone.now())
    file = tmp_path / "old.csv"
    rows = ((f"h1,{WHO}", SECRET), ("h2,b3", "hi"))
    lines = [f"{who},buyer,{DAY} 08:30:00,{text}" for who, text in rows]
    file.write_text("\n".join(["conversation,buyer,sender,sent_at,text", *lines, ""]))
    call_command("import_chats", str(file), shop=shop.slug)
    said = capsys.readouterr()
    assert "imported 1, skipped 0, refused 1" in said.out and "line 2: buyer: the data" in said.err
    assert not Buyer.objects.filter(external_id=WHO).exists()


def test_the_main_account_may_over_http_and_gets_the_same_answer_again(shop: Shop) -> None:
    client = Client()
    client.force_login(make_member(shop, Role.MAIN).account)
    url = f"/api/v1/shops/{shop.slug}/buyers/{WHO}/"
    first = client.delete(url)
    assert (first.status_code, first.json()["messages"]) == (200, 5)
    again = client.delete(url)
    assert (again.status_code, again.json()["messages"], again.json()["at"]) == (200, 0, first.json()["at"])
    assert client.delete(f"/api/v1/shops/{shop.slug}/buyers/nobody/").status_code == 404
    admin = Client()
    admin.force_login(make_member(shop, Role.ADMIN).account)
    assert admin.delete(url).status_code == 403


def test_what_went_out_is_looked_through_before_the_shop_is_locked(monkeypatch) -> None:
    shop = make_shop()
    looked: list[bool] = []
    find = erasing.find_notices

    def look(*arguments: Any) -> Any:
        looked.append(connection.in_atomic_block and len(connection.savepoint_ids) > 0)
        return find(*arguments)

    monkeypatch.setattr(erasing, "find_notices", look)
    Buyer.objects.create(shop=shop, external_id="b1")
    erasing.erase_buyer(shop=shop, buyer="b1", now=timezone.now())
    assert looked == [False, True], "once without the lock, once under it for what has come since"


def test_what_goes_out_between_the_look_and_the_lock_is_deleted_too(monkeypatch) -> None:
    shop = make_shop()
    row = Conversation.objects.create(
        shop=shop,
        external_id="c1",
        buyer=Buyer.objects.create(shop=shop, external_id="b1"),
        state="closed",
        opened_at=timezone.now(),
    )
    outlet = make_outlet(shop)
    made = {"shop": shop, "outlet": outlet, "event": "message", "body": f'{{"conversation": {{"id": {row.pk}}}}}'}
    Delivery.objects.create(key="early", **made)
    whole = erasing._erase

    def between(*arguments: Any) -> Any:
        Delivery.objects.create(key="late", **made)
        return whole(*arguments)

    monkeypatch.setattr(erasing, "_erase", between)
    assert erasing.erase_buyer(shop=shop, buyer="b1", now=timezone.now()).notices == 2
    assert not Delivery.objects.filter(shop=shop).exists()
