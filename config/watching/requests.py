"""Every request has an id, is measured, and leaves one line in the log."""

import logging
import re
import time
from collections.abc import Callable
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from structlog.contextvars import bound_contextvars, get_contextvars

from agents.present import who_and_where
from config.health import healthz, livez, readyz
from config.watching.exposing import metrics
from config.watching.figures import ANSWERED, LATENCY

PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/livez": livez,
    "/readyz": readyz,
    "/healthz": healthz,
    "/metrics": metrics,
}
HEADER = "X-Request-ID"
GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""An id from outside that is taken over; any other is replaced."""

log = logging.getLogger("fenliu.requests")


def request_id(given: str | None) -> str:
    """The caller's own id where it is one, else a new one."""
    return given if given and GIVEN.fullmatch(given) else uuid4().hex


def present_id() -> str:
    """The id of the request that is being answered; empty outside of one."""
    return str(get_contextvars().get("request_id", ""))


class Watched:
    """Middleware, the outermost. The probes are answered before anything looks at the host or asks for TLS: whoever
    asks for them comes by an address of the machine."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request_id(request.headers.get(HEADER))
        begun = time.perf_counter()
        with bound_contextvars(request_id=given):
            probe = PROBES.get(request.path_info)
            response = self.get_response(request) if probe is None else probe(request)
            seconds = time.perf_counter() - begun
            _tell(request, response.status_code, seconds)
        response.headers[HEADER] = given
        return response


def _tell(request: HttpRequest, status: int, seconds: float) -> None:
    view = view_of(request)
    method = request.method if request.method in METHODS else "other"
    ANSWERED.labels(method, view, str(status)).inc()
    LATENCY.labels(view).observe(seconds)
    if view in QUIET and status < 400:
        return
    told = {"method": method, "path": request.path, "status": status, "ms": round(seconds * 1000, 1)}
    log.info("request", extra=told | who_and_where(request))


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = frozenset({"healthz", "livez", "readyz", "metrics", "static"})
"""Asked for every few seconds by machines: no line unless something is wrong."""


def view_of(request: HttpRequest) -> str:
    """The name of what answered, never an address: there are as many of these as URLs."""
    if request.path_info in PROBES:
        return request.path_info.lstrip("/")
    match = request.resolver_match
    if match is not None:
        return match.view_name or "unnamed"
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"
