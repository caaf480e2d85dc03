"""For the operators of the installation: the settings' tables, versions, decisions and counters.

All of it is only looked at: settings are published on the shop's own page or through the API, inside the shop's lane,
so that every change is a version that can be restored.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Model

from agents.admin import ReadOnlyAdmin
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
)


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


@admin.register(RoutingSettings)
class RoutingSettingsAdmin(ReadOnlyAdmin):
    list_display = ("shop", "mode", "allocation", "offline_enabled", "overflow", "auto_close_minutes")
    list_filter = ("mode", "shop__platform")
    list_select_related = ("shop",)
    search_fields = ("shop__slug", "shop__name")


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
