"""Message ids in files: one seen before is skipped, another message's is refused, none is lost in silence."""

import pytest

from agents.models import Shop
from conversations.models import Message
from conversations.states import Sender
from routing import services
from tests.conversations.test_import_rows import Importer, counts, imports, shop  # noqa: F401

pytestmark = pytest.mark.django_db
FIRST = "c1,b1,buyer,,2026-03-02 10:00:00,1,在吗"


def test_an_id_seen_before_in_another_conversation_or_by_another_sender_is_refused(imports: Importer) -> None:  # noqa: F811
    imports.csv(FIRST)
    report = imports.csv(FIRST, "c2,b2,buyer,,2026-03-02 10:00:00,1,我也在", "c1,b1,robot,,2026-03-02 10:00:05,1,您好")
    assert counts(report) == (3, 0, 1, 2)
    reason = "message_id: is that of a message in conversation 'c1' by buyer"
    assert imports.refused == [f"3: {reason}", f"4: {reason}"]
    assert list(Message.objects.values_list("text", flat=True)) == ["在吗"]


def test_the_same_holds_within_one_file(imports: Importer) -> None:  # noqa: F811
    report = imports.csv(FIRST, "c2,b2,buyer,,2026-03-02 10:00:00,1,我也在", FIRST)
    assert counts(report) == (3, 1, 1, 1)


def test_a_live_conversation_s_message_is_skipped_under_each_of_its_names(imports: Importer, shop: Shop) -> None:  # noqa: F811
    for name in ("c1", "c9"):
        services.open_conversation(shop=shop, external_id=name, buyer="b1", entry="goods_detail", message=False)
    services.post_message(shop=shop, conversation="c1", sender=Sender.BUYER, text="在吗", message_id="1")
    report = imports.csv(FIRST, FIRST.replace("c1,", "c9,"))
    assert counts(report) == (2, 0, 2, 0)


@pytest.mark.parametrize("taken", ["person:1:m", "chat:5:12345678", "erased:5:000000000"])
def test_a_file_cannot_take_the_ids_of_people_and_buyers(imports: Importer, taken: str) -> None:  # noqa: F811
    report = imports.csv(FIRST.replace(",1,在吗", f",{taken},在吗"))
    assert counts(report) == (1, 0, 0, 1)
    assert imports.refused == ["2: message_id: begins as the ids of people's own messages do"]
