"""Each rule's short name and what it does in one sentence, short enough for a box of the rule path."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class Rule(NamedTuple):
    name: Words
    sentence: Words


_RECENT = _("Recent contact")
_ANYONE = _("Anyone free")
_GROUP = _("Group of the order status")
_ENTRY = _("Agents of the entry")
_OFFLINE = _("Offline list")
_WAITS = _("Waits in line")
_EVEN_WHOLE_SHOP = _("Fewest received today, of the whole shop")
_RANDOM_WHOLE_SHOP = _("Random among the free of the whole shop")
_LEAST_OFFLINE = _("Fewest offline ones today goes first")
_ONLINE_EVEN_FULL = _("Online: to them, full or not")

RULES: dict[str, Rule] = {
    "PDD1": Rule(_RECENT, _ONLINE_EVEN_FULL),
    "PDD2": Rule(_ANYONE, _("Recent agent not online: random among the free of the whole shop")),
    "PDD3": Rule(_("Agents of the page"), _("Random among the free of this page")),
    "PDD4": Rule(_ANYONE, _RANDOM_WHOLE_SHOP),
    "PDD5": Rule(_OFFLINE, _LEAST_OFFLINE),
    "PDD6": Rule(_GROUP, _("Random by weight in the group")),
    "PDD7": Rule(_ANYONE, _RANDOM_WHOLE_SHOP),
    "KS1": Rule(_RECENT, _ONLINE_EVEN_FULL),
    "KS2": Rule(_("Evenly"), _EVEN_WHOLE_SHOP),
    "KS3": Rule(_OFFLINE, _LEAST_OFFLINE),
    "KS5": Rule(_RECENT, _ONLINE_EVEN_FULL),
    "KS6": Rule(_GROUP, _("All full: waits for this group")),
    "KS9": Rule(_GROUP, _("Fewest received today, in the group")),
    "KS10": Rule(_ANYONE, _RANDOM_WHOLE_SHOP),
    "DY3": Rule(_ENTRY, _("Least saturated first")),
    "DY4": Rule(_ENTRY, _("Fewest received today first")),
    "DY5": Rule(_("Repeat visit"), _("Online: to them, without robot and line")),
    "DY7": Rule(_WAITS, _("In the line of its entry")),
    "DY8": Rule(_("Overflow"), _("Any other free agent")),
    "DY11": Rule(_OFFLINE, _LEAST_OFFLINE),
    "DY12": Rule(_ENTRY, _("Least saturated first")),
    "TB1": Rule(_RECENT, _ONLINE_EVEN_FULL),
    "TB2": Rule(_GROUP, _("Random by weight, the busy get less")),
    "TB3": Rule(_("All groups"), _("No group bound: members of all groups")),
    "TB6": Rule(_ANYONE, _("By weight, the whole shop")),
    "TB7": Rule(_OFFLINE, _LEAST_OFFLINE),
    "TB8": Rule(_("Everyone"), _("Random, the busy get less")),
    "G5": Rule(_WAITS, _("Until somebody comes online")),
    "G8": Rule(_("By hand"), _("Somebody transferred or assigned it")),
    "G21": Rule(_("Reassign on silence"), _("Nobody answered: decided again without them")),
    "G17": Rule(_WAITS, _("Until somebody is free")),
}

OF_KIND: dict[tuple[str, str], Rule] = {
    ("KS1", "recent_away"): Rule(_ANYONE, _RANDOM_WHOLE_SHOP),
}
"""Where one id stands for two halves of a rule."""

RECENT_WITHIN_CAP = _("Online and not full: to them")
GROUP_WAITS = _("Fewest received today, in the group; a full group is waited for")
RECENT_OFF = _("Switched off")
OFFLINE_OFF = _("Switched off")
OFFLINE_EMPTY = _("Nobody in it")


def _rule(rule: str, kind: str) -> Rule:
    return OF_KIND.get((rule, kind)) or RULES[rule]


def rule_name(rule: str, kind: str = "") -> Words:
    """`kind` as in the engine's `Step.kind`: tells the halves of KS1 apart."""
    return _rule(rule, kind).name


def rule_sentence(rule: str, kind: str = "") -> Words:
    return _rule(rule, kind).sentence
