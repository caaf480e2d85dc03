"""Ids that clients choose: a hit is the same sender's thing in the same place, or refused; nobody takes another's."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse

from agents.errors import Refused
from agents.models import Shop
from agents.vocabulary import Role
from chat.services import Opening, rate
from chat.services import say as buyer_says
from conversations.models import Conversation, Message
from routing import services
from tests.agents.factories import make_key, make_member, make_shop
from tests.routing.test_api import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return make_shop("pdd")


@pytest.fixture
def key(shop: Shop) -> Caller:
    return Caller(shop, key=make_key(shop)[1])


@pytest.fixture
def agent(shop: Shop) -> Caller:
    return Caller(shop, member=make_member(shop, name="a1"))


def opened(key: Caller, buyer: str, **more: str) -> int:
    status, answer = key("POST", "conversations/", {"buyer": buyer, "entry": "goods_detail", **more})
    assert status == 201
    return answer["id"]


def held(shop: Shop, key: Caller, buyer: str, name: str = "a1") -> int:
    """A conversation that the agent holds."""
    pk = opened(key, buyer)
    row = Conversation.objects.get(pk=pk)
    services.set_presence(shop=shop, agent=name, status="online")
    if Conversation.objects.get(pk=pk).holder is None:
        services.transfer_conversation(shop=shop, conversation=row.external_id, by=name, to=name)
    services.set_presence(shop=shop, agent=name, status="offline")
    return pk


def say(caller: Caller, pk: int, text: str, message_id: str, **more: str) -> tuple[int, dict]:
    return caller("POST", f"conversations/{pk}/messages/", {"text": text, "message_id": message_id, **more})


def texts(pk: int) -> list[str]:
    return list(Message.objects.filter(conversation=pk).values_list("text", flat=True))


def test_an_agent_gets_nothing_of_a_message_whose_id_they_name(shop, key, agent) -> None:
    own, foreign = held(shop, key, "b2"), opened(key, "b1")
    assert say(key, foreign, "我的地址是…", "m7", sender="buyer")[0] == 201
    status, answer = say(agent, own, "您好", "m7")
    assert (status, answer["text"], answer["message_id"]) == (201, "您好", "m7")
    assert texts(foreign) == ["我的地址是…"]


def test_an_agent_who_names_the_next_ids_first_stops_no_message_of_the_program(shop, key, agent) -> None:
    mine, theirs = held(shop, key, "b1"), [opened(key, f"b{n}") for n in range(2, 5)]
    for number in range(100, 104):
        assert say(agent, mine, "占位", str(number))[0] == 201
    assert [say(key, pk, f"第{pk}句", str(100 + n), sender="buyer")[0] for n, pk in enumerate(theirs)] == [201] * 3
    assert [texts(pk) for pk in theirs] == [[f"第{pk}句"] for pk in theirs]


def test_two_people_may_choose_the_same_id(shop, key, agent) -> None:
    other = Caller(shop, member=make_member(shop, name="a2"))
    first = held(shop, key, "b1")
    assert say(agent, first, "您好", "1")[0] == 201
    second = held(shop, key, "b2", name="a2")
    assert say(other, second, "在的", "1")[0] == 201
    assert (texts(first), texts(second)) == (["您好"], ["在的"])


@pytest.mark.parametrize(
    ("where", "sender", "status"), [("here", "buyer", 200), ("elsewhere", "buyer", 409), ("here", "agent", 409)]
)
def test_a_program_s_repeated_id_is_the_same_message_or_refused(shop, key, agent, where, sender, status) -> None:
    first, second = held(shop, key, "b1"), held(shop, key, "b2")
    before = say(key, first, "在吗", "m1", sender="buyer")[1]
    got, answer = say(key, first if where == "here" else second, "另一句", "m1", sender=sender)
    assert got == status
    if status == 200:
        assert answer["id"] == before["id"]
    else:
        assert (answer["code"], list(answer["fields"])) == ("message_id_taken", ["message_id"])
        assert "在吗" not in json.dumps(answer, ensure_ascii=False)
    assert (texts(first), texts(second)) == (["在吗"], [])


def test_a_person_who_repeats_an_id_in_another_conversation_is_told(shop, key, agent) -> None:
    first, second = held(shop, key, "b1"), held(shop, key, "b2")
    assert say(agent, first, "您好", "1")[0] == 201
    assert say(agent, first, "您好", "1")[0] == 200
    status, answer = say(agent, second, "在的", "1")
    assert (status, answer["code"]) == (409, "message_id_taken")


def test_a_repeated_id_counts_under_the_conversation_s_other_name_too(shop, key) -> None:
    """G18: the buyer who opens again goes on in the conversation that is open."""
    pk = opened(key, "b1", external_id="x1")
    assert key("POST", "conversations/", {"buyer": "b1", "entry": "goods_detail", "external_id": "x2"})[1]["id"] == pk
    assert say(key, pk, "在吗", "m1", sender="buyer")[0] == 201
    assert say(key, pk, "在吗", "m1", sender="buyer")[0] == 200


@pytest.mark.parametrize("taken", ["person:{agent}:1", "chat:{buyer}:12345678", "erased:{buyer}:000000000"])
def test_a_program_cannot_name_the_ids_of_people_and_buyers(shop, key, agent, taken: str) -> None:
    pk = held(shop, key, "b1")
    row = Conversation.objects.get(pk=pk)
    taken = taken.format(agent=row.holder_id, buyer=row.buyer_id)
    status, answer = say(key, pk, "占位", taken, sender="buyer")
    assert (status, answer["code"]) == (422, "id_reserved")
    assert texts(pk) == []


def test_an_overlong_id_of_a_person_stays_in_their_namespace(shop, key, agent) -> None:
    own, other = held(shop, key, "b1"), opened(key, "b2")
    long = "x" * 200
    assert say(agent, own, "您好", long)[0] == 201
    assert say(agent, own, "您好", long)[0] == 200
    assert say(key, other, "在吗", long, sender="buyer")[0] == 201


def test_the_screen_s_form_ids_are_the_writer_s_own(shop, key, agent) -> None:
    other = Caller(shop, member=make_member(shop, name="a2"))
    for caller, buyer, name in ((agent, "b1", "a1"), (other, "b2", "a2")):
        pk = held(shop, key, buyer, name)
        url = reverse("conversation_post", args=[shop.slug, pk])
        for _ in range(2):
            assert caller.client.post(url, {"text": "好的", "message_id": "same"}).status_code == 200
        assert texts(pk) == ["好的"]


def test_a_buyer_s_id_is_never_another_buyer_s(shop, key) -> None:
    """The chat: both browsers draw the same id, both messages go in."""

    drawn = uuid4().hex
    for buyer in ("甲", "乙"):
        assert (
            buyer_says(shop=shop, buyer=buyer, message_id=drawn, opening=Opening("goods_detail"), text=buyer)[1] is True
        )
    assert set(Message.objects.filter(shop=shop, sender="buyer").values_list("text", flat=True)) == {"甲", "乙"}


def test_an_external_id_of_another_buyer_is_refused_and_tells_nothing(shop, key) -> None:
    opened(key, "b1", external_id="x1")
    status, answer = key("POST", "conversations/", {"buyer": "b2", "entry": "goods_detail", "external_id": "x1"})
    assert (status, answer["code"], list(answer["fields"])) == (409, "external_id_taken", ["external_id"])
    assert not Conversation.objects.filter(shop=shop, buyer__external_id="b2").exists()


def test_a_leader_s_external_ids_are_their_own(shop, key) -> None:
    leader = Caller(shop, member=make_member(shop, Role.CS_MANAGER, name="m1"))
    asked = {"buyer": "b1", "entry": "goods_detail", "external_id": "x1"}
    status, theirs = leader("POST", "conversations/", asked)
    assert (status, theirs["external_id"]) == (201, "x1")
    assert leader("POST", "conversations/", asked)[0] == 200
    assert key("POST", "conversations/", asked | {"buyer": "b2"})[0] == 201
    assert key("GET", f"conversations/{theirs['id']}/")[1]["external_id"] != "x1"
    status, answer = key("POST", "conversations/", asked | {"buyer": "b3", "external_id": "person:1:x9"})
    assert (status, answer["code"]) == (422, "id_reserved")


def test_a_rating_names_only_a_conversation_of_the_buyer_who_rates(shop, key) -> None:

    opened(key, "b1", external_id="x1")
    with pytest.raises(Refused) as refused:
        rate(shop=shop, buyer="b2", conversation="x1", satisfied=False)
    assert refused.value.code == "unknown_conversation"
