"""Web Push: what the offline list gives somebody is on their phone, readable there alone (G10)."""

import base64
import json
from dataclasses import dataclass
from datetime import timedelta

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from py_vapid import Vapid02
from py_vapid.utils import b64urldecode

from agents.models import Shop, SubAccount
from agents.services import reset_password
from agents.vocabulary import Role, Status
from conversations.states import Sender
from outgoing.models import Push, PushSubscription
from outgoing.services.pushing import PUSHES, follow_pushes, shops_behind
from outgoing.services.sending import send_due
from outgoing.services.sweeping import due_pushes
from outgoing.vapid import public_key, vapid
from routing import services
from routing.models import Decision
from tests.agents.factories import actor_of, make_member, make_shop
from tests.outgoing.builders import Clock
from tests.outgoing.receiver import Receiver

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Browser:
    """A browser that is signed in: its own key, its subscription, and what it makes of a push."""

    def __init__(self, member: SubAccount, receiver: Receiver, name: str = "phone") -> None:
        receiver.otherwise = (201, "", {})
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = b"sixteen bytes ok"
        self.endpoint = receiver.url.replace("/hook", f"/push/{name}")
        self.client = Client(headers={"User-Agent": "Pixel"})
        self.client.force_login(member.account)

    @property
    def keys(self) -> dict[str, str]:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": unpadded(point), "auth": unpadded(self.auth)}

    def subscribe(self, **more: str) -> int:
        data = {"endpoint": self.endpoint, **self.keys, **more}
        return self.client.post("/push/subscribe/", data).status_code

    def read(self, body: bytes) -> dict[str, str]:
        return json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth, version="aes128gcm"))


@dataclass
class Scene:
    shop: Shop
    agent: SubAccount
    clock: Clock

    def write(self, text: str, buyer: str = "b1") -> None:
        """A buyer writes while nobody is online."""
        row = services.open_conversation(shop=self.shop, buyer=buyer, entry="goods_detail", message=False).conversation
        services.post_message(shop=self.shop, conversation=row.external_id, sender=Sender.BUYER, text=text)

    def look(self) -> int:
        for pk in shops_behind():
            follow_pushes(pk, self.clock.now)
        return sum(send_due(PUSHES, pk, clock=self.clock) for pk, _account in due_pushes(self.clock.now))


@pytest.fixture
def scene(shop: Shop, settings, tmp_path) -> Scene:
    settings.VAR_DIR = tmp_path
    vapid.cache_clear()
    agent = make_member(shop, name="a1")
    services.publish(shop=shop, document={"offline": {"enabled": True, "agents": ["a1"]}})
    return Scene(shop, agent, Clock())


@pytest.fixture
def phone(scene: Scene, receiver: Receiver) -> Browser:
    """Subscribed, and told that it works."""
    browser = Browser(scene.agent, receiver)
    assert browser.subscribe() == 201
    assert scene.look() == 1
    assert browser.read(receiver.got.pop().body)["title"] == "推送已开启"
    return browser


def test_what_the_offline_list_gives_is_pushed_encrypted_for_that_browser(
    scene: Scene, receiver: Receiver, phone: Browser
) -> None:
    scene.write("这个大号的还有货吗？" + "好" * 100)
    assert scene.look() == 1
    [got] = receiver.got
    assert got.path == "/push/phone"
    assert "大号".encode() not in got.body
    told = phone.read(got.body)
    conversation = Decision.objects.get(push=True).conversation
    assert told == {
        "title": "店 xiaoman",
        "body": f"b1：这个大号的还有货吗？{'好' * 70}…",
        "url": f"/s/xiaoman/conversations/{conversation.pk}/",
        "tag": f"conversation-{conversation.pk}",
    }
    assert (got.headers["Content-Encoding"], got.headers["Urgency"]) == ("aes128gcm", "high")
    assert 86_000 < int(got.headers["TTL"]) <= 86_400
    with pytest.raises(http_ece.ECEException):
        other = ec.generate_private_key(ec.SECP256R1())
        http_ece.decrypt(got.body, private_key=other, auth_secret=phone.auth, version="aes128gcm")


