"""The platforms' data: entries, order statuses, caps, and the codes that decisions are told in."""

from enum import StrEnum

from agents.vocabulary import Platform

ENTRIES: dict[Platform, tuple[str, ...]] = {
    Platform.PINDUODUO: ("shop_home", "goods_detail", "order_detail", "refund_detail", "logistics"),
    Platform.DOUYIN: ("goods_detail", "order_detail", "direct_message", "live", "other"),
}
"""Where a buyer can come from; a platform that is not here keeps any entry and lets it steer nothing."""

ORDER_STATUSES = ("none", "unpaid", "unshipped", "shipped", "received", "after_sale")

DEFAULT_CAP: dict[Platform, int] = {Platform.KUAISHOU: 200, Platform.DOUYIN: 20}
"""The platform's own cap where none is set; no entry = no limit."""

DEFAULT_WEIGHT = 100
SHOP_POOL = "shop"
REPEAT_VISIT = "repeat_visit"


class Mode(StrEnum):
    BASIC = "basic"
    ADVANCED = "advanced"
    GROUPED = "grouped"


MODES: dict[Platform, tuple[Mode, Mode]] = {
    Platform.PINDUODUO: (Mode.BASIC, Mode.ADVANCED),
    Platform.KUAISHOU: (Mode.BASIC, Mode.GROUPED),
}


class Allocation(StrEnum):
    LEAST_SATURATED = "least_saturated"
    EVEN_TODAY = "even_today"
    PRIORITY = "priority"


class Assign(StrEnum):
    UNIFIED = "unified"
    BY_QUESTION = "by_question"


class Trigger(StrEnum):
    OPENED = "opened"
    DRAINED = "drained"
    REASSIGNED = "reassigned"
    TRANSFERRED = "transferred"


RECEIVED = (Trigger.OPENED, Trigger.DRAINED, Trigger.REASSIGNED)
"""What counts as received (G16): not what was given by hand."""


RECENT_RULES = ("PDD1", "KS5", "DY5", "TB1")
"""The rules by which the recent agent gets it and nobody else; KS1 has two halves, and one of them alone is such."""


class Outcome(StrEnum):
    ASSIGNED = "assigned"
    OFFLINE = "offline"
    QUEUED = "queued"


class Found(StrEnum):
    """What a rule found, when it is not simply its candidates."""

    NO_RECENT_CONTACT = "no_recent_contact"
    RECENT_CONTACT_OFF = "recent_contact_off"
    CONTACT_TOO_OLD = "contact_too_old"
    RECENT_AGENT_GONE = "recent_agent_gone"
    RECENT_AGENT_FULL = "recent_agent_full"
    RECENT_AGENT_AWAY = "recent_agent_away"
    RECENT_AGENT_SILENT = "recent_agent_silent"
    RECENT_AGENT_ONLINE = "recent_agent_online"
    PAGE_UNSET = "page_unset"
    STATUS_UNBOUND = "status_unbound"
    STATUS_BOUND = "status_bound"
    NONE_FREE = "none_free"
    NOT_BY_QUESTION = "not_by_question"
    GROUP_FULL = "group_full"
    GROUP_NOT_WAITED_FOR = "group_not_waited_for"
    SOMEBODY_ONLINE = "somebody_online"
    NOBODY_ONLINE = "nobody_online"
    OFFLINE_LIST_OFF = "offline_list_off"
    OFFLINE_LIST_EMPTY = "offline_list_empty"
    ALL_FULL = "all_full"
    LIST_BUSY = "list_busy"
    BY_HAND = "by_hand"
    SILENCE = "silence"


class Excluded(StrEnum):
    """Why somebody whom a rule looked at is no candidate."""

    OFFLINE = "offline"
    BREAK = "break"
    FULL = "full"
    DISABLED = "disabled"
    NOT_AGENT = "not_agent"
    NEVER_ROUTE = "never_route"
    NOT_IN_GROUP = "not_in_group"
    SILENT = "silent"
