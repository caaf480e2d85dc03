"""Who may do what in a shop: the table of DESIGN 8, in one place.

`may(actor, permission)` is the only question that views, API and templates ask. An actor stands in one or more columns:
the roles of its sub-account, `operator` (runs the installation), `key` (another program, CONTRACT 5 "(key)").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from agents.models import Account, Shop, ShopKey, SubAccount
from agents.vocabulary import AGENT_ROLES, Platform, Role


class Permission(StrEnum):
    SHOP_SEE = "shop_see"
    SHOP_EDIT = "shop_edit"
    SUB_ACCOUNTS_SEE = "sub_accounts_see"
    SUB_ACCOUNTS_EDIT = "sub_accounts_edit"
    SUB_ACCOUNTS_EDIT_MAIN = "sub_accounts_edit_main"
    CAPS_OTHERS = "caps_others"
    ROUTING_SEE = "routing_see"
    ROUTING_EDIT = "routing_edit"
    ROUTING_EDIT_QUEUEING = "routing_edit_queueing"
    KEYS_EDIT = "keys_edit"
    AUDIT_SEE = "audit_see"
    SHIFTS_SEE = "shifts_see"
    SHIFTS_EDIT = "shifts_edit"
    ANSWERS_SEE = "answers_see"
    ANSWERS_EDIT = "answers_edit"
    CHAT_SEE = "chat_see"
    CHAT_EDIT = "chat_edit"
    CHAT_IDENTIFY = "chat_identify"
    OUTGOING_SEE = "outgoing_see"
    OUTGOING_EDIT = "outgoing_edit"
    STATUS_OWN = "status_own"
    STATUS_OTHERS = "status_others"
    CONVERSATIONS_OWN = "conversations_own"
    CONVERSATIONS_ALL = "conversations_all"
    CONVERSATIONS_OPEN = "conversations_open"
    MESSAGES_SEE = "messages_see"
    MESSAGES_WRITE = "messages_write"
    MESSAGES_WRITE_AS_ANYONE = "messages_write_as_anyone"
    CONVERSATIONS_CLOSE = "conversations_close"
    TRANSFER_OWN = "transfer_own"
    TRANSFER_ALL = "transfer_all"
    QUEUE_SEE = "queue_see"
    METRICS_OWN = "metrics_own"
    METRICS_ALL = "metrics_all"
    METRICS_EDIT = "metrics_edit"
    PENALTIES_SEE = "penalties_see"
    PENALTIES_EDIT = "penalties_edit"
    BUYERS_ERASE = "buyers_erase"
    BUYERS_BLOCK = "buyers_block"
    ADDRESSES_BLOCK = "addresses_block"


class Column(StrEnum):
    """Columns of the table: the roles, and the two that are no role in a shop."""

    MAIN = Role.MAIN
    ADMIN = Role.ADMIN
    CS_MANAGER = Role.CS_MANAGER
    AGENT = Role.AGENT
    LOGISTICS_AGENT = Role.LOGISTICS_AGENT
    OPERATIONS = Role.OPERATIONS
    OPERATOR = "operator"
    KEY = "key"


_OWNERS = {Column.MAIN, Column.ADMIN}
_LEADERS = _OWNERS | {Column.CS_MANAGER}
_AGENTS = {Column(role.value) for role in AGENT_ROLES}
_OPERATIONS = {Column.OPERATIONS}
_OPERATOR = {Column.OPERATOR}
_KEY = {Column.KEY}
_EVERYBODY = _LEADERS | _AGENTS | _OPERATIONS

TABLE: dict[Permission, frozenset[Column]] = {
    Permission.SHOP_SEE: frozenset(_EVERYBODY | _OPERATOR),
    Permission.SHOP_EDIT: frozenset(_OWNERS | _OPERATOR),
    Permission.SUB_ACCOUNTS_SEE: frozenset(_LEADERS | _OPERATOR),
    Permission.SUB_ACCOUNTS_EDIT: frozenset(_OWNERS | _OPERATOR),
    Permission.SUB_ACCOUNTS_EDIT_MAIN: frozenset({Column.MAIN} | _OPERATOR),
    Permission.CAPS_OTHERS: frozenset(_LEADERS | _OPERATOR),
    Permission.ROUTING_SEE: frozenset(_LEADERS | _OPERATIONS | _OPERATOR),
    Permission.ROUTING_EDIT: frozenset(_OWNERS),
    Permission.ROUTING_EDIT_QUEUEING: frozenset({Column.MAIN}),
    Permission.KEYS_EDIT: frozenset(_OWNERS),
    Permission.AUDIT_SEE: frozenset(_OWNERS | _OPERATOR),
    Permission.SHIFTS_SEE: frozenset(_EVERYBODY),
    Permission.SHIFTS_EDIT: frozenset(_LEADERS),
    Permission.ANSWERS_SEE: frozenset(_EVERYBODY),
    Permission.ANSWERS_EDIT: frozenset(_LEADERS),
    Permission.CHAT_SEE: frozenset(_LEADERS | _OPERATIONS),
    Permission.CHAT_EDIT: frozenset(_OWNERS),
    Permission.CHAT_IDENTIFY: frozenset(_KEY),
    Permission.OUTGOING_SEE: frozenset(_LEADERS),
    Permission.OUTGOING_EDIT: frozenset(_OWNERS),
    # Leaders too have a status: they take over only while online (G8).
    Permission.STATUS_OWN: frozenset(_LEADERS | _AGENTS),
    Permission.STATUS_OTHERS: frozenset(_LEADERS),
    Permission.CONVERSATIONS_OWN: frozenset(_LEADERS | _AGENTS),
    Permission.CONVERSATIONS_ALL: frozenset(_LEADERS),
    Permission.CONVERSATIONS_OPEN: frozenset(_LEADERS | _KEY),
    Permission.MESSAGES_SEE: frozenset(_LEADERS | _AGENTS | _KEY),
    Permission.MESSAGES_WRITE: frozenset(_LEADERS | _AGENTS | _KEY),
    Permission.MESSAGES_WRITE_AS_ANYONE: frozenset(_KEY),
    Permission.CONVERSATIONS_CLOSE: frozenset(_LEADERS | _AGENTS | _KEY),
    Permission.TRANSFER_OWN: frozenset(_LEADERS | _AGENTS),
    Permission.TRANSFER_ALL: frozenset(_LEADERS),
    Permission.QUEUE_SEE: frozenset(_LEADERS | _AGENTS),
    Permission.METRICS_OWN: frozenset(_EVERYBODY),
    Permission.METRICS_ALL: frozenset(_LEADERS | _OPERATIONS),
    Permission.METRICS_EDIT: frozenset(_OWNERS),
    Permission.PENALTIES_SEE: frozenset(_LEADERS | _OPERATIONS),
    Permission.PENALTIES_EDIT: frozenset(_LEADERS | _OPERATIONS),
    # Cannot be undone: the owner's alone, and who runs the installation.
    Permission.BUYERS_ERASE: frozenset({Column.MAIN} | _OPERATOR),
    Permission.BUYERS_BLOCK: frozenset(_LEADERS | _AGENTS),
    # Hits everybody behind the address.
    Permission.ADDRESSES_BLOCK: frozenset(_LEADERS),
}

DOUYIN_QUEUEING_KEYS = frozenset({"entries", "allocation", "recent_contact", "queue"})
"""Keys of the routing document that stand under Douyin's 分流排队: the main account's alone (DY10)."""


@dataclass(frozen=True)
class Actor:
    """Who acts in `shop`: a person with an enabled sub-account, an operator, or a program with a key."""

    shop: Shop
    account: Account | None = None
    sub_account: SubAccount | None = None
    key: ShopKey | None = None

    @property
    def columns(self) -> frozenset[Column]:
        roles = self.sub_account.roles if self.sub_account else []
        columns = {Column(role) for role in roles}
        if self.account and self.account.is_operator:
            columns.add(Column.OPERATOR)
        if self.key:
            columns.add(Column.KEY)
        return frozenset(columns)

    def may(self, permission: Permission) -> bool:
        return may(self, permission)


def may(actor: Actor, permission: Permission) -> bool:
    """Whether one of the actor's columns has this permission (DESIGN 8)."""
    return not actor.columns.isdisjoint(TABLE[permission])


