"""Chat history into a shop, with the days that it touches marked to be counted again (CONTRACT 4, METRICS 2)."""

from collections.abc import Callable
from datetime import datetime

from agents.models import Shop
from conversations.services.importing import ChatFile, Progress, Refusal, Report, import_history
from conversations.services.importing.store import Stored
from metrics.services.following import mark_touched, touched_days


def import_chats(
    *,
    shop: Shop,
    file: ChatFile,
    strict: bool,
    now: datetime,
    on_refused: Callable[[Refusal], None],
    on_progress: Progress = lambda read, total: None,
) -> Report:
    """Import `file` (see conversations.services.importing); each batch marks its days in its own transaction, so
    that nothing goes in without being counted."""

    def mark(stored: Stored) -> None:
        if stored.since is not None:
            mark_touched(shop, touched_days(shop, stored.conversations, stored.since))

    return import_history(
        shop=shop,
        file=file,
        strict=strict,
        now=now,
        on_refused=on_refused,
        on_stored=mark,
        on_progress=on_progress,
    )
