"""Imported history counts for the recent-contact rule (CONTRACT 4, ROUTING 1)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.models import Shop
from conversations.models import Buyer
from tests.agents.factories import make_agent
from tests.conversations.test_import_rows import Importer

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return Shop.objects.create(slug="s", name="店", platform="pinduoduo", seed=1)


@pytest.fixture
def imports(shop: Shop, tmp_path: Path) -> Importer:
    return Importer(shop, tmp_path)


def line(number: int, sender: str, clock: str, agent: str = "", conversation: str = "c1") -> str:
    return f"{conversation},b1,{sender},{agent},2026-03-02T{clock}:00Z,{number},x"


def contact() -> tuple[str | None, str | None]:
    buyer = Buyer.objects.get(external_id="b1")
    return (buyer.recent_agent and buyer.recent_agent.name, buyer.contact_at and f"{buyer.contact_at:%H:%M}")


def test_the_last_writer_is_the_recent_agent_and_the_last_word_of_buyer_or_agent_the_contact(
    imports: Importer,
) -> None:
    imports.csv(line(1, "agent", "10:00", "a1"), line(2, "agent", "10:05", "a2"), line(3, "buyer", "10:07"))
    assert contact() == ("a2", "10:07")


def test_robot_and_automatic_messages_are_no_contact_G20(imports: Importer) -> None:
    imports.csv(line(1, "agent", "10:00", "a1"), line(2, "robot", "10:05"), line(3, "auto", "10:06"))
    assert contact() == ("a1", "10:00")


def test_a_conversation_that_nobody_held_is_no_contact(imports: Importer) -> None:
    imports.csv(line(1, "buyer", "10:00"), line(2, "agent", "10:05", ""))
    assert contact() == (None, None)


def test_of_overlapping_conversations_the_later_contact_counts(imports: Importer) -> None:
    imports.csv(
        line(1, "agent", "10:00", "a1", "c1"),
        line(2, "agent", "09:00", "a2", "c2"),
        line(3, "buyer", "11:00", "", "c2"),
    )
    assert contact() == ("a2", "11:00")


def test_older_history_does_not_replace_a_newer_contact(imports: Importer, shop: Shop) -> None:
    newest = make_agent(shop, "now")
    when = datetime(2026, 3, 2, 23, tzinfo=UTC)
    Buyer.objects.create(shop=shop, external_id="b1", recent_agent=newest, contact_at=when)
    imports.csv(line(1, "agent", "10:00", "a1"))
    assert contact() == ("now", "23:00")


def test_pieces_in_the_wrong_order_give_the_same_contact(imports: Importer) -> None:
    imports.csv(line(3, "buyer", "10:07"))
    assert contact() == (None, None)
    imports.csv(line(2, "agent", "10:05", "a2"))
    imports.csv(line(1, "agent", "10:00", "a1"))
    assert contact() == ("a2", "10:07")
