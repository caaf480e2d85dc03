"""Taobao 淘宝 千牛 (ROUTING section 6): the rules in order."""

from routing.engine.document import Document
from routing.engine.picks import by_weight_and_busyness
from routing.engine.scopes import Groups, by_status, everyone
from routing.engine.settings import Place, Step
from routing.engine.steps import offline_list, recent_contact, share, wait_all_full, wait_nobody_online


def steps(document: Document) -> tuple[Step, ...]:
    """Every random choice goes by weight × busyness (TB4, TB5); without groups, all participants (TB8)."""
    pick = by_weight_and_busyness(document["busy_threshold"])
    if document["groups"]:
        groups = Groups(document["groups"])
        middle: tuple[Step, ...] = (
            share("TB2", groups.bound, pick, "group"),
            share("TB3", groups.all_if_unbound, pick, "all_groups"),
            share("TB6", groups.everyone_weighted, pick, "anyone"),
        )
    else:
        middle = (share("TB8", everyone, pick, "anyone"),)
    return (recent_contact("TB1"), *middle, offline_list("TB7"), wait_nobody_online(), wait_all_full())


def place(document: Document) -> Place:
    """By the groups that bind the order status."""
    return by_status(document["groups"])
