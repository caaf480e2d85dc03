"""对外通知 on the screen: made, tested, looked at, repeated, switched, removed; the log without a secret."""

import pytest
from django.core.management import call_command
from django.test import Client

from agents.models import AuditEntry, Shop
from agents.vocabulary import AuditAction, Role
from outgoing.models import Delivery, Outlet
from outgoing.vocabulary import OutletKind, WebhookEvent
from tests.agents.factories import make_member
from tests.outgoing.builders import make_channel, make_webhook
from tests.outgoing.receiver import Receiver

pytestmark = pytest.mark.django_db
HERE = "/s/xiaoman/outgoing/"


def client_of(shop: Shop, role: Role) -> Client:
    client = Client()
    client.force_login(make_member(shop, role).account)
    return client


@pytest.fixture
def owner(shop: Shop) -> Client:
    return client_of(shop, Role.MAIN)


def new(owner: Client, url: str, **more: object) -> tuple[int, str]:
    data = {"name": "订单系统", "address": url, "events": ["message", "penalty.opened"], **more}
    answer = owner.post(f"{HERE}new-webhook/", data)
    return answer.status_code, answer.content.decode()


def test_a_new_webhook_shows_its_secret_this_once(owner: Client, receiver: Receiver) -> None:
    status, page = new(owner, receiver.url)
    outlet = Outlet.objects.get()
    assert status == 201
    assert outlet.secret.startswith("fws_") and outlet.secret in page
    assert outlet.events == [WebhookEvent.MESSAGE, WebhookEvent.PENALTY_OPENED]
    again = owner.get(f"{HERE}{outlet.pk}/").content.decode()
    assert outlet.secret not in again and "订单系统" in again
    renewed = owner.post(f"{HERE}{outlet.pk}/secret/").content.decode()
    before, after = outlet.secret, Outlet.objects.get().secret
    assert before != after and after in renewed


def test_what_is_wrong_stands_at_its_field_with_what_was_typed(owner: Client) -> None:
    status, page = new(owner, "http://10.0.0.1/hook")
    assert status == 422
    assert "这个地址指向内网" in page and 'aria-describedby="id_address_error"' in page
    assert 'value="http://10.0.0.1/hook"' in page
    assert new(owner, "https://a:b@203.0.113.9/")[1].count("不要带用户名和密码") == 1
    assert "请至少选一项" in new(owner, "https://1.1.1.1/", events=[])[1]
    assert "1 到 50 个字" in new(owner, "https://1.1.1.1/", name=" ")[1]
    assert not Outlet.objects.exists()


def test_a_test_is_sent_shown_and_repeated(owner: Client, shop: Shop, receiver: Receiver) -> None:
    outlet = make_webhook(shop, receiver.url)
    receiver.refuse(500)
    page = owner.post(f"{HERE}{outlet.pk}/test/", follow=True).content.decode()
    assert "没有送达：HTTP 500 · 对方没有接收。 no" in page
    assert "失败，待重试" in page and "&quot;event&quot;: &quot;test&quot;" in page
    row = Delivery.objects.get()
    page = owner.post(f"{HERE}deliveries/{row.pk}/repeat/", follow=True).content.decode()
    assert "已送达。" in page and "已试 2 次" in page
    assert len(receiver.got) == 2


def test_deliveries_are_filtered_by_state(owner: Client, shop: Shop, receiver: Receiver) -> None:
    outlet = make_webhook(shop, receiver.url)
    for number, state in enumerate(("delivered", "delivered", "given_up")):
        Delivery.objects.create(
            shop=shop, outlet=outlet, key=str(number), event="message", body=f'{{"n": {number}}}', state=state
        )
    assert owner.get(f"{HERE}{outlet.pk}/").content.decode().count('<details class="delivery"') == 3
    page = owner.get(f"{HERE}{outlet.pk}/?state=given_up").content.decode()
    assert page.count('<details class="delivery"') == 1 and "&quot;n&quot;: 2" in page


def test_a_channel_is_changed_without_typing_its_address_again(owner: Client, shop: Shop, receiver: Receiver) -> None:
    channel = make_channel(shop, OutletKind.FEISHU, receiver.url, secret="geheim")
    page = owner.get(f"{HERE}{channel.pk}/").content.decode()
    assert receiver.url not in page and "geheim" not in page and "127.0.0.1 …hook" in page
    data = {"name": "值班群", "events": ["queue"], "queue_longer": "5", "cool_down": "15", "language": "en"}
    assert owner.post(f"{HERE}{channel.pk}/save/", data).status_code == 302
    channel.refresh_from_db()
    assert (channel.name, channel.address, channel.secret) == ("值班群", receiver.url, "geheim")
    assert (channel.queue_longer, channel.waited_minutes, channel.cool_down) == (5, None, 15)
    wrong = owner.post(f"{HERE}{channel.pk}/save/", data | {"cool_down": "0"})
    assert wrong.status_code == 422 and "1 到 1440 的整数" in wrong.content.decode()


def test_each_change_is_in_the_log_and_no_secret_is(owner: Client, shop: Shop, receiver: Receiver) -> None:
    new(owner, f"{receiver.url}?token=geheim")
    outlet = Outlet.objects.get()
    owner.post(f"{HERE}{outlet.pk}/secret/")
    owner.post(f"{HERE}{outlet.pk}/switch/", {"on": "0"})
    owner.post(f"{HERE}{outlet.pk}/switch/", {"on": "0"})
    owner.post(f"{HERE}{outlet.pk}/remove/")
    entries = AuditEntry.objects.filter(shop=shop, action=AuditAction.OUTGOING_CHANGED).order_by("pk")
    assert [entry.after for entry in entries][1:] == [{"new_secret": True}, {"on": False}, {"removed": True}]
    log = owner.get("/s/xiaoman/audit/").content.decode()
    assert "修改对外通知" in log and "收发消息，处罚开始" in log
    for secret in ("geheim", outlet.secret):
        assert secret not in log and secret not in str([(entry.before, entry.after) for entry in entries])
    assert not Outlet.objects.exists()


def test_who_may_only_look_finds_no_button_and_no_address_in_full(shop: Shop, receiver: Receiver) -> None:
    outlet = make_webhook(shop, f"{receiver.url}?token=geheim")
    client = client_of(shop, Role.CS_MANAGER)
    page = client.get(f"{HERE}{outlet.pk}/").content.decode()
    assert "geheim" not in page and "发一条测试" not in page and "disabled" in page
    assert "新建 Webhook" not in client.get(HERE).content.decode()


def test_the_list_says_how_each_stands(owner: Client, shop: Shop, receiver: Receiver) -> None:
    assert "还没有 Webhook" in owner.get(HERE).content.decode()
    assert "还没有设置通知" in owner.get(f"{HERE}alerts/").content.decode()
    outlet = make_webhook(shop, receiver.url)
    assert "已启用" in owner.get(HERE).content.decode()
    Outlet.objects.filter(pk=outlet.pk).update(on=False, off_because="failing")
    assert "已停用：连续三天送不到" in owner.get(HERE).content.decode()
    make_channel(shop, OutletKind.WECOM, receiver.url)
    assert "企业微信群机器人" in owner.get(f"{HERE}alerts/").content.decode()


def test_the_number_of_outlets_is_bounded(owner: Client, shop: Shop, receiver: Receiver) -> None:
    for number in range(20):
        make_webhook(shop, receiver.url, name=f"w{number}")
    status, page = new(owner, receiver.url)
    assert status == 422 and "最多" in page


def test_the_checks_of_the_system_find_nothing() -> None:
    call_command("check")
