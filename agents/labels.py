"""The words of the field for people, in both languages: one place for choices and screens."""

from collections.abc import Iterable
from functools import reduce

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from agents.vocabulary import (
    AuditAction,
    InvitationState,
    NoticeKind,
    Platform,
    Role,
    ShiftColour,
    Status,
    SuspensionReason,
)

PLATFORMS = {
    Platform.PINDUODUO: _("Pinduoduo"),
    Platform.KUAISHOU: _("Kuaishou"),
    Platform.DOUYIN: _("Douyin"),
    Platform.TAOBAO: _("Taobao"),
}
ROLES = {
    Role.MAIN: _("Main account"),
    Role.ADMIN: _("Admin"),
    Role.CS_MANAGER: _("Customer-service manager"),
    Role.AGENT: _("Agent"),
    Role.LOGISTICS_AGENT: _("Logistics agent"),
    Role.OPERATIONS: _("Operations"),
}
STATUSES = {
    Status.ONLINE: _("Online"),
    Status.BREAK: _("On break"),
    Status.OFFLINE: _("Offline"),
}
INVITATION_STATES = {
    InvitationState.PENDING: _("Waits for an answer"),
    InvitationState.ACCEPTED: _("Accepted"),
    InvitationState.DECLINED: _("Declined"),
    InvitationState.WITHDRAWN: _("Withdrawn"),
}
SUSPENSIONS = {
    SuspensionReason.PASSWORD_RESET: _("The account's own shop has reset its password"),
    SuspensionReason.SECOND_FACTOR_RESET: _("The account's own shop has reset its second factor"),
    SuspensionReason.SIGN_IN_CHANGED: _("The account's own shop has changed how it signs in"),
}
SHIFT_COLOURS = {
    ShiftColour.BLUE: _("Light blue"),
    ShiftColour.DEEP: _("Deep blue"),
    ShiftColour.GREEN: _("Green"),
    ShiftColour.GREY: _("Grey"),
    ShiftColour.PLAIN: _("White"),
}
WEEKDAYS = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)
SHORT_WEEKDAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
AUDIT_ACTIONS = {
    AuditAction.SHOP_CREATED: _("Shop made"),
    AuditAction.SHOP_CHANGED: _("Shop changed"),
    AuditAction.SETTINGS_PUBLISHED: _("Routing settings published"),
    AuditAction.SUB_ACCOUNT_ADDED: _("Sub-account added"),
    AuditAction.SUB_ACCOUNT_CHANGED: _("Sub-account changed"),
    AuditAction.SUB_ACCOUNT_INVITED: _("Account invited"),
    AuditAction.SUB_ACCOUNT_SUSPENDED: _("Sub-account suspended"),
    AuditAction.SUSPENSION_LIFTED: _("Suspension lifted"),
    AuditAction.INVITATION_ANSWERED: _("Invitation answered"),
    AuditAction.PASSWORD_CHANGED: _("Own password changed"),
    AuditAction.PASSWORD_RESET: _("Password reset"),
    AuditAction.SIGN_IN_LOCKED: _("Sign-in locked after failures"),
    AuditAction.SIGN_IN_UNLOCKED: _("Sign-in unlocked"),
    AuditAction.SECOND_FACTOR_ADDED: _("Second factor added"),
    AuditAction.SECOND_FACTOR_REMOVED: _("Second factor removed"),
    AuditAction.IDENTITY_LINKED: _("Sign-in linked"),
    AuditAction.IDENTITY_UNLINKED: _("Sign-in unlinked"),
    AuditAction.KEY_MADE: _("Key made"),
    AuditAction.KEY_REVOKED: _("Key revoked"),
    AuditAction.SHIFTS_CHANGED: _("Shifts changed"),
    AuditAction.ANSWERS_CHANGED: _("Automatic answers changed"),
    AuditAction.CHAT_CHANGED: _("Buyer chat changed"),
    AuditAction.OUTGOING_CHANGED: _("Outgoing notices changed"),
    AuditAction.METRICS_CHANGED: _("Reply-rate definition changed"),
    AuditAction.PENALTY_MARKED: _("Penalty window marked"),
    AuditAction.BUYER_ERASED: _("Data of a buyer deleted"),
    AuditAction.CONVERSATION_READ: _("Conversation read"),
    AuditAction.BLOCK_SET: _("Buyer or address blocked"),
    AuditAction.BLOCK_ENDED: _("Block ended"),
}
NOTICES = {
    NoticeKind.NEW_DEVICE: _("Signed in in a new browser"),
    NoticeKind.PASSWORD_CHANGED: _("Your password was changed"),
    NoticeKind.PASSWORD_RESET: _("Somebody else has set a new password for you"),
    NoticeKind.SECOND_FACTOR_ADDED: _("A second factor was added"),
    NoticeKind.SECOND_FACTOR_REMOVED: _("A second factor was removed"),
    NoticeKind.RECOVERY_CODE_USED: _("A recovery code was used"),
    NoticeKind.EMAIL_CHANGED: _("Your e-mail address was changed"),
    NoticeKind.IDENTITY_LINKED: _("A sign-in of another provider was linked"),
    NoticeKind.IDENTITY_UNLINKED: _("A sign-in of another provider was unlinked"),
}


def listed(words: Iterable[object]) -> str:
    """One, another and a third, as the language of the page lists them; "" for none."""
    told = [str(word) for word in words]
    return (
        reduce(lambda first, then: _now("%(first)s, %(then)s") % {"first": first, "then": then}, told) if told else ""
    )
