"""Who waits in a shop's pools, as far as an alert needs it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from agents.models import Shop
from conversations.models import Conversation
from conversations.states import State
from routing.words import pool_words


@dataclass(frozen=True, slots=True)
class Waiting:
    """`since`: when the one who has waited longest began to; `pools`: (name, how many), the longest first."""

    count: int
    since: datetime
    pools: list[tuple[str, int]]


def waiting_in(shop: Shop) -> Waiting | None:
    """None where nobody waits."""
    rows = Conversation.objects.for_shop(shop).filter(state=State.QUEUED, waiting_since__isnull=False)
    found = list(rows.values_list("pool", "waiting_since"))
    if not found:
        return None
    pools = Counter(pool for pool, _since in found)
    named = [(pool_words(pool, shop.platform), count) for pool, count in pools.most_common()]
    return Waiting(len(found), min(since for _pool, since in found if since), named)
