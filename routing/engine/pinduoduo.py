"""Pinduoduo 拼多多 (ROUTING section 3): the rules in order."""

from routing.engine.document import Document
from routing.engine.picks import at_random, by_weight
from routing.engine.scopes import Groups, by_status, everyone, everyone_if_recent_away, page, unless_recent_away
from routing.engine.settings import Place, Step
from routing.engine.steps import offline_list, recent_contact, share, wait_all_full, wait_nobody_online
from routing.engine.vocabulary import Mode


def steps(document: Document) -> tuple[Step, ...]:
    """Advanced mode with no groups at all works as basic mode (PDD8)."""
    if _grouped(document):
        middle = (
            share("PDD6", unless_recent_away(Groups(document["groups"]).bound), by_weight, "group"),
            share("PDD7", unless_recent_away(everyone), at_random, "anyone"),
        )
    else:
        middle = (
            share("PDD3", unless_recent_away(page(document["pages"])), at_random, "page"),
            share("PDD4", unless_recent_away(everyone), at_random, "anyone"),
        )
    return (
        recent_contact("PDD1"),
        share("PDD2", everyone_if_recent_away, at_random, "recent_away"),
        *middle,
        offline_list("PDD5"),
        wait_nobody_online(),
        wait_all_full(),
    )


def place(document: Document) -> Place:
    """By the order status's group, else by the page."""
    if _grouped(document):
        return by_status(document["groups"])
    pages = document["pages"]
    return lambda conversation: conversation.entry if conversation.entry in pages else None


def _grouped(document: Document) -> bool:
    return bool(document["mode"] == Mode.ADVANCED and document["groups"])
