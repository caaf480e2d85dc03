"""The words of the field for people, in both languages: one place for choices and screens."""

from django.utils.translation import gettext_lazy as _

from agents.vocabulary import Platform, Role, Status

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
