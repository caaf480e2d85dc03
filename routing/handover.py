"""To whom a conversation may be given by hand (G8), with what they hold: for the screens. Reads only."""

from dataclasses import dataclass

from agents.models import SubAccount
from agents.permissions import Actor
from agents.vocabulary import AGENT_ROLES, LEADING_ROLES, Platform, Status
from conversations.models import Conversation
from routing.engine.vocabulary import DEFAULT_CAP
from routing.models import AgentCounter
from routing.selectors import current_document


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody online who may be given a conversation, full or not (a full one is said to be)."""

    name: str
    label: str
    load: int
    cap: int | None
    is_me: bool

    @property
    def full(self) -> bool:
        return self.cap is not None and self.load >= self.cap


def cap_of(row: SubAccount) -> int | None:
    """The cap in force: the sub-account's own, else the platform's; None is no limit."""
    return row.max_concurrent or DEFAULT_CAP.get(Platform(row.shop.platform))


def colleagues(actor: Actor) -> list[Target]:
    """Online participants but oneself: to whom somebody who leaves may give what they hold."""
    found = _online(actor, holder=actor.sub_account.pk if actor.sub_account else None)
    return [target for target in found if not target.is_me]


def handover_targets(actor: Actor, conversation: Conversation) -> list[Target]:
    """Online participants but the holder, and the acting leader (taking over); the emptiest first."""
    return _online(actor, holder=conversation.holder_id)


def _online(actor: Actor, holder: int | None) -> list[Target]:
    never = set(current_document(actor.shop)["never_route"])
    me = actor.sub_account
    rows = (
        SubAccount.objects.for_shop(actor.shop)
        .select_related("account", "shop")
        .filter(enabled=True, status=Status.ONLINE)
    )
    loads = dict(AgentCounter.objects.filter(shop=actor.shop).values_list("pk", "open"))
    found = []
    for row in rows:
        is_me = me is not None and row.pk == me.pk
        takes = row.has_role(AGENT_ROLES) and row.name not in never
        if row.pk != holder and (takes or (is_me and row.has_role(LEADING_ROLES))):
            found.append(Target(row.name, row.label, loads.get(row.pk, 0), cap_of(row), is_me))
    return sorted(found, key=lambda t: (t.full, t.load / t.cap if t.cap else t.load / 1000, t.name))
