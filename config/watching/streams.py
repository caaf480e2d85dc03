"""Streams do not go through Django's middleware (DESIGN 6): their ids, lines and counts come from here."""

import logging
from typing import Any

from structlog.contextvars import bound_contextvars

from config.watching.figures import ANSWERED
from config.watching.requests import HEADER, METHODS, request_id
from routing.stream.sending import Receive, Scope, Send

log = logging.getLogger("fenliu.requests")


async def watched(endpoint: Any, view: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Run a stream's endpoint under the id of its request. Its line is written at the beginning: it lasts for hours."""
    headers = dict(scope["headers"])
    given = request_id(headers.get(HEADER.lower().encode(), b"").decode("latin-1"))

    async def tell(message: Any) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (HEADER.lower().encode(), given.encode())]
            method = scope["method"] if scope["method"] in METHODS else "other"
            ANSWERED.labels(method, view, str(message["status"])).inc()
            log.info("stream", extra={"method": method, "path": scope["path"], "status": message["status"]})
        await send(message)

    with bound_contextvars(request_id=given):
        await endpoint(scope, receive, tell)
