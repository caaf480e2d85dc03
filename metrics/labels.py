"""Words for people: metrics, penalties, states, what people said about a window."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from metrics.formulas.kinds import Kind
from metrics.formulas.measures import TOOK

METRICS = {
    "reply_5m": _("5-minute reply rate"),
    "reply_15m": _("15-minute reply rate"),
    "reply_60m": _("1-hour reply rate"),
    "human_3m": _("3-minute human reply rate"),
    "reply_2m": _("2-minute reply rate"),
}
OWN_WORDS = {("taobao", "human_3m"): _("3-minute human response rate")}
"""What a platform calls by a word of its own (METRICS 3)."""

KINDS = {
    Kind.RESOURCE_SLOT_REMOVAL: _("Removed from resource slots"),
    Kind.RESOURCE_SLOT_BAN: _("Barred from resource slots"),
    Kind.AD_REMOVAL: _("Ads removed"),
    Kind.ACTIVITY_BAN: _("Barred from activities"),
    Kind.BLACK_ROOM: _("Black room"),
}
WINDOW_STATES = {
    "open": _("In force"),
    "ended": _("Ended"),
    "withdrawn": _("Withdrawn"),
}
MARKS = {
    "confirmed": _("Confirmed"),
    "dismissed": _("Dismissed"),
}
ALERT_EVENTS = {
    "opened": _("Penalty expected"),
    "prolonged": _("Penalty prolonged"),
    "withdrawn": _("Penalty withdrawn"),
    "ended": _("Penalty over"),
}

MEASURES = {
    "buyers": _("buyers"),
    "answered_buyers": _("answered buyers"),
    "robot_buyers": _("buyers of the robot alone"),
    "questions": _("questions"),
    "answers": _("answers of people"),
    "replies": _("runs of questions answered"),
    "robot_answers": _("robot's answers"),
    "characters": _("characters"),
    "responses": _("responses"),
    "response_seconds": _("seconds to respond"),
    "first_responses": _("first responses"),
    "first_seconds": _("seconds to the first response"),
    "slow": _("slow replies"),
    "never": _("never answered"),
    "received": _("received"),
    "direct": _("direct in"),
    "recent": _("by recent contact"),
    "transferred_in": _("transferred in"),
    "transferred_out": _("transferred out"),
    "offline": _("offline ones"),
    "offline_answered": _("offline ones answered"),
    "waits": _("waits"),
    "waits_over": _("waits that ended"),
    "wait_seconds": _("seconds waited"),
    "abandoned": _("abandoned waits"),
    "closed": _("closed"),
    "handling_seconds": _("seconds of handling"),
    "satisfied": _("satisfied"),
    "dissatisfied": _("not satisfied"),
} | {name: format_lazy(_("responses of class {number}"), number=number) for number, name in enumerate(TOOK)}
"""Columns of the rollups (metrics.formulas.measures)."""
