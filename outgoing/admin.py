from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agents.admin import ReadOnlyAdmin
from outgoing.models import ConfirmationMail, Delivery, Outlet, Push, PushSubscription, Recipient

ATTEMPT = ("at", "status", "error")


@admin.register(Outlet)
class OutletAdmin(ReadOnlyAdmin):
    """Neither secret nor address: a robot's address lets whoever has it write to the group."""

    list_display = ("name", "shop", "kind", "on", "off_because", "failing", "failing_since", "seq", "created_at")
    list_filter = ("kind", "on", "off_because")
    list_select_related = ("shop",)
    search_fields = ("name", "shop__slug")
    exclude = ("secret", "previous_secret", "address")


@admin.register(Recipient)
class RecipientAdmin(ReadOnlyAdmin):
    list_display = ("address", "shop", "confirmed_at", "asked_at")
    list_select_related = ("shop",)
    search_fields = ("address", "shop__slug")


@admin.register(ConfirmationMail)
class ConfirmationMailAdmin(ReadOnlyAdmin):
    list_display = ("sent_at", "shop", "address")
    list_select_related = ("shop",)


class SendingAdmin(ReadOnlyAdmin):
    """Neither what was sent nor what was answered, which may repeat it: both hold buyers' words."""

    exclude = ("body", "log")
    readonly_fields = ("last_attempts",)

    @admin.display(description=_("last attempts"))
    def last_attempts(self, row: Delivery | Push) -> str:
        return "; ".join(" ".join(str(one[key]) for key in ATTEMPT if one.get(key)) for one in row.log) or "–"


@admin.register(Delivery)
class DeliveryAdmin(SendingAdmin):
    list_display = ("created_at", "shop", "outlet", "event", "seq", "state", "attempts", "next_at")
    list_filter = ("state", "event")
    list_select_related = ("shop", "outlet")
    search_fields = ("shop__slug", "outlet__name", "key")
    date_hierarchy = "created_at"
    show_full_result_count = False


@admin.register(PushSubscription)
class PushSubscriptionAdmin(ReadOnlyAdmin):
    list_display = ("account", "user_agent", "language", "created_at", "last_used_at", "failing")
    list_select_related = ("account",)
    search_fields = ("account__account", "user_agent")
    exclude = ("p256dh", "auth", "endpoint")


@admin.register(Push)
class PushAdmin(SendingAdmin):
    list_display = ("created_at", "shop", "subscription", "key", "state", "attempts", "next_at")
    list_filter = ("state",)
    list_select_related = ("shop", "subscription")
    search_fields = ("shop__slug", "subscription__account__account")
    date_hierarchy = "created_at"
    show_full_result_count = False
