"""What a shop's automatic answers do, in words: what is on, and what of it counts for the reply rates (M13)."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from agents.labels import listed
from agents.models import Shop
from agents.vocabulary import Platform
from conversations.answering import Part, When
from conversations.labels import ANSWER_PARTS
from conversations.selectors import PartState
from metrics.formulas.days import day_of
from metrics.selectors.definitions import shop_definitions
from metrics.selectors.rates import metric_label


def sentence_of(states: list[PartState]) -> str:
    """What is on, in one line."""
    on = [_told(state) for state in states if state.on]
    off = [str(ANSWER_PARTS[state.part]) for state in states if not state.on]
    if not on:
        return _("Nothing answers by itself: whatever buyers write waits for an agent.")
    if not off:
        return _("All four are on: %(on)s.") % {"on": listed(on)}
    return _("On: %(on)s. Off: %(off)s.") % {"on": listed(on), "off": listed(off)}


def _told(state: PartState) -> str:
    label = str(ANSWER_PARTS[state.part])
    if state.part == Part.GREETING:
        return label
    told = _("%(label)s (%(count)s)") % {"label": label, "count": state.count}
    return _("%(robot)s only outside staffed hours") % {"robot": told} if state.when == When.UNSTAFFED else told


@dataclass(frozen=True, slots=True)
class Counting:
    """Whether one of the four counts for the reply rates of the shop, in words."""

    counts: bool
    text: str
    more: str


def counting_of(shop: Shop, part: Part) -> Counting:
    if part != Part.ROBOT:
        more = _("The buyer still waits for an answer that counts.")
        return Counting(False, _("Does not count for the reply rate."), more)
    today = shop_definitions(shop).on(day_of(timezone.now(), shop.zone))
    counted = listed([str(metric_label(one.key, one.platform)) for one in today if one.counts_robot])
    others = listed([str(metric_label(one.key, one.platform)) for one in today if not one.counts_robot])
    differ = _("The sources differ: one counts people's and robots' answers, another only people's.")
    if not counted:
        if shop.platform == Platform.PINDUODUO:
            return Counting(False, _("Does not count: this shop counts only people's answers."), differ)
        more = _("What buyers write to the robot starts no clock either, until a person takes over.")
        return Counting(False, _("Does not count: only people's answers do on this platform."), more)
    parts = [_("Not for %(metrics)s.") % {"metrics": others}] if others else []
    if shop.platform == Platform.PINDUODUO:
        parts.append(differ + _(" This shop counts both, as is usual."))
    return Counting(True, _("Counts as a reply for %(metrics)s.") % {"metrics": counted}, "".join(parts))
