"""Douyin 抖店 飞鸽 (ROUTING section 5): the rules in order."""

from routing.engine.document import Document
from routing.engine.picks import Pick, least_received, least_saturated
from routing.engine.scopes import Entries
from routing.engine.settings import Place, Step
from routing.engine.steps import offline_list, recent_contact, share, wait_for_list, wait_nobody_online
from routing.engine.vocabulary import REPEAT_VISIT, Allocation

SHARING: dict[str, tuple[str, Pick]] = {
    Allocation.LEAST_SATURATED: ("DY3", least_saturated),
    Allocation.EVEN_TODAY: ("DY4", least_received),
    Allocation.PRIORITY: ("DY12", least_saturated),
}
"""The way of sharing: its rule and how it picks. `priority` is the recent agent (DY5), then the least saturated."""


def steps(document: Document) -> tuple[Step, ...]:
    """Overflow (DY8) is in the list only where it is switched on."""
    entries = Entries(document["entries"])
    rule, pick = SHARING[document["allocation"]]
    overflow = (share("DY8", entries.others, pick, "overflow"),) if document["queue"]["overflow"] else ()
    return (
        recent_contact("DY5", REPEAT_VISIT),
        share(rule, entries.of, pick, "entry"),
        *overflow,
        offline_list("DY11"),
        wait_nobody_online(),
        wait_for_list("DY7", entries.of),
    )


def place(document: Document) -> Place:
    """By the list of the entry or question."""
    placed = Entries(document["entries"]).placed
    return lambda conversation: placed(conversation.entry or "", conversation.question)
