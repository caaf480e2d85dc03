"""The list of sub-accounts: who, with what, since when seen; and whom the filter leaves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from agents.labels import SUSPENSIONS
from agents.models import Invitation, Shop, SubAccount
from agents.permissions import Actor, Permission, may, may_edit_sub_account, may_reset_password, may_set_cap
from agents.selectors import invitations_of, only_main, sub_accounts_of
from agents.services import locked_accounts
from agents.vocabulary import SuspensionReason
from routing.forms.sub_accounts import FilterForm
from routing.roster import people_of
from routing.selectors import current_document
from routing.words import Person, seen_words


@dataclass(frozen=True)
class Row:
    sub_account: SubAccount
    person: Person
    seen: str
    may_edit: bool
    may_cap: bool
    may_reset: bool
    locked: bool
    """After too many failures they cannot sign in for the moment."""
    me: bool
    last_main: bool
    suspension: str
    """Why the place is suspended, in words; empty unless it is."""
    never: bool
    """On the never-route list: nobody is routed to them."""

    def fits(self, asked: dict[str, str]) -> bool:
        """Whether a filter leaves them: `q` in the account or the display name, `role`, `state` on or off."""
        text = asked.get("q", "").casefold()
        found = text in self.person.account.casefold() or text in self.person.label.casefold()
        role, state = asked.get("role"), asked.get("state")
        return (
            found
            and (not role or role in self.sub_account.roles)
            and (not state or self.sub_account.enabled == (state == "on"))
        )


@dataclass(frozen=True)
class Asked:
    """An invitation that waits for its answer."""

    invitation: Invitation
    may_edit: bool


def rows_of(shop: Shop, actor: Actor) -> list[Row]:
    """Everybody of the shop, the enabled first."""
    subs, people = list(sub_accounts_of(shop)), people_of(shop)
    never = set(current_document(shop).get("never_route", ()))
    me = actor.sub_account.pk if actor.sub_account else None
    last_main = only_main(subs)
    now = timezone.now()
    locked = locked_accounts([sub.account_id for sub in subs if sub.account_id], now)
    rows = [
        Row(
            sub_account=sub,
            person=people[sub.name],
            seen=seen_words(_seen(sub), sub.status if sub.enabled else "", now),
            may_edit=may_edit_sub_account(actor, sub.roles),
            may_cap=may_set_cap(actor, sub.roles),
            may_reset=may_reset_password(actor, sub),
            locked=may_reset_password(actor, sub) and sub.account_id in locked,
            me=sub.pk == me,
            last_main=sub is last_main,
            suspension=suspension_words(sub),
            never=sub.name in never,
        )
        for sub in subs
    ]
    return sorted(rows, key=lambda row: (not row.sub_account.enabled, row.sub_account.name))


def suspension_words(sub: SubAccount) -> str:
    return str(SUSPENSIONS[SuspensionReason(sub.suspension)]) if sub.suspended_at and sub.suspension else ""


def _seen(sub: SubAccount) -> datetime | None:
    """A sign-in elsewhere is no business of a shop that is not the account's own."""
    if sub.last_seen_at is None and sub.account and sub.account.home_shop_id == sub.shop_id:
        return sub.account.last_login
    return sub.last_seen_at


def listing(shop: Shop, actor: Actor, filters: FilterForm) -> dict[str, Any]:
    """What the list's template takes."""
    everybody, asked = rows_of(shop, actor), filters.asked()
    return {
        "rows": [row for row in everybody if row.fits(asked)],
        "everybody": len(everybody),
        "filters": filters,
        "asked": asked,
        "may_demand": may(actor, Permission.SUB_ACCOUNTS_EDIT_MAIN),
        "may_add": may(actor, Permission.SUB_ACCOUNTS_EDIT),
        "invitations": [
            Asked(invitation, may_edit_sub_account(actor, invitation.roles))
            for invitation in invitations_of(shop, timezone.now())
        ],
        **_figures(everybody),
    }


def _figures(rows: Iterable[Row]) -> dict[str, int]:
    agents = [row.person for row in rows if row.person.is_agent and row.sub_account.enabled]
    return {
        "agents": len(agents),
        "online": sum(person.status == "online" for person in agents),
        "full": sum(person.status == "online" and person.full for person in agents),
    }
