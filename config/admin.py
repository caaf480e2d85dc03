"""For the operators of the installation: how its jobs do."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agents.admin import ReadOnlyAdmin
from config.failures import repeat_failed
from config.models import DecisionTally, FailedItem, JobRecord, TallyCursor


@admin.register(JobRecord)
class JobRecordAdmin(ReadOnlyAdmin):
    list_display = ("name", "succeeded_at", "failed_at", "runs", "failures", "last_took")
    search_fields = ("name",)

    @admin.display(description=_("seconds of the last time"), ordering="last_seconds")
    def last_took(self, row: JobRecord) -> str:
        return f"{row.last_seconds:.2f}" if row.runs else "–"


@admin.register(FailedItem)
class FailedItemAdmin(ReadOnlyAdmin):
    list_display = ("sweep", "key", "attempts", "last_failed_at", "next_at", "parked_at", "error_start")
    list_filter = ("sweep",)
    search_fields = ("key", "error")
    actions = ("try_again",)

    @admin.display(description=_("last error"))
    def error_start(self, row: FailedItem) -> str:
        return row.error[:80]

    @admin.action(description=_("Try again now"))
    def try_again(self, request: HttpRequest, rows: QuerySet[FailedItem]) -> None:
        """Repeat at once where the sweep has gone on without the item, else with the next sweep."""
        done = sum(repeat_failed(row=row) for row in rows)
        messages.info(request, _("%(done)d done, the others are tried by the next sweep.") % {"done": done})


@admin.register(DecisionTally)
class DecisionTallyAdmin(ReadOnlyAdmin):
    list_display = ("platform", "rule", "outcome", "count")
    list_filter = ("platform", "outcome")


@admin.register(TallyCursor)
class TallyCursorAdmin(ReadOnlyAdmin):
    list_display = ("shop", "seq")
    list_select_related = ("shop",)
