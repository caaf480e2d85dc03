"""Presence, roles, caps: what can free somebody, inside the lane. The rows are written by agents.services."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from agents.errors import Refused
from agents.models import Account, Shop, SubAccount
from agents.permissions import Actor
from agents.services import accept_invitation as accept_row
from agents.services import add_login, drop_lease, prepare_sub_account, set_status, take_lease, update_sub_account
from agents.services import note_app_login as note_row
from agents.services.sub_accounts_bulk import NewRow
from agents.services.sub_accounts_bulk import add_sub_accounts as add_rows
from agents.vocabulary import Status
from routing.engine import events
from routing.engine.types import Decision
from routing.services.lane import Work, in_lane

RULED = ("roles", "max_concurrent", "enabled")
"""What of a sub-account the rules look at."""


def set_presence(
    *,
    shop: Shop,
    agent: str,
    status: str,
    by: Account | None = None,
    device: str = "",
    reason: str = "",
    lease: bool | None = None,
    session_key: str = "",
    now: datetime | None = None,
) -> list[Decision]:
    """Set a sub-account's status, with its log line, and decide again who waits (G2, G6, G9).

    `lease`: True where an open page holds it from now on, False where nothing does and it stands by itself, None to
    leave that as it is. Who is offline has none. `session_key`: the session of that page; the lease ends with it.
    """
    with in_lane(shop, now) as work:
        row = find_member(shop, agent)
        decisions = put_presence(work, row, status, by=by, device=device, reason=reason)
        if lease and status != Status.OFFLINE:
            take_lease(sub_account=row, at=timezone.now(), session_key=session_key)
        elif lease is not None or status == Status.OFFLINE:
            drop_lease(sub_account=row)
        return decisions


def put_presence(
    work: Work, row: SubAccount, status: str, *, by: Account | None = None, device: str = "", reason: str = ""
) -> list[Decision]:
    """The same within a lane that is held already."""
    set_status(sub_account=row, status=status, by=by, device=device, reason=reason, at=work.at)
    decisions = work.happen(events.Presence(row.name, Status(status)))
    set_by = by.account if by is not None else None
    work.events[-1].data["presence"] = {"status": status, "by": set_by, "reason": reason}
    return decisions


def ask_back(*, shop: Shop, agent: str, by: Account | None, now: datetime | None = None) -> str:
    """Ask somebody to come back from their break: an event that their pages tell, no rule looks at it. What was asked,
    in words."""
    with in_lane(shop, now) as work:
        row = find_member(shop, agent)
        work.announce("ask_back", {"agents": [row.pk], "ask_back": {"by": by.account if by else None}})
    return _("%(name)s has been asked to come back.") % {"name": row.label}


def note_app_login(*, shop: Shop, agent: str, now: datetime | None = None) -> None:
    """The sub-account has signed in to the mobile app: it can be pushed to from now on (G10)."""
    with in_lane(shop, now) as work:
        note_row(sub_account=find_member(shop, agent))
        work.happen(events.AppLogin(agent))


def add_sub_account(*, shop: Shop, enabled: bool = True, known_to_others: bool = False, **fields: Any) -> SubAccount:
    """Make a login and its place in the shop, in the lane so that no event sees half of it. Fields and refusals as
    `agents.services.add_sub_account` and `add_login`. The password is hashed before the lane is taken."""
    login = prepare_sub_account(shop=shop, **fields)
    place = {name: fields[name] for name in ("roles", "max_concurrent") if name in fields}
    with in_lane(shop):
        return add_login(shop=shop, login=login, enabled=enabled, known_to_others=known_to_others, **place)


def add_sub_accounts(*, actor: Actor, rows: Sequence[NewRow]) -> list[SubAccount]:
    """Make many, or none. Their passwords are hashed already: the lane is held for the writing alone. Refusals as
    `agents.services.sub_accounts_bulk.add_sub_accounts`."""
    with in_lane(actor.shop):
        return add_rows(actor=actor, rows=rows)


def accept_invitation(*, shop: Shop, account: Account, pk: int, now: datetime | None = None) -> SubAccount:
    """The invited takes their place in the shop. Refusals as `agents.services.accept_invitation`."""
    with in_lane(shop, now) as work:
        return accept_row(account=account, pk=pk, now=work.at)


def change_sub_account(*, shop: Shop, agent: str, now: datetime | None = None, **changes: Any) -> SubAccount:
    """Change roles, cap, enabling, display name; the status stays. Refusals as `agents.services.update_sub_account`."""
    with in_lane(shop, now) as work:
        return apply_change(work, agent, changes)


def apply_change(work: Work, agent: str, changes: Mapping[str, Any]) -> SubAccount:
    """The same within a lane that is held already."""
    row = update_sub_account(sub_account=find_member(work.shop, agent), **changes)
    ruled: dict[str, object] = {name: changes[name] for name in RULED if name in changes}
    if "roles" in ruled:
        ruled["roles"] = frozenset(row.roles)
    if "enabled" in ruled:
        ruled["enabled"] = row.can_take_part
    if ruled:
        work.happen(events.AgentChange(agent, ruled))
    return row


def find_member(shop: Shop, agent: str) -> SubAccount:
    """Raises Refused `unknown_agent`."""
    row = SubAccount.objects.for_shop(shop).select_related("shop", "account").filter(name=agent).first()
    if row is None:
        raise Refused("unknown_agent", f'no sub-account "{agent}"', field="agent", status=404)
    return row
