"""Who there is: the words of ROUTING.md section 1. Pure, so that the engine may use them too."""

from enum import StrEnum


class Platform(StrEnum):
    PINDUODUO = "pinduoduo"
    KUAISHOU = "kuaishou"
    DOUYIN = "douyin"
    TAOBAO = "taobao"


class Role(StrEnum):
    MAIN = "main"
    ADMIN = "admin"
    CS_MANAGER = "cs_manager"
    AGENT = "agent"
    LOGISTICS_AGENT = "logistics_agent"
    OPERATIONS = "operations"


AGENT_ROLES = frozenset({Role.AGENT, Role.LOGISTICS_AGENT})
"""Roles that take part in routing (G1)."""

LEADING_ROLES = frozenset({Role.MAIN, Role.ADMIN, Role.CS_MANAGER})
"""Roles that may assign, transfer and take over by hand (G8)."""


MAX_CAP: dict[Platform, int] = {Platform.KUAISHOU: 200}
"""The largest cap that a platform takes (ROUTING section 4)."""


class AuditAction(StrEnum):
    """What the audit log tells of."""

    SHOP_CREATED = "shop_created"
    SHOP_CHANGED = "shop_changed"
    SETTINGS_PUBLISHED = "settings_published"
    SUB_ACCOUNT_ADDED = "sub_account_added"
    SUB_ACCOUNT_CHANGED = "sub_account_changed"
    SUB_ACCOUNT_INVITED = "sub_account_invited"
    SUB_ACCOUNT_SUSPENDED = "sub_account_suspended"
    SUSPENSION_LIFTED = "suspension_lifted"
    INVITATION_ANSWERED = "invitation_answered"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RESET = "password_reset"
    SIGN_IN_LOCKED = "sign_in_locked"
    SIGN_IN_UNLOCKED = "sign_in_unlocked"
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    IDENTITY_LINKED = "identity_linked"
    IDENTITY_UNLINKED = "identity_unlinked"
    KEY_MADE = "key_made"
    KEY_REVOKED = "key_revoked"
    SHIFTS_CHANGED = "shifts_changed"
    ANSWERS_CHANGED = "answers_changed"
    CHAT_CHANGED = "chat_changed"
    OUTGOING_CHANGED = "outgoing_changed"
    METRICS_CHANGED = "metrics_changed"
    PENALTY_MARKED = "penalty_marked"
    BUYER_ERASED = "buyer_erased"
    CONVERSATION_READ = "conversation_read"
    BLOCK_SET = "block_set"
    BLOCK_ENDED = "block_ended"


class SuspensionReason(StrEnum):
    """Changes by an account's home shop that suspend its places in other shops."""

    PASSWORD_RESET = "password_reset"
    SECOND_FACTOR_RESET = "second_factor_reset"
    SIGN_IN_CHANGED = "sign_in_changed"


class NoticeKind(StrEnum):
    """Kinds of security notices."""

    NEW_DEVICE = "new_device"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RESET = "password_reset"
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    RECOVERY_CODE_USED = "recovery_code_used"
    EMAIL_CHANGED = "email_changed"
    IDENTITY_LINKED = "identity_linked"
    IDENTITY_UNLINKED = "identity_unlinked"


class InvitationState(StrEnum):
    """What became of an invitation. Pending past its day is expired: nothing needs to write that down."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ShiftColour(StrEnum):
    """What a shift may look like in the plan: tokens, and none of those that warn."""

    BLUE = "blue"
    DEEP = "deep"
    GREEN = "green"
    GREY = "grey"
    PLAIN = "plain"


class Status(StrEnum):
    ONLINE = "online"
    BREAK = "break"
    OFFLINE = "offline"
