"""When somebody has last proved to be who they are: what cannot be undone asks for it again (STEP_UP_SECONDS)."""

from time import time

from django.conf import settings
from django.http import HttpRequest

PROVED_AT = "proved_at"
"""Key of the session: seconds since 1970."""


def mark_proved(request: HttpRequest) -> None:
    """The password or a second factor has just been right."""
    request.session[PROVED_AT] = int(time())


def is_proved(request: HttpRequest) -> bool:
    """The last proof is recent enough. A session without any, made before there were proofs, has none."""
    if not settings.STEP_UP_SECONDS:
        return True
    proved_at = request.session.get(PROVED_AT)
    return isinstance(proved_at, int) and 0 <= time() - proved_at < settings.STEP_UP_SECONDS
