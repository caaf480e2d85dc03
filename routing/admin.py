"""For the operators of the installation: the settings' tables, versions, decisions and counters.

All of it is only looked at, but for a shop's routing settings: their document can be edited here, and saving it
publishes a version, inside the shop's lane, like everywhere else.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_protect

from agents.admin import ReadOnlyAdmin, StrictAdmin
from agents.errors import Refused
from agents.models import Account
from routing.forms.admin import PublishForm
from routing.models import (
    AgentCounter,
    CounterDrift,
    Decision,
    EntryAgent,
    EntryQuestion,
    EntryRule,
    Group,
    GroupMember,
    GroupOrderStatus,
    Lane,
    NeverRouteMember,
    OfflineListMember,
    PageAgent,
    RoutingSettings,
    RoutingVersion,
    ShopEvent,
    Simulation,
)
from routing.services import publish


def protected(view: Any) -> Any:
    """The view behind Django's CSRF check, which its admin would have put there."""
    return csrf_protect(view)


def operator_of(request: HttpRequest) -> Account | None:
    return request.user if isinstance(request.user, Account) else None


@admin.register(RoutingVersion)
class RoutingVersionAdmin(ReadOnlyAdmin):
    list_display = ("shop", "number", "created_at", "created_by", "restored_from")
    list_filter = ("shop__platform",)
    list_select_related = ("shop", "created_by")
    search_fields = ("shop__slug", "created_by__account")
    date_hierarchy = "created_at"


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("at", "shop", "conversation", "number", "trigger", "outcome", "agent", "rule", "pool", "version")
    list_filter = ("outcome", "trigger", "rule", "shop__platform")
    list_select_related = ("shop", "conversation", "agent")
    search_fields = ("conversation__external_id", "agent__name", "shop__slug")
    date_hierarchy = "at"
    show_full_result_count = False
    exclude = ("reason",)


@admin.register(RoutingSettings)
class RoutingSettingsAdmin(StrictAdmin):
    """The document of a shop; the tables are written from it."""

    form = PublishForm
    list_display = ("shop", "mode", "allocation", "offline_enabled", "overflow", "auto_close_minutes")
    list_filter = ("mode", "shop__platform")
    list_select_related = ("shop",)
    search_fields = ("shop__slug", "shop__name")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Without Django's transaction around it: publishing opens its own, in the shop's lane (DESIGN 3)."""
        return protected(self._changeform_view)(request, object_id, form_url, extra_context)  # type: ignore[no-any-return,attr-defined]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        given = form.cleaned_data
        expected = given["version"] if change else None
        try:
            publish(shop=obj.shop, document=given["document"], operator=operator_of(request), expected_version=expected)
        except Refused as refused:
            self.message_user(request, str(refused.message), messages.ERROR)


@admin.register(Lane)
class LaneAdmin(ReadOnlyAdmin):
    list_display = ("shop", "seq", "assignments", "version", "last_at")
    list_select_related = ("shop",)
    search_fields = ("shop__slug",)


@admin.register(AgentCounter)
class AgentCounterAdmin(ReadOnlyAdmin):
    list_display = ("sub_account", "shop", "open", "waiting_replies", "received_today", "offline_today", "counted_on")
    list_filter = ("shop__platform",)
    list_select_related = ("shop", "sub_account")
    search_fields = ("sub_account__name", "shop__slug")


@admin.register(CounterDrift)
class CounterDriftAdmin(ReadOnlyAdmin):
    list_display = ("at", "shop", "sub_account", "counter", "counted", "truth")
    list_filter = ("counter",)
    list_select_related = ("shop", "sub_account")
    search_fields = ("sub_account__name", "shop__slug")
    date_hierarchy = "at"


@admin.register(Simulation)
class SimulationAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "account", "state", "tries", "error")
    list_filter = ("state",)
    list_select_related = ("account",)
    search_fields = ("account__account",)
    exclude = ("scenario", "result")


@admin.register(ShopEvent)
class ShopEventAdmin(ReadOnlyAdmin):
    list_display = ("shop", "seq", "at", "kind")
    list_filter = ("kind",)
    list_select_related = ("shop",)
    search_fields = ("shop__slug",)
    show_full_result_count = False


@admin.register(PageAgent, OfflineListMember, NeverRouteMember)
class ListedAgentAdmin(ReadOnlyAdmin):
    list_filter = ("shop__platform",)
    list_select_related = ("shop", "sub_account")
    search_fields = ("sub_account__name", "shop__slug")

    def get_list_display(self, request: Any) -> tuple[str, ...]:
        return ("shop", "page", "sub_account") if self.model is PageAgent else ("shop", "sub_account", "position")


@admin.register(Group, EntryRule)
class NamedAdmin(ReadOnlyAdmin):
    list_filter = ("shop__platform",)
    list_select_related = ("shop",)
    search_fields = ("shop__slug",)

    def get_list_display(self, request: Any) -> tuple[str, ...]:
        return ("shop", "name", "position") if self.model is Group else ("shop", "entry", "assign")


COLUMNS: dict[type[Model], tuple[str, ...]] = {
    GroupMember: ("shop", "group", "sub_account", "weight"),
    GroupOrderStatus: ("shop", "group", "order_status"),
    EntryAgent: ("shop", "rule", "question", "sub_account"),
    EntryQuestion: ("shop", "rule", "question"),
}


@admin.register(GroupMember, GroupOrderStatus, EntryAgent, EntryQuestion)
class PartAdmin(ReadOnlyAdmin):
    list_filter = ("shop__platform",)
    search_fields = ("shop__slug",)
    list_select_related = True

    def get_list_display(self, request: Any) -> tuple[str, ...]:
        return COLUMNS[self.model]
