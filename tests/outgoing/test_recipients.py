"""E-mail addresses of alert channels are asked first; nothing else is sent to them before somebody there says yes."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail, signing
from django.test import Client
from django.utils import timezone

from agents.errors import Refused
from agents.models import AuditEntry, Shop
from agents.vocabulary import Role
from config import jobs
from outgoing.models import ConfirmationMail, Delivery, Outlet, Recipient
from outgoing.services import change_outlet, remove_outlet, send_test
from outgoing.services.recipients import (
    MAX_MAILS_PER_ADDRESS,
    MAX_MAILS_PER_SHOP,
    SALT,
    ask_again,
    ask_recipient,
    confirmation_link,
)
from outgoing.vocabulary import OutletKind
from tests.agents.factories import make_member, make_shop
from tests.outgoing.builders import Clock, look, make_channel

pytestmark = pytest.mark.django_db
BOSS, ORIGIN = "boss@example.com", "https://fenliu.example"


@pytest.fixture(autouse=True)
def _mail_server(settings) -> None:
    settings.EMAIL_URL, settings.PUBLIC_URL = "smtp://mail.example", ORIGIN


def make_mailbox(shop: Shop, address: str = BOSS) -> Outlet:
    return make_channel(shop, OutletKind.EMAIL, address, confirmed=False)


def send_asked() -> list[str]:
    """Let the confirmation mails go out; whom they went to."""
    mail.outbox.clear()
    jobs.run("outgoing.ask_recipients")
    return [address for message in mail.outbox for address in message.to]


def link_in(message: mail.EmailMessage) -> str:
    found = re.search(r"https?://[^/\s]+(/confirm-address/\S+)", message.body)
    assert found
    return found[1]


@pytest.mark.both
def test_nothing_is_sent_before_the_link_is_confirmed_and_everything_after(shop: Shop) -> None:
    channel = make_mailbox(shop)
    with pytest.raises(Refused) as refused:
        send_test(outlet=channel)
    assert refused.value.code == "unconfirmed"
    clock = Clock()
    Delivery.objects.create(shop=shop, outlet=channel, event="queue", key="k", body="【分流】\n排队")
    look(clock)
    assert not mail.outbox and Delivery.objects.get().log[0]["error"] == "unconfirmed"
    assert send_asked() == [BOSS]
    link = link_in(mail.outbox[0])
    assert BOSS in Client().get(link).content.decode()
    assert Recipient.objects.get().confirmed_at is None, "a program that follows links confirms nothing"
    assert Client().post(link).status_code == 200
    mail.outbox.clear()
    clock.forward(minutes=1)
    look(clock)
    assert [message.to for message in mail.outbox] == [[BOSS]]
    assert Delivery.objects.get().state == "delivered"


def test_only_the_confirmed_of_several_addresses_get_the_alert(shop: Shop) -> None:
    channel = make_mailbox(shop, f"{BOSS}\nstranger@example.com")
    assert send_asked() == [BOSS, "stranger@example.com"]
    assert all(len(message.to) == 1 for message in mail.outbox), "nobody sees the other addresses"
    Client().post(link_in(mail.outbox[0]))
    mail.outbox.clear()
    assert send_test(outlet=channel).state == "delivered"
    assert [message.to for message in mail.outbox] == [[BOSS]]


def test_a_changed_address_is_asked_and_one_that_comes_back_is_asked_again(shop: Shop) -> None:
    channel = make_channel(shop, OutletKind.EMAIL, BOSS)
    change_outlet(outlet=channel, address="new@example.com")
    assert send_asked() == ["new@example.com"]
    change_outlet(outlet=channel, address=BOSS)
    assert Recipient.objects.get().confirmed_at is None
    assert send_asked() == [BOSS]
    change_outlet(outlet=channel, name="other name")
    assert send_asked() == []


def test_an_address_confirmed_for_one_channel_counts_for_the_shop_s_others_and_no_other_shop(shop: Shop) -> None:
    make_channel(shop, OutletKind.EMAIL, BOSS)
    assert send_test(outlet=make_mailbox(shop)).state == "delivered"
    with pytest.raises(Refused):
        send_test(outlet=make_mailbox(make_shop()))


def test_an_address_of_no_channel_any_more_is_forgotten(shop: Shop) -> None:
    channel = make_channel(shop, OutletKind.EMAIL, BOSS)
    other = make_channel(shop, OutletKind.EMAIL, BOSS)
    remove_outlet(outlet=other)
    assert Recipient.objects.count() == 1
    remove_outlet(outlet=channel)
    assert not Recipient.objects.exists()


@pytest.mark.parametrize("age", [timedelta(days=7, seconds=1), timedelta(days=400)])
def test_a_link_ends_after_seven_days(shop: Shop, age: timedelta, monkeypatch) -> None:
    make_mailbox(shop)
    then = (timezone.now() - age).timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: then)
    link = confirmation_link(Recipient.objects.get()).removeprefix(ORIGIN)
    monkeypatch.undo()
    assert Client().get(link).status_code == Client().post(link).status_code == 410
    assert Recipient.objects.get().confirmed_at is None


def test_a_forged_link_or_one_of_a_removed_address_confirms_nothing(shop: Shop) -> None:
    channel = make_mailbox(shop)
    row = Recipient.objects.get()
    own = signing.dumps([row.pk, shop.pk, BOSS], salt=SALT)
    for token in (
        signing.dumps([row.pk, shop.pk, BOSS], salt="another"),
        signing.dumps([row.pk, make_shop().pk, BOSS], salt=SALT),
        signing.dumps("text", salt=SALT),
        own[:-1],
        "none",
    ):
        assert Client().post(f"/confirm-address/{token}/").status_code == 410, token
    change_outlet(outlet=channel, address="new@example.com")
    assert Client().post(f"/confirm-address/{own}/").status_code == 410
    assert not Recipient.objects.exclude(confirmed_at=None).exists()


def test_a_shop_has_at_most_twenty_addresses_in_all_its_channels(shop: Shop) -> None:
    for channel in range(2):
        make_mailbox(shop, "\n".join(f"a{channel}{n}@example.com" for n in range(10)))
    make_mailbox(shop, "a00@example.com")
    with pytest.raises(Refused) as refused:
        make_mailbox(shop, "one-more@example.com")
    assert (refused.value.code, refused.value.field) == ("too_many", "address")
    assert Outlet.objects.count() == 3 and Recipient.objects.count() == 20


def test_one_address_is_mailed_three_times_a_day_however_many_shops_ask(shop: Shop) -> None:
    sent = []
    for number in range(MAX_MAILS_PER_ADDRESS + 2):
        make_mailbox(make_shop(), BOSS.upper() if number % 2 else BOSS)
        sent += send_asked()
    assert len(sent) == MAX_MAILS_PER_ADDRESS
    ConfirmationMail.objects.update(sent_at=timezone.now() - timedelta(hours=25))
    make_mailbox(make_shop())
    assert send_asked() == [BOSS]


def test_one_shop_sends_a_bounded_number_of_mails_a_day(shop: Shop) -> None:
    channel, sent = make_mailbox(shop), 0
    for number in range(MAX_MAILS_PER_SHOP + 3):
        change_outlet(outlet=channel, address=f"a{number}@example.com")
        sent += len(send_asked())
    assert sent == MAX_MAILS_PER_SHOP
    channel.refresh_from_db()
    with pytest.raises(Refused) as refused:
        ask_again(outlet=channel, address=channel.address, origin=ORIGIN)
    assert (refused.value.code, refused.value.status) == ("too_many_mails", 429)


def test_the_page_shows_who_has_not_confirmed_and_sends_again(shop: Shop) -> None:
    channel, client = make_mailbox(shop), Client()
    client.force_login(make_member(shop, Role.MAIN).account)
    assert send_asked() == [BOSS]
    page = f"/s/{shop.slug}/outgoing/{channel.pk}/"
    assert "未确认" in client.get(page).content.decode()
    assert client.post(f"{page}ask/", {"address": BOSS}).status_code == 302
    assert send_asked() == [BOSS]
    assert "http://testserver" in mail.outbox[0].body
    client.post(f"{page}ask/", {"address": "else@example.com"})
    assert send_asked() == []
    Client().post(confirmation_link(Recipient.objects.get()).removeprefix("http://testserver"))
    assert "已确认" in client.get(page).content.decode()
    client.post(f"{page}ask/", {"address": BOSS})
    assert send_asked() == []
    assert AuditEntry.objects.filter(shop=shop, after__confirmed=True).count() == 1


def test_a_mail_that_fails_is_not_sent_twice_and_can_be_asked_for_again(shop: Shop, monkeypatch) -> None:
    channel = make_mailbox(shop)

    def fail(_message: object, **_named: object) -> int:
        raise OSError("no route")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    assert ask_recipient(Recipient.objects.get().pk) == 0
    monkeypatch.undo()
    assert send_asked() == []
    ask_again(outlet=channel, address=BOSS, origin=ORIGIN)
    assert send_asked() == [BOSS]


def test_without_a_mail_server_or_an_address_of_its_own_the_mail_waits(shop: Shop, settings) -> None:
    settings.PUBLIC_URL = ""
    make_mailbox(shop)
    assert send_asked() == []
    settings.PUBLIC_URL = ORIGIN
    settings.EMAIL_URL = ""
    assert send_asked() == []
    settings.EMAIL_URL = "smtp://mail.example"
    assert send_asked() == [BOSS]


def test_a_shop_s_name_cannot_add_headers_to_the_mail(shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(name="x\nBcc: all@example.com")
    make_mailbox(shop)
    assert send_asked() == [BOSS]
    assert "\n" not in mail.outbox[0].subject and mail.outbox[0].recipients() == [BOSS]


def test_old_mails_are_forgotten(shop: Shop) -> None:
    ConfirmationMail.objects.create(shop=shop, address=BOSS, sent_at=timezone.now() - timedelta(hours=25))
    jobs.run("outgoing.drop_old")
    assert not ConfirmationMail.objects.exists()


def test_the_limits_are_told_in_the_manual() -> None:
    words = (Path(__file__).resolve().parents[2] / "docs/webhooks.md").read_text()
    assert "three" in words and "seven days" in words and "20 addresses" in words
