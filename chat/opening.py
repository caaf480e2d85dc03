"""Where a buyer comes from: what a page says of it, brought to what the platform knows.

A page that names an entry wrongly must not keep a buyer out: they come by the platform's most general one.
"""

from agents.vocabulary import Platform
from routing.engine.document import Document
from routing.engine.vocabulary import ENTRIES, ORDER_STATUSES, Assign

DEFAULT_ENTRY = {Platform.PINDUODUO: "shop_home", Platform.DOUYIN: "other"}
LONGEST_ENTRY = 50


def entry_of(platform: str, given: str) -> str:
    """The entry by which a buyer comes; Kuaishou and Taobao keep any name, and it steers nothing there."""
    known = ENTRIES.get(Platform(platform))
    if known is None:
        return given[:LONGEST_ENTRY]
    return given if given in known else DEFAULT_ENTRY[Platform(platform)]


def order_status_of(given: str) -> str | None:
    return given if given in ORDER_STATUSES else None


def questions_of(document: Document, entry: str) -> list[str]:
    """What a buyer picks from before the conversation opens (DY1); empty where the entry asks nothing."""
    settings = document.get("entries", {}).get(entry)
    if settings is None or settings["assign"] != Assign.BY_QUESTION:
        return []
    return list(settings["questions"])
