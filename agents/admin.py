"""For the operators of the installation. Logs, keys and tokens are only looked at."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_q.models import Failure, OrmQ, Schedule, Success

from agents.labels import ROLES
from agents.models import (
    Account,
    AccountMail,
    AccountNotice,
    AccountSession,
    AuditEntry,
    Authenticator,
    AuthToken,
    Device,
    ExternalIdentity,
    Invitation,
    PresenceLease,
    PresenceLog,
    RecoveryCode,
    ShiftException,
    ShiftKind,
    ShiftMark,
    ShiftPattern,
    ShiftSettings,
    Shop,
    ShopKey,
    SignInFailure,
    SubAccount,
)
from agents.vocabulary import Role

FOREIGN_MODELS = (Group, Failure, OrmQ, Schedule, Success)
"""Models of other packages that operators have no use for: a schedule of django-q2 names a function to be called."""
for foreign in FOREIGN_MODELS:
    admin.site.unregister(foreign)
admin.site.site_header = admin.site.site_title = _("Fenliu")
admin.site.index_title = _("Administration")

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class StrictAdmin(ModelAdmin):
    """The base of all admin pages: a list's address filters by what its filters offer and by nothing else.

    Django would take any column of the model there, so what a page leaves out could be guessed sign by sign
    (`?password__startswith=…`, `?text__contains=…`).
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        offered = {self.date_hierarchy or ""}
        for entry in self.get_list_filter(request):
            name = entry[0] if isinstance(entry, tuple) else entry
            offered.add(name if isinstance(name, str) else str(getattr(name, "parameter_name", "")))
        columns = {name.split("__")[0] for name in offered}
        return lookup.split("__", maxsplit=1)[0] in columns and super().lookup_allowed(lookup, value, request)


