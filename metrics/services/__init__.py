"""What changes rates, penalties and what they are counted by. Each a verb, keyword-only, one transaction."""

from .announcing import announce_penalties
from .assessing import assess
from .checking import check_days, check_some
from .heading import warn_heading
from .importing import import_chats
from .marking import enter_black_room, mark_window
from .overriding import set_override
from .previewing import PreviewDay, preview_override
from .replaying import ask_for_replay, cancel_replay, run_replay
from .retention import keep_only_recent
from .sweeping import freshen, sweep_shop

__all__ = [
    "PreviewDay",
    "announce_penalties",
    "ask_for_replay",
    "assess",
    "cancel_replay",
    "check_days",
    "check_some",
    "enter_black_room",
    "freshen",
    "import_chats",
    "keep_only_recent",
    "mark_window",
    "preview_override",
    "run_replay",
    "set_override",
    "sweep_shop",
    "warn_heading",
]
