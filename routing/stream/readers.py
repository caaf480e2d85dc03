"""Who reads a stream: which shops are theirs, what they may see of each, and whether that still holds."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone

from agents.models import Account, AuthToken, SubAccount
from agents.permissions import Actor, Permission, may
from routing.stream.telling import MemberView, View

Views = Mapping[int, View]
"""{shop's key: what may be seen of it}."""


class Access(Protocol):
    """What lets somebody read."""

    @staticmethod
    def views_of(many: Sequence[Any]) -> list[Views | None]:
        """What each may see now, None for one whose access has ended; a fixed number of queries for all of them."""


HELD = ("pk", "password", "must_change_password")


@dataclass(frozen=True, slots=True)
class PersonAccess:
    """An account by its session or its token. A changed password ends both; so does signing out. A session whose holder
    has to choose a password first reads nothing."""

    account: int
    password: str
    session: str | None = None
    token: int | None = None

    @staticmethod
    def views_of(many: Sequence["PersonAccess"]) -> list[Views | None]:
        views = member_views({one.account for one in many})
        accounts = Account.objects.filter(pk__in={one.account for one in many}, is_active=True)
        rows = {pk: (password, gated) for pk, password, gated in accounts.values_list(*HELD)}
        sessions = _sessions({one.session for one in many if one.session is not None})
        tokens = _tokens({one.token for one in many if one.token is not None})
        return [
            views.get(one.account, {})
            if rows.get(one.account, ("", True))[0] == one.password
            and not (one.session is not None and rows[one.account][1])
            and (one.session is None or one.session in sessions)
            and (one.token is None or one.token in tokens)
            else None
            for one in many
        ]


def _sessions(keys: set[str]) -> set[str]:
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return set(rows.values_list("session_key", flat=True))


def _tokens(keys: set[int]) -> set[int]:
    rows = AuthToken.objects.filter(pk__in=keys, expires_at__gt=timezone.now())
    return set(rows.values_list("pk", flat=True))


def member_views(accounts: set[int]) -> dict[int, dict[int, View]]:
    """{account's key: {shop's key: view}} of enabled sub-accounts."""
    found: dict[int, dict[int, View]] = defaultdict(dict)
    demanded = Q(shop__requires_second_factor=True, account__has_second_factor=False)
    rows = SubAccount.objects.select_related("shop").filter(account__in=accounts, enabled=True).exclude(demanded)
    for row in rows:
        actor = Actor(row.shop, sub_account=row)
        assert row.account_id is not None
        found[row.account_id][row.shop_id] = MemberView(
            sub_account=row.pk,
            everything=may(actor, Permission.CONVERSATIONS_ALL),
            conversations=may(actor, Permission.CONVERSATIONS_OWN),
            settings=may(actor, Permission.ROUTING_SEE),
        )
    return dict(found)