def test_it_is_signed_by_the_installation_for_that_service_and_half_a_day(
    scene: Scene, receiver: Receiver, phone: Browser
) -> None:
    scene.write("在吗")
    scene.look()
    authorization = receiver.got[0].headers["Authorization"]
    assert Vapid02.verify(authorization)
    token = authorization.split("t=")[1].split(",")[0]
    claims = json.loads(b64urldecode(token.split(".")[1].encode()))
    assert claims["aud"] == phone.endpoint.rsplit("/push", 1)[0]
    assert claims["sub"] == "mailto:fenliu@localhost"
    assert 0 < claims["exp"] - scene.clock.now.timestamp() <= 12 * 3600
    assert authorization.endswith(f"k={public_key()}")


def test_who_has_never_signed_in_on_the_app_gets_none(scene: Scene, receiver: Receiver) -> None:
    scene.write("在吗")
    assert Decision.objects.get(outcome="offline").push is False
    assert scene.look() == 0


def test_subscribing_is_signing_in_on_the_app_in_every_shop_of_theirs(scene: Scene, receiver: Receiver) -> None:
    elsewhere = make_member(make_shop("second"), account=scene.agent.account)
    Browser(scene.agent, receiver).subscribe()
    for place in (scene.agent, elsewhere):
        place.refresh_from_db()
        assert place.mobile_app


def test_who_is_online_is_not_pushed_to(scene: Scene, receiver: Receiver, phone: Browser) -> None:
    services.set_presence(shop=scene.shop, agent="a1", status=Status.ONLINE)
    scene.write("在吗")
    assert scene.look() == 0


def test_every_browser_of_theirs_and_nobody_elses(scene: Scene, receiver: Receiver, phone: Browser) -> None:
    Browser(scene.agent, receiver, "tablet").subscribe(again="1")
    Browser(make_member(scene.shop, name="a2"), receiver, "other").subscribe(again="1")
    scene.write("在吗")
    scene.look()
    assert sorted(one.path for one in receiver.got) == ["/push/phone", "/push/tablet"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_gone_endpoint_is_forgotten(scene: Scene, receiver: Receiver, phone: Browser, status: int) -> None:
    scene.write("在吗")
    receiver.refuse(status)
    scene.look()
    assert not PushSubscription.objects.exists()
    scene.clock.forward(hours=1)
    assert scene.look() == 0


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_refusing_one_is_tried_again_with_pauses(
    scene: Scene, receiver: Receiver, phone: Browser, status: int
) -> None:
    scene.write("在吗")
    receiver.refuse(status, status)
    scene.look()
    assert scene.look() == 0
    scene.clock.forward(seconds=7)
    scene.look()
    scene.clock.forward(seconds=37)
    scene.look()
    assert len(receiver.got) == 3
    row = Push.objects.order_by("-pk")[0]
    assert (row.state, row.attempts) == ("delivered", 3)
    assert [phone.read(one.body)["body"] for one in receiver.got] == ["b1：在吗"] * 3


def test_one_that_refuses_for_three_days_is_forgotten(scene: Scene, receiver: Receiver, phone: Browser) -> None:
    receiver.otherwise = (500, "", {})
    for _ in range(80):
        scene.clock.forward(hours=1)
        scene.look()
        Push.objects.filter(state="given_up").delete()
        if not Push.objects.filter(state__in=("pending", "failed")).exists() and PushSubscription.objects.exists():
            Push.objects.create(
                subscription=PushSubscription.objects.get(),
                key=str(scene.clock.now),
                body="{}",
                since=scene.clock.now,
                next_at=scene.clock.now,
            )
    assert not PushSubscription.objects.exists()


def test_signing_out_ends_it_on_that_browser_alone(scene: Scene, receiver: Receiver, phone: Browser) -> None:
    tablet = Browser(scene.agent, receiver, "tablet")
    tablet.subscribe(again="1")
    phone.client.post("/sign-out/")
    scene.write("在吗")
    scene.look()
    assert [one.path for one in receiver.got] == ["/push/tablet"]
    assert PushSubscription.objects.get().endpoint == tablet.endpoint


def test_a_new_password_and_a_disabled_login_end_it(scene: Scene, receiver: Receiver, phone: Browser) -> None:
    main = make_member(scene.shop, Role.MAIN)
    reset_password(actor=actor_of(main), sub_account=scene.agent, password="quite another one 7")
    scene.write("在吗")
    scene.look()
    assert receiver.got == [] and not PushSubscription.objects.exists()

    again = Browser(scene.agent, receiver)
    again.subscribe(again="1")
    scene.write("在吗", buyer="b2")
    account = scene.agent.account
    account.is_active = False
    account.save()
    scene.look()
    assert receiver.got == [] and not PushSubscription.objects.exists()


def test_whose_place_in_the_shop_has_ended_is_not_pushed_to(scene: Scene, receiver: Receiver, phone: Browser) -> None:
    scene.write("在吗")
    SubAccount.objects.filter(pk=scene.agent.pk).update(enabled=False)
    assert scene.look() == 0


def test_the_same_browser_under_another_account_changes_hands(scene: Scene, receiver: Receiver, phone: Browser) -> None:
    other = Browser(make_member(scene.shop, name="a2"), receiver)
    other.key = phone.key
    other.subscribe(again="1")
    assert PushSubscription.objects.get().account.account == "a2"
    scene.write("在吗")
    scene.look()
    assert receiver.got == []


def test_switching_off_forgets_the_browser(scene: Scene, receiver: Receiver, phone: Browser) -> None:
    stranger = Browser(make_member(scene.shop, name="a2"), receiver)
    stranger.client.post("/push/unsubscribe/", {"endpoint": phone.endpoint})
    assert PushSubscription.objects.count() == 1
    assert phone.client.post("/push/unsubscribe/", {"endpoint": phone.endpoint}).status_code == 204
    assert not PushSubscription.objects.exists()


def test_what_is_older_than_a_day_is_pushed_no_more(scene: Scene, receiver: Receiver, phone: Browser) -> None:
    scene.write("在吗")
    scene.clock.forward(hours=25)
    assert scene.look() == 0


def test_each_is_pushed_once_however_often_one_looks(scene: Scene, receiver: Receiver, phone: Browser) -> None:
    scene.write("在吗")
    [pk] = shops_behind()
    assert follow_pushes(pk, scene.clock.now) == 1
    assert follow_pushes(pk, scene.clock.now) == 0
    assert shops_behind() == []
    scene.clock.forward(seconds=1)
    assert scene.look() == 1
    assert scene.look() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("endpoint", "http://169.254.169.254/push"),
        ("endpoint", "ftp://push.example/"),
        ("endpoint", ""),
        ("p256dh", "AAAA"),
        ("p256dh", "长"),
        ("auth", "c2hvcnQ"),
    ],
)
def test_an_endpoint_into_the_own_network_and_keys_that_are_none_are_refused(
    scene: Scene, receiver: Receiver, settings, field: str, value: str
) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = False
    browser = Browser(scene.agent, receiver)
    browser.endpoint = "https://1.1.1.1/push"
    assert browser.subscribe(**{field: value}) == 422
    assert not PushSubscription.objects.exists()


