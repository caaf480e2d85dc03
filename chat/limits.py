"""Limits on the calls of buyers (docs/chat.md)."""

from core.limits import Limit

TABLE = "CHAT_LIMITS"

CALLS, NEW_BUYERS = Limit(TABLE, "calls"), Limit(TABLE, "new_buyers")
"""By network (core.http.addresses): many buyers may share one, behind a company's or a provider's gateway."""

READS, MESSAGES, IMAGES, RATINGS = (Limit(TABLE, name) for name in ("reads", "messages", "images", "ratings"))
"""By buyer."""