def may_any(actor: Actor, permissions: Iterable[Permission]) -> bool:
    return any(may(actor, permission) for permission in permissions)


def may_edit_routing_key(actor: Actor, key: str) -> bool:
    """Whether the actor may change this key of the shop's routing document (DESIGN 8, DY10)."""
    if actor.shop.platform == Platform.DOUYIN and key in DOUYIN_QUEUEING_KEYS:
        return may(actor, Permission.ROUTING_EDIT_QUEUEING)
    return may(actor, Permission.ROUTING_EDIT)


def _touches_main(*roles: Iterable[str]) -> bool:
    return any(Role.MAIN.value in set(held) for held in roles)


def may_set_cap(actor: Actor, roles: Iterable[str]) -> bool:
    """Tell if the actor may set the cap of somebody with these roles: of a main account, where it may be edited."""
    return may(actor, Permission.CAPS_OTHERS) and (not _touches_main(roles) or may_edit_sub_account(actor, roles))


def may_edit_sub_account(actor: Actor, *roles: Iterable[str]) -> bool:
    """Whether the actor may edit a sub-account whose roles are (and are to be) `roles`: no admin touches a main one."""
    return may(actor, Permission.SUB_ACCOUNTS_EDIT_MAIN if _touches_main(*roles) else Permission.SUB_ACCOUNTS_EDIT)


def may_set_status(actor: Actor, target: SubAccount) -> bool:
    """Own status for who has one, others' for leaders (DESIGN 8, CONTRACT 5)."""
    if actor.sub_account and actor.sub_account.pk == target.pk:
        return may(actor, Permission.STATUS_OWN)
    return may(actor, Permission.STATUS_OTHERS)


def may_reset_password(actor: Actor, target: SubAccount) -> bool:
    """Only the home shop's main or admin resets a password, an admin never a main account's (DESIGN 8)."""
    if target.account is None or target.account.home_shop_id != actor.shop.pk or actor.sub_account is None:
        return False
    return not actor.columns.isdisjoint(_OWNERS) and may_edit_sub_account(actor, target.roles)
