"""For the operators of the installation: how its jobs do."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from agents.admin import ReadOnlyAdmin
from config.models import DecisionTally, JobRecord, TallyCursor


@admin.register(JobRecord)
class JobRecordAdmin(ReadOnlyAdmin):
    list_display = ("name", "succeeded_at", "failed_at", "runs", "failures", "last_took")
    search_fields = ("name",)

    @admin.display(description=_("seconds of the last time"), ordering="last_seconds")
    def last_took(self, row: JobRecord) -> str:
        return f"{row.last_seconds:.2f}" if row.runs else "–"


@admin.register(DecisionTally)
class DecisionTallyAdmin(ReadOnlyAdmin):
    list_display = ("platform", "rule", "outcome", "count")
    list_filter = ("platform", "outcome")


@admin.register(TallyCursor)
class TallyCursorAdmin(ReadOnlyAdmin):
    list_display = ("shop", "seq")
    list_select_related = ("shop",)
