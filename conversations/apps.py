from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _

from conversations.checks import check_robot


class ConversationsConfig(AppConfig):
    name = "conversations"
    verbose_name = _("Conversations")

    def ready(self) -> None:
        register(check_robot)