def test_an_endpoint_that_leads_inside_later_is_not_called(
    scene: Scene, receiver: Receiver, phone: Browser, settings
) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = False
    scene.write("在吗")
    scene.look()
    assert receiver.got == []
    assert Push.objects.order_by("-pk")[0].log[0]["error"] == "private"


def test_the_key_is_made_once_and_kept_for_its_owner_alone(scene: Scene, tmp_path) -> None:
    first = public_key()
    vapid.cache_clear()
    assert public_key() == first
    assert (tmp_path / "vapid_private.pem").stat().st_mode & 0o777 == 0o600
    assert len(b64urldecode(first.encode())) == 65


def test_a_key_from_the_environment_is_used(scene: Scene, settings, tmp_path) -> None:
    made = Vapid02()
    made.generate_keys()
    settings.VAPID_PRIVATE_KEY = made.private_pem().decode()
    vapid.cache_clear()
    point = made.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert public_key() == unpadded(point)
    assert not (tmp_path / "vapid_private.pem").exists()
    vapid.cache_clear()


def test_a_push_is_dropped_after_a_day_of_refusals(scene: Scene, receiver: Receiver, phone: Browser) -> None:
    receiver.otherwise = (500, "", {})
    scene.write("在吗")
    for _ in range(26):
        scene.look()
        scene.clock.forward(hours=1, minutes=15)
    assert Push.objects.order_by("-pk")[0].state == "given_up"
    assert scene.clock.now - Push.objects.order_by("-pk")[0].since > timedelta(hours=24)
