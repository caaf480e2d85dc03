"""Middleware that knows no app."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core.db.faults import passing_fault
from core.hashing import HashingBusy
from core.http.refusal import body_of

logger = logging.getLogger("fenliu.requests")

MESSAGES = {
    "lock": "Another change of this shop is still under way. Try again in a moment.",
    "slow": "The answer took too long. Ask for less, or try again later.",
    "away": "The database does not answer. Try again in a moment.",
    "sign_in": "Too many are signing in at this moment. Try again in a moment.",
}


class PassingFaults:
    """Answer 503 with Retry-After where the database could not do what was asked in its time, or too many hash."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, HashingBusy):
            return unavailable(request.path_info, "sign_in", exception.retry_after)
        fault = passing_fault(exception)
        if fault is None:
            return None
        logger.warning(
            "database fault", extra={"fault": fault.kind, "path": request.path_info, "error": str(exception)}
        )
        return unavailable(request.path_info, fault.kind, fault.retry_after)


def unavailable(path: str, kind: str, retry_after: int) -> HttpResponse:
    """A 503 that says when to come again."""
    body, content_type = body_of(path, f"busy_{kind}" if kind != "lock" else "busy", MESSAGES[kind])
    return HttpResponse(body, status=503, content_type=content_type, headers={"Retry-After": str(retry_after)})
