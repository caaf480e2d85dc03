"""Kuaishou 快手小店 (ROUTING section 4): the rules in order."""

from routing.engine.document import Document
from routing.engine.picks import at_random, least_received
from routing.engine.scopes import Groups, by_status, everyone, everyone_if_recent_away, unless_recent_away
from routing.engine.settings import Place, Step
from routing.engine.steps import (
    offline_list,
    recent_contact,
    share,
    wait_all_full,
    wait_for_group,
    wait_nobody_online,
)
from routing.engine.vocabulary import Mode


def steps(document: Document) -> tuple[Step, ...]:
    """Grouped mode without any group works as basic mode (KS8)."""
    if _grouped(document):
        bound = Groups(document["groups"]).bound
        first: tuple[Step, ...] = (
            recent_contact("KS5"),
            share("KS9", bound, least_received, "group"),
            wait_for_group("KS6", bound),
            share("KS10", everyone, at_random, "anyone"),
        )
    else:
        first = (
            recent_contact("KS1"),
            share("KS1", everyone_if_recent_away, at_random, "recent_away"),
            share("KS2", unless_recent_away(everyone), least_received, "even"),
        )
    return (*first, offline_list("KS3"), wait_nobody_online(), wait_all_full())


def place(document: Document) -> Place:
    """By the order status's group; in basic mode all alike."""
    return by_status(document["groups"] if _grouped(document) else [])


def _grouped(document: Document) -> bool:
    return bool(document["mode"] == Mode.GROUPED and document["groups"])
