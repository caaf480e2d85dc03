"""Who: shops, logins, their places in shops, presence, keys of other programs."""

from .account import Account, AuthToken
from .audit import AuditEntry
from .invitation import Invitation
from .presence import PresenceLease, PresenceLog
from .shift import ShiftException, ShiftKind, ShiftMark, ShiftPattern, ShiftSettings
from .shop import Shop, ShopKey
from .sub_account import SubAccount

__all__ = [
    "Account",
    "AuditEntry",
    "AuthToken",
    "Invitation",
    "PresenceLease",
    "PresenceLog",
    "ShiftException",
    "ShiftKind",
    "ShiftMark",
    "ShiftPattern",
    "ShiftSettings",
    "Shop",
    "ShopKey",
    "SubAccount",
]
