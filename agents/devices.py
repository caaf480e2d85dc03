"""The cookie by which a browser is known again: a random name, the same for every account that signs in with it."""

import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "fenliu_device"
MAX_AGE_SECONDS = 400 * 24 * 3600
FORM = re.compile(r"[A-Za-z0-9_-]{43}")


def device_secret(request: HttpRequest) -> str:
    """Return the name in the browser's cookie; empty without a cookie, or for one that is not of our form."""
    given = request.COOKIES.get(COOKIE, "")
    return given if FORM.fullmatch(given) else ""


def new_device_secret() -> str:
    return secrets.token_urlsafe(32)


def set_device_cookie(response: HttpResponse, secret: str) -> None:
    """Have the browser keep its name, for this website alone and out of scripts' sight."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=MAX_AGE_SECONDS,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
