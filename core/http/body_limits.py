"""Refuse bodies that are too large before anything reads or spools them: an ASGI middleware in front of Django."""

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Rules = Sequence[tuple[re.Pattern[str], int]]

MACHINES = ("/api/", "/chat/", "/channels/")
"""Paths whose errors are JSON."""
DIGITS = re.compile(rb"[0-9]{1,18}")


class BodyTooLarge(Exception):
    """A body without a length has grown beyond its limit while it was read."""


class BodyLimits:
    """Answer 413 for a body larger than the first rule that fits the path allows.

    A body with Content-Length is refused before a byte of it is read, a chunked one when it crosses the limit. The
    connection is closed either way: what is still on its way is not read.
    """

    def __init__(self, app: App, rules: Rules, default: int) -> None:
        self.app, self.rules, self.default = app, rules, default

    def limit_of(self, path: str) -> int:
        return next((limit for pattern, limit in self.rules if pattern.match(path)), self.default)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit, announced = self.limit_of(scope["path"]), _content_length(scope)
        if announced is None or announced > limit:
            await _refuse(scope, send, limit, malformed=announced is None)
            return
        read, answering = 0, False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise BodyTooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        try:
            await self.app(scope, counted, noted)
        except BodyTooLarge:
            if not answering:
                await _refuse(scope, send, limit)


def _content_length(scope: Scope) -> int | None:
    """The announced length, 0 where there is none; None for what is no length."""
    given = [value for name, value in scope["headers"] if name == b"content-length"]
    if not given:
        return 0
    return int(given[0]) if len(given) == 1 and DIGITS.fullmatch(given[0]) else None


async def _refuse(scope: Scope, send: Send, limit: int, *, malformed: bool = False) -> None:
    status, code = (400, "malformed") if malformed else (413, "too_large")
    machine = scope["path"].startswith(MACHINES)
    with translation.override(_language(scope) if machine else "zh-hans"):
        if malformed:
            message = _("The request could not be read.")
        else:
            message = _("This is more than can be sent at once: at most %(most)s kB.") % {"most": limit // 1024}
    if machine:
        kind, body = b"application/json", json.dumps({"code": code, "message": message, "fields": {}})
    else:
        kind, body = b"text/html; charset=utf-8", f"<!doctype html><title>{status}</title><p>{escape(message)}</p>"
    head = [(b"content-type", kind), (b"cache-control", b"no-store"), (b"connection", b"close")]
    sent = body.encode()
    head.append((b"content-length", str(len(sent)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": sent})


def _language(scope: Scope) -> str:
    """English for a program that asks for it first, else Chinese."""
    given = dict(scope["headers"]).get(b"accept-language", b"")
    return "en" if given.lower().startswith(b"en") else "zh-hans"
