"""Refusals of the server itself: 503 with Retry-After, as JSON for programs and as a short page for people."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from uuid import uuid4

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MESSAGE = "The server is busy. Try again in a moment."
PAGE = """<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>503</title><h1>服务器正忙，请稍后再试</h1><p lang="en">The server is busy. Try again in a moment.</p></html>
"""
PROGRAM_PATHS = ("/api/", "/chat/")


def body_of(path: str, code: str = "busy", message: str = MESSAGE) -> tuple[bytes, str]:
    """The body and content type of a refusal for `path`."""
    if path.startswith(PROGRAM_PATHS):
        return json.dumps({"code": code, "message": message, "fields": {}}).encode(), "application/json"
    return PAGE.encode(), "text/html; charset=utf-8"


async def refuse(scope: MutableMapping[str, Any], send: Send, retry_after: int) -> None:
    """Answer 503 with Retry-After without asking anything of anybody."""
    body, content_type = body_of(scope["path"])
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(retry_after).encode()),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", b"default-src 'none'"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-request-id", uuid4().hex.encode()),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})
