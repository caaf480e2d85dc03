"""What changes who gets it: verbs, keyword-only, each one transaction in the shop's lane."""

from .conversations import (
    ask_human,
    close_conversation,
    open_conversation,
    post_message,
    rate_conversation,
    transfer_conversation,
)
from .counters import compare_counters
from .credentials import end_suspended_presence, reset_password, reset_second_factors
from .ending import Ended, change_member, end_account_presence, end_lost_presence, end_presence
from .following import follow_shifts
from .leases import lapse_leases, overdue_shops
from .leaving import Leaving, go_offline
from .people import (
    accept_invitation,
    add_sub_account,
    add_sub_accounts,
    ask_back,
    change_sub_account,
    note_app_login,
    set_presence,
)
from .retention import trim_events
from .settings import StaleVersion, checked_document, hide_page, publish, restore
from .time_outs import quiet_shops, run_time_outs, silent_shops
from .trying import Trial, try_decision

__all__ = [
    "Ended",
    "Leaving",
    "StaleVersion",
    "Trial",
    "accept_invitation",
    "add_sub_account",
    "add_sub_accounts",
    "ask_back",
    "ask_human",
    "change_member",
    "change_sub_account",
    "checked_document",
    "close_conversation",
    "compare_counters",
    "end_account_presence",
    "end_lost_presence",
    "end_presence",
    "end_suspended_presence",
    "follow_shifts",
    "go_offline",
    "hide_page",
    "lapse_leases",
    "note_app_login",
    "open_conversation",
    "overdue_shops",
    "post_message",
    "publish",
    "quiet_shops",
    "rate_conversation",
    "reset_password",
    "reset_second_factors",
    "restore",
    "run_time_outs",
    "set_presence",
    "silent_shops",
    "transfer_conversation",
    "trim_events",
    "try_decision",
]
