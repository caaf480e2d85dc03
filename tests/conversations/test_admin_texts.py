"""Operators run the installation and read nothing of what is said in it: no text of a shop stands in /admin/."""

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents.models import Shop
from conversations.models import AnswerItem, AnswerPart, Block, BuyerAddress, Conversation, Message, QuickAnswer, Rating
from conversations.states import Sender
from outgoing.models import Delivery, Outlet, Push
from routing import services
from routing.models import Decision
from tests.agents.factories import make_account, make_shop

NOW = timezone.now()
SECRET = "买家说过的话"
HIDDEN: dict[type[models.Model], set[str]] = {
    Conversation: {"question"},
    Message: {"text", "image"},
    Rating: {"word"},
    AnswerPart: {"text", "robot_human_words"},
    AnswerItem: {"ask", "answer"},
    QuickAnswer: {"title", "text"},
    Decision: {"reason"},
    Delivery: {"body", "log"},
    Push: {"body", "log"},
    Block: {"reason", "network"},
    BuyerAddress: {"network"},
}
OPEN = {
    "conversations.buyer.external_id",
    "conversations.conversation.external_id",
    "conversations.conversation.entry",
    "conversations.conversation.pool",
    "conversations.conversation.order_status",
    "conversations.conversationname.external_id",
    "conversations.message.identity",
    "conversations.answerpart.token",
    "conversations.erasedbuyer.digest",
    "conversations.missingimage.name",
}
"""Free text in conversations' models that operators may see: ids, and codes of the routing."""


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(make_account("operator", operator=True))
    return client


def furnished(shop: Shop) -> list[models.Model]:
    """A row of each model with texts, the secret in all of them."""
    row = services.open_conversation(shop=shop, buyer="b1", entry="goods_detail").conversation
    message, _ = services.post_message(shop=shop, conversation=row.external_id, sender=Sender.BUYER, text=SECRET)
    Conversation.objects.filter(pk=row.pk).update(question=SECRET)
    Decision.objects.filter(conversation=row).update(reason=SECRET)
    part = AnswerPart.objects.create(
        shop=shop, part="robot", text=SECRET, robot_human_words=SECRET, saved_at=timezone.now()
    )
    item = AnswerItem.objects.create(shop=shop, part=part, position=1, ask=SECRET, answer=SECRET)
    outlet = Outlet.objects.create(shop=shop, name="ERP", kind="webhook", address="https://erp.example/")
    told = {"at": "2026-03-02", "status": 500, "error": "http_500", "answer": SECRET, "ms": 3}
    sent = Delivery.objects.create(
        shop=shop, outlet=outlet, event="message", key="1", body=SECRET, log=[told], since=NOW, next_at=NOW
    )
    return [
        row,
        message,
        sent,
        part,
        item,
        Rating.objects.create(conversation=row, shop=shop, satisfied=True, word=SECRET, at=timezone.now()),
        QuickAnswer.objects.create(shop=shop, title=SECRET, text=SECRET),
        Decision.objects.filter(conversation=row).latest("pk"),
    ]


@pytest.mark.django_db
def test_no_page_of_the_admin_shows_or_finds_what_was_said(operator: Client) -> None:
    for row in furnished(make_shop()):
        name = f"{row._meta.app_label}_{row._meta.model_name}"
        page = reverse(f"admin:{name}_changelist")
        for path in (page, f"{page}?q=b1", reverse(f"admin:{name}_change", args=[row.pk])):
            answer = operator.get(path)
            assert answer.status_code == 200, path
            assert SECRET not in answer.content.decode(), path
        found = operator.get(page, {"q": SECRET}).context["cl"].result_count
        assert found == 0, f"{name} is searched by its texts"


@pytest.mark.parametrize("model", HIDDEN)
def test_the_texts_are_neither_shown_nor_searched_nor_filtered_by(model: type[models.Model], rf) -> None:
    looked_at = admin.site._registry[model]
    request = rf.get("/")
    named = {*looked_at.get_list_display(request), *looked_at.search_fields, *map(str, looked_at.list_filter)}
    assert not HIDDEN[model] & named
    assert set(looked_at.exclude or ()) >= HIDDEN[model]


def test_a_new_text_of_a_conversation_is_hidden_or_named_here() -> None:
    unknown = [
        f"{model._meta.app_label}.{model._meta.model_name}.{field.name}"
        for model in admin.site._registry
        if model._meta.app_label == "conversations"
        for field in model._meta.fields
        if isinstance(field, models.CharField | models.TextField | models.FileField)
        and not field.choices
        and field.name not in HIDDEN.get(model, set())
    ]
    assert set(unknown) == OPEN


@pytest.mark.django_db
def test_an_operator_reaches_no_message_by_the_shop_s_pages_and_api(operator: Client) -> None:
    shop = make_shop("pdd")
    row = furnished(shop)[0]
    assert operator.get(f"/s/pdd/conversations/{row.pk}/").status_code in (403, 404)
    assert operator.get(f"/s/pdd/records/{row.pk}/").status_code in (403, 404)
    assert operator.get(f"/api/v1/shops/pdd/conversations/{row.pk}/messages/").status_code in (403, 404)
