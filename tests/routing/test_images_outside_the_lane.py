"""An image is decoded once, before the shop's lane is entered; what is stored is the cleaned file."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from agents.errors import Refused
from chat.services import Opening, say
from conversations.models import Message
from conversations.states import ClosedBy, Sender
from core.uploads import images
from routing import services
from routing.models import Lane
from tests.agents.factories import make_key, make_shop
from tests.chat.builders import BuyerOf, make_chat
from tests.core.uploads.pictures import SECRET, with_metadata
from tests.routing.factories import make_waiting, png

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Of decoding and locking, as they happen."""
    seen: list[str] = []
    decode, lock = images._decoded, services.lane._locked
    monkeypatch.setattr(images, "_decoded", lambda *given: (seen.append("decode"), decode(*given))[1])
    monkeypatch.setattr(services.lane, "_locked", lambda *given: (seen.append("lock"), lock(*given))[1])
    return seen


def test_a_program_s_image_is_decoded_once_and_before_the_lock(order: list[str]) -> None:
    shop = make_shop()
    conversation = make_waiting(shop).external_id
    order.clear()
    services.post_message(
        shop=shop, conversation=conversation, sender=Sender.BUYER, kind="image", image=png(), message_id="i1"
    )
    assert order == ["decode", "lock"]
    services.post_message(
        shop=shop, conversation=conversation, sender=Sender.BUYER, kind="image", image=png(), message_id="i1"
    )
    assert order == ["decode", "lock", "lock"], "a repeated message is not decoded again"


def test_a_buyer_s_image_is_decoded_once_and_before_any_lock(order: list[str]) -> None:
    say(shop=make_chat(), buyer="b1", message_id="image-01", opening=Opening(entry="goods_detail"), image=png())
    assert order.count("decode") == 1 and order[0] == "decode" and "lock" in order


def test_what_is_wrong_with_the_conversation_is_still_said_first() -> None:
    shop = make_shop()
    row = make_waiting(shop)
    services.close_conversation(shop=shop, conversation=row.external_id, by=ClosedBy.BUYER)
    with pytest.raises(Refused) as refused:
        services.post_message(
            shop=shop, conversation=row.external_id, sender=Sender.BUYER, kind="image", image=b"no image"
        )
    assert refused.value.code == "conversation_closed"


def test_a_refused_image_changes_nothing() -> None:
    shop = make_shop()
    conversation = make_waiting(shop).external_id
    seq = Lane.objects.get(shop=shop).seq
    with pytest.raises(Refused) as refused:
        services.post_message(
            shop=shop, conversation=conversation, sender=Sender.BUYER, kind="image", image=b"no image"
        )
    assert (refused.value.code, refused.value.status) == ("not_an_image", 422)
    assert Lane.objects.get(shop=shop).seq == seq and not Message.objects.filter(shop=shop).exists()


def test_the_stored_file_holds_no_metadata() -> None:
    shop = make_shop()
    client = Client(headers={"Authorization": f"Token {make_key(shop)[1]}"})
    base = f"/api/v1/shops/{shop.slug}/conversations/{make_waiting(shop).pk}/messages/"
    upload = SimpleUploadedFile("IMG_1.jpg", with_metadata("JPEG", orientation=6), "image/jpeg")
    sent = client.post(base, {"sender": "buyer", "image": upload})
    assert sent.status_code == 201, sent.content
    with Message.objects.get(pk=sent.json()["id"]).image.open("rb") as stored:
        content = stored.read()
    assert SECRET.encode() not in content and content.startswith(b"\xff\xd8")


def test_a_busy_decoder_answers_503_with_retry_after_and_keeps_nothing(settings) -> None:
    settings.IMAGE_DECODER_WAIT = 0.01
    shop = make_chat()
    buyer = BuyerOf(shop, "b1")
    body = {"message_id": "image-01", "image": BytesIO(png())}
    with images._decoder():
        refused = buyer.call("post", "images/", body)
    assert refused.status_code == 503 and int(refused.headers["Retry-After"]) > 0
    assert refused.json()["code"] == "overloaded" and not Message.objects.filter(shop=shop).exists()
    body["image"].seek(0)
    assert buyer.call("post", "images/", body).status_code == 201