class ReadOnlyAdmin(StrictAdmin):
    """What is only looked at: neither made, changed nor deleted here."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class KeptAdmin(ReadOnlyAdmin):
    """Rows that are disabled, never deleted (DESIGN 4), and made by services only: a few fields may be changed."""

    editable: tuple[str, ...] = ()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(getattr(request.user, "is_operator", False))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [field.name for field in self.opts.fields if field.name not in self.editable]


@admin.register(Shop)
class ShopAdmin(KeptAdmin):
    list_display = ("slug", "name", "platform", "timezone", "created_at")
    list_filter = ("platform", "timezone")
    search_fields = ("slug", "name")
    editable = ("name",)


@admin.register(Account)
class AccountAdmin(KeptAdmin):
    list_display = ("account", "display_name", "home_shop", "is_operator", "is_active", "last_login", "created_at")
    list_filter = ("is_operator", "is_active")
    list_select_related = ("home_shop",)
    search_fields = ("account", "display_name", "home_shop__slug")
    exclude = ("password", "groups", "user_permissions", "is_superuser")
    editable = ("display_name", "is_active")


@admin.register(SubAccount)
class SubAccountAdmin(ReadOnlyAdmin):
    """Roles, cap and enabling change inside the shop's lane alone: on the shop's own page, not here."""

    list_display = ("name", "shop", "role_names", "max_concurrent", "enabled", "status", "status_since", "mobile_app")
    list_filter = ("enabled", "status", "mobile_app", "shop__platform")
    list_select_related = ("shop",)
    search_fields = ("name", "account__display_name", "shop__slug")

    @admin.display(description=_("roles"))
    def role_names(self, sub_account: SubAccount) -> str:
        return ", ".join(str(ROLES[Role(role)]) for role in sub_account.roles)


@admin.register(PresenceLease)
class PresenceLeaseAdmin(ReadOnlyAdmin):
    list_display = ("sub_account", "shop", "beat_at")
    list_filter = ("shop__platform",)
    list_select_related = ("shop", "sub_account")
    search_fields = ("sub_account__name", "shop__slug")


@admin.register(PresenceLog)
class PresenceLogAdmin(ReadOnlyAdmin):
    list_display = ("at", "shop", "sub_account", "previous", "status", "by", "device", "reason")
    list_filter = ("status", "shop__platform")
    list_select_related = ("shop", "sub_account", "by")
    search_fields = ("sub_account__name", "shop__slug", "by__account")
    date_hierarchy = "at"
    show_full_result_count = False


@admin.register(ShopKey)
class ShopKeyAdmin(ReadOnlyAdmin):
    list_display = ("name", "shop", "prefix", "created_by", "created_at", "last_used_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "shop__platform")
    list_select_related = ("shop", "created_by")
    search_fields = ("name", "prefix", "shop__slug")
    exclude = ("digest",)


@admin.register(AuthToken)
class AuthTokenAdmin(ReadOnlyAdmin):
    list_display = ("account", "created_at", "expires_at")
    list_select_related = ("account",)
    search_fields = ("account__account",)
    exclude = ("digest",)


@admin.register(Device)
class DeviceAdmin(ReadOnlyAdmin):
    list_display = ("account", "browser", "created_at", "last_seen_at")
    list_select_related = ("account",)
    search_fields = ("account__account",)
    exclude = ("digest",)


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    list_display = ("account", "kind", "name", "created_at", "last_used_at")
    list_filter = ("kind",)
    list_select_related = ("account",)
    search_fields = ("account__account",)
    exclude = ("secret", "credential_id")


@admin.register(RecoveryCode)
class RecoveryCodeAdmin(ReadOnlyAdmin):
    list_display = ("account", "used_at")
    list_select_related = ("account",)
    search_fields = ("account__account",)
    exclude = ("digest",)


@admin.register(ExternalIdentity)
class ExternalIdentityAdmin(ReadOnlyAdmin):
    list_display = ("account", "provider", "name", "created_at", "last_used_at")
    list_filter = ("provider",)
    list_select_related = ("account",)
    search_fields = ("account__account", "name")


@admin.register(AccountSession)
class AccountSessionAdmin(ReadOnlyAdmin):
    list_display = ("account", "browser", "address", "created_at", "last_seen_at")
    list_select_related = ("account",)
    search_fields = ("account__account", "address")
    exclude = ("session_key",)


@admin.register(AccountNotice)
class AccountNoticeAdmin(ReadOnlyAdmin):
    list_display = ("at", "account", "kind", "address", "seen_at")
    list_filter = ("kind",)
    list_select_related = ("account",)
    search_fields = ("account__account",)


@admin.register(AccountMail)
class AccountMailAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "account", "kind", "tries", "sent_at")
    list_filter = ("kind",)
    list_select_related = ("account",)
    search_fields = ("account__account",)


@admin.register(SignInFailure)
class SignInFailureAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "account", "network", "device")
    list_filter = ("kind",)
    list_select_related = ("account", "device")
    search_fields = ("account__account", "network")
    date_hierarchy = "at"
    exclude = ("name_digest",)
    show_full_result_count = False


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("account", "shop", "state", "invited_by", "created_at", "expires_at", "answered_at")
    list_filter = ("state", "shop__platform")
    list_select_related = ("account", "shop", "invited_by")
    search_fields = ("account__account", "shop__slug", "invited_by__account")
    date_hierarchy = "created_at"


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "shop", "action", "subject", "by_name", "address")
    list_filter = ("action", "shop__platform")
    list_select_related = ("shop",)
    search_fields = ("subject", "by_name", "shop__slug", "address")
    date_hierarchy = "at"
    show_full_result_count = False


@admin.register(ShiftKind)
class ShiftKindAdmin(ReadOnlyAdmin):
    list_display = ("name", "shop", "told", "colour")
    list_filter = ("shop__platform",)
    list_select_related = ("shop",)
    search_fields = ("name", "shop__slug")


@admin.register(ShiftPattern)
class ShiftPatternAdmin(ReadOnlyAdmin):
    list_display = ("shop", "sub_account", "weekday", "kind")
    list_filter = ("weekday", "shop__platform")
    list_select_related = ("shop", "sub_account", "kind")
    search_fields = ("sub_account__name", "shop__slug", "kind__name")


@admin.register(ShiftException)
class ShiftExceptionAdmin(ReadOnlyAdmin):
    list_display = ("date", "shop", "sub_account", "kind")
    list_filter = ("shop__platform",)
    list_select_related = ("shop", "sub_account", "kind")
    search_fields = ("sub_account__name", "shop__slug", "kind__name")
    date_hierarchy = "date"


@admin.register(ShiftSettings)
class ShiftSettingsAdmin(ReadOnlyAdmin):
    list_display = ("shop", "follows", "looked_at")
    list_filter = ("follows",)
    list_select_related = ("shop",)
    search_fields = ("shop__slug",)


@admin.register(ShiftMark)
class ShiftMarkAdmin(ReadOnlyAdmin):
    list_display = ("sub_account", "shop", "on", "boundary", "leaving_since")
    list_filter = ("on",)
    list_select_related = ("shop", "sub_account")
    search_fields = ("sub_account__name", "shop__slug")
