"""What a buyer thought of it: once, by themselves, when it is over (S1, S3)."""

import pytest
from django.test import Client

from agents.models import Shop
from conversations.models import Conversation, Rating
from tests.agents.factories import make_member
from tests.chat.builders import BuyerOf

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


@pytest.fixture
def buyer(shop: Shop) -> BuyerOf:
    made = BuyerOf(shop, "b1")
    made.writes("在吗")
    return made


def rate(buyer: BuyerOf, **body: object) -> tuple[int, str]:
    body = {"conversation": Conversation.objects.earliest("pk").external_id, "satisfied": True} | body
    answer = buyer.call("post", "rating/", body)
    return answer.status_code, answer.json().get("code", "")


def test_a_conversation_that_is_over_is_rated_with_a_word(shop: Shop, buyer: BuyerOf) -> None:
    buyer.call("post", "close/", {})
    assert rate(buyer, satisfied=False, word="  等太久 <b>了</b> ") == (201, "")
    rating = Rating.objects.get()
    assert (rating.shop, rating.satisfied, rating.word) == (shop, False, "等太久 <b>了</b>")
    assert rating.conversation.holder.name == "a1"
    assert buyer.state()["conversation"]["rating"] == {"satisfied": False, "word": "等太久 <b>了</b>"}


def test_the_shop_reads_it_in_the_record(shop: Shop, buyer: BuyerOf) -> None:
    client = Client()
    client.force_login(make_member(shop, "main").account)
    buyer.call("post", "close/", {})
    record = f"/s/{shop.slug}/records/{Conversation.objects.get().pk}/"
    assert "买家评价" not in client.get(record).content.decode()
    rate(buyer, satisfied=False, word="<b>等太久</b>")
    page = client.get(record).content.decode()
    assert "买家评价：不满意" in page and "“&lt;b&gt;等太久&lt;/b&gt;”" in page


def test_not_before_it_is_over(buyer: BuyerOf) -> None:
    assert rate(buyer) == (409, "not_closed")
    assert not Rating.objects.exists()


def test_once(buyer: BuyerOf) -> None:
    buyer.call("post", "close/", {})
    assert rate(buyer) == (201, "")
    assert rate(buyer, satisfied=False) == (409, "rated_already")
    assert Rating.objects.get().satisfied is True


def test_each_conversation_has_its_own(shop: Shop, buyer: BuyerOf) -> None:
    buyer.call("post", "close/", {})
    buyer.writes("又来了")
    assert rate(buyer) == (201, "")  # the first, though another is open
    buyer.call("post", "close/", {})
    assert rate(buyer, conversation=buyer.state()["conversation"]["id"]) == (201, "")
    assert Rating.objects.filter(shop=shop).count() == 2


@pytest.mark.parametrize("body", [{"satisfied": None}, {"satisfied": "perhaps"}, {"word": "x" * 201}, {"stars": 5}])
def test_what_is_no_rating_is_refused(buyer: BuyerOf, body: dict[str, object]) -> None:
    buyer.call("post", "close/", {})
    assert rate(buyer, **body)[0] == 400
    assert not Rating.objects.exists()
