"""Who: shops, logins, their places in shops, presence, keys of other programs."""

from .account import Account, AuthToken
from .audit import AuditEntry
from .invitation import Invitation
from .presence import PresenceLease, PresenceLog
from .security import AccountMail, AccountNotice, AccountSession, Authenticator, ExternalIdentity, RecoveryCode
from .shift import ShiftException, ShiftKind, ShiftMark, ShiftPattern, ShiftSettings
from .shop import Shop, ShopKey
from .sign_in import Device, SignInFailure
from .sub_account import SubAccount

__all__ = [
    "Account",
    "AccountMail",
    "AccountNotice",
    "AccountSession",
    "AuditEntry",
    "AuthToken",
    "Authenticator",
    "Device",
    "ExternalIdentity",
    "Invitation",
    "PresenceLease",
    "PresenceLog",
    "RecoveryCode",
    "ShiftException",
    "ShiftKind",
    "ShiftMark",
    "ShiftPattern",
    "ShiftSettings",
    "Shop",
    "ShopKey",
    "SignInFailure",
    "SubAccount",
]
