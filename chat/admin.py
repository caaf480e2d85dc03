from django.contrib import admin

from agents.admin import ReadOnlyAdmin
from chat.models import ChatSettings


@admin.register(ChatSettings)
class ChatSettingsAdmin(ReadOnlyAdmin):
    """Looked at only: the shop's own screen records what changes."""

    list_display = ("shop", "on", "title", "welcome", "origins")
    list_filter = ("on",)
    list_select_related = ("shop",)
    search_fields = ("shop__slug", "title")
