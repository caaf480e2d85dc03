"""For the operators of the installation. Figures and penalties are only looked at: they come from the messages."""

from django.contrib import admin

from agents.admin import ReadOnlyAdmin
from metrics.models import (
    Alert,
    AssessmentState,
    Attendance,
    BuyerDay,
    DayRate,
    DefinitionOverride,
    DirtyDay,
    Heading,
    PenaltyEntry,
    PenaltyWindow,
    Prolongation,
    RateRollup,
    Replay,
    Rollup,
    RollupDrift,
)

FIGURES = ("passed", "failed", "pending")


@admin.register(DayRate)
class DayRateAdmin(ReadOnlyAdmin):
    list_display = ("shop", "metric", "date", *FIGURES, "window_passed", "window_failed", "assessed", "passes")
    list_filter = ("metric", "passes", "shop")
    list_select_related = ("shop",)
    search_fields = ("shop__slug", "metric")
    date_hierarchy = "date"


@admin.register(Rollup)
class RollupAdmin(ReadOnlyAdmin):
    list_display = ("shop", "date", "hour", "dimension", "key", "buyers", "received", "responses", "slow")
    list_filter = ("dimension", "shop")
    list_select_related = ("shop",)
    search_fields = ("shop__slug", "key")
    date_hierarchy = "date"
    show_full_result_count = False


@admin.register(RateRollup)
class RateRollupAdmin(ReadOnlyAdmin):
    list_display = ("shop", "date", "hour", "dimension", "key", "metric", *FIGURES)
    list_filter = ("metric", "dimension", "shop")
    list_select_related = ("shop",)
    search_fields = ("shop__slug", "key")
    date_hierarchy = "date"
    show_full_result_count = False


@admin.register(Attendance)
class AttendanceAdmin(ReadOnlyAdmin):
    list_display = ("shop", "agent", "date", "hour", "online_seconds", "break_seconds", "most_open")
    list_filter = ("shop",)
    list_select_related = ("shop", "agent")
    search_fields = ("shop__slug", "agent__name")
    date_hierarchy = "date"
    show_full_result_count = False


@admin.register(BuyerDay)
class BuyerDayAdmin(ReadOnlyAdmin):
    list_display = ("shop", "date", "buyer", "counted_at", "changes_at")
    list_filter = ("shop",)
    list_select_related = ("shop", "buyer")
    search_fields = ("shop__slug", "buyer__external_id")
    date_hierarchy = "date"
    show_full_result_count = False


@admin.register(RollupDrift)
class RollupDriftAdmin(ReadOnlyAdmin):
    list_display = ("at", "shop", "date", "lines")
    list_filter = ("shop",)
    list_select_related = ("shop",)
    search_fields = ("shop__slug",)
    date_hierarchy = "date"


@admin.register(PenaltyWindow)
class PenaltyWindowAdmin(ReadOnlyAdmin):
    list_display = ("shop", "kind", "opened_on", "starts_at", "ends_at", "state", "mark", "marked_by")
    list_filter = ("kind", "state", "mark", "shop")
    list_select_related = ("shop", "marked_by")
    search_fields = ("shop__slug", "kind", "mark_reason")
    date_hierarchy = "opened_on"


@admin.register(Prolongation)
class ProlongationAdmin(ReadOnlyAdmin):
    list_display = ("shop", "window", "date", "until", "withdrawn_at")
    list_filter = ("shop",)
    list_select_related = ("shop", "window")
    search_fields = ("shop__slug",)


@admin.register(PenaltyEntry)
class PenaltyEntryAdmin(ReadOnlyAdmin):
    list_display = ("shop", "kind", "date", "note", "entered_by", "entered_at")
    list_filter = ("kind", "shop")
    list_select_related = ("shop", "entered_by")
    search_fields = ("shop__slug", "note")


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ("shop", "event", "window", "date", "created_at")
    list_filter = ("event", "shop")
    list_select_related = ("shop", "window")
    search_fields = ("shop__slug",)
    date_hierarchy = "created_at"


@admin.register(Heading)
class HeadingAdmin(ReadOnlyAdmin):
    list_display = ("shop", "metric", "date", "at")
    list_filter = ("metric", "shop")
    list_select_related = ("shop",)
    search_fields = ("shop__slug",)
    date_hierarchy = "date"


@admin.register(DefinitionOverride)
class DefinitionOverrideAdmin(ReadOnlyAdmin):
    list_display = ("shop", "metric", "counts_robot", "penalties", "valid_from", "valid_to", "created_by")
    list_filter = ("metric", "shop")
    list_select_related = ("shop", "created_by")
    search_fields = ("shop__slug", "metric")


@admin.register(AssessmentState)
class AssessmentStateAdmin(ReadOnlyAdmin):
    list_display = ("shop", "cursor", "assessed_at", "counted_by")
    list_select_related = ("shop",)
    search_fields = ("shop__slug",)


@admin.register(DirtyDay)
class DirtyDayAdmin(ReadOnlyAdmin):
    list_display = ("shop", "date", "buyer")
    list_filter = ("shop",)
    list_select_related = ("shop", "buyer")
    search_fields = ("shop__slug", "buyer__external_id")


@admin.register(Replay)
class ReplayAdmin(ReadOnlyAdmin):
    list_display = ("asked_at", "shop", "day", "asked_by", "state", "done", "total")
    list_filter = ("state", "shop__platform")
    list_select_related = ("shop", "asked_by")
    search_fields = ("shop__slug", "asked_by__account")
    show_full_result_count = False
