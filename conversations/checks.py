"""Start-up checks of what is set for conversations."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

from conversations.robots import robot_class


def check_robot(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ROBOT must name a class that can answer, ROBOT_TIMEOUT a time to wait for it."""
    found: list[CheckMessage] = []
    try:
        robot_class(settings.ROBOT)
    except (ImportError, TypeError, ValueError) as error:
        found.append(
            Error(
                f"ROBOT names no robot: {error}",
                hint="FENLIU_ROBOT is the dotted path of a class with answer(question): docs/answers.md.",
                id="conversations.E001",
            )
        )
    if not 0 < settings.ROBOT_TIMEOUT <= 60:
        found.append(Error("ROBOT_TIMEOUT must lie between 0 and 60 seconds.", id="conversations.E002"))
    return found
