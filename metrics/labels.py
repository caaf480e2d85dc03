"""Words for people: metrics, penalties, states, what people said about a window."""

from django.utils.translation import gettext_lazy as _

from metrics.formulas.kinds import Kind

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
