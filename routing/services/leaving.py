"""Going offline with conversations open: they are kept, given back to the rules, or handed to a colleague."""

from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from agents.models import Account, Shop
from agents.services import drop_lease
from agents.vocabulary import Status
from conversations.models import Conversation
from conversations.states import State
from routing.engine import events
from routing.engine.types import Decision
from routing.services.lane import check_known, in_lane
from routing.services.people import find_member, put_presence


class Leaving(StrEnum):
    KEEP = "keep"
    HAND_BACK = "hand_back"
    TRANSFER = "transfer"


def go_offline(
    *,
    shop: Shop,
    agent: str,
    then: Leaving,
    to: str = "",
    by: Account | None = None,
    device: str = "",
    reason: str = "",
    now: datetime | None = None,
) -> list[Decision]:
    """Set somebody offline and do with their open conversations as they say, in one transaction.

    Kept ones stay theirs; the unanswered of them go on by G9 in any case. Given back: all are decided again at once,
    and what nobody can take stays (G9). Transferred: all to `to`, over the cap too (G8). Refused as a transfer is:
    then nothing has changed.
    """
    with in_lane(shop, now) as work:
        row = find_member(shop, agent)
        held = Conversation.objects.for_shop(shop).filter(state=State.OPEN, holder=row).order_by("opened_seq")
        names = list(held.values_list("external_id", flat=True))
        if then is Leaving.TRANSFER:
            check_known(work, to=to)
            for name in names:
                work.happen(events.Transfer(name, agent, to, _("Went offline")))
        put_presence(work, row, Status.OFFLINE, by=by, device=device, reason=reason)
        drop_lease(sub_account=row)
        if then is Leaving.HAND_BACK:
            for name in names:
                found = work.state.find(name)
                if found is not None and found.agent == agent:
                    work.happen(events.HandBack(name))
        return work.decisions
