"""`GET /api/v1/stream/` as a bare ASGI endpoint (DESIGN 6): past the door it holds no connection and no thread."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from io import BytesIO
from typing import TypeVar

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.utils import translation
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request

from agents.api.authentication import TokenAuthentication
from agents.api.errors import handler
from agents.errors import Refused
from routing.stream.caps import counted, stream_of_address
from routing.stream.door import Entered, enter
from routing.stream.sending import Receive, Scope, Send, send_stream
from routing.stream.subscriber import Subscriber

Answer = TypeVar("Answer")

DOORS = ThreadPoolExecutor(4, thread_name_prefix="fenliu-stream-door")
"""Whoever comes in asks the database once; so many at a time, whatever comes at once after a restart."""


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    with ExitStack() as places:
        try:
            places.enter_context(stream_of_address(scope))
            entered = await at_the_door(lambda: _enter(scope))
            account = ("account", str(entered.access.account))
            places.enter_context(counted(account, settings.STREAMS_PER_ACCOUNT))
        except Exception as error:
            await send_error(send, error)
            return
        await send_stream(receive, send, Subscriber(entered.access, entered.views), entered.cursor)


async def at_the_door(work: Callable[[], Answer]) -> Answer:
    """Run what asks the database, in a thread that gives its connection back."""

    def run() -> Answer:
        try:
            return work()
        finally:
            connection.close()

    return await asyncio.get_running_loop().run_in_executor(DOORS, run)


def request_of(scope: Scope) -> ASGIRequest:
    """The request with its session and its account, as the middleware would have made it. Raises DisallowedHost."""
    request = ASGIRequest(scope, BytesIO())
    request.get_host()
    request.session = SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    request.user = get_user(request)
    translation.activate(translation.get_language_from_request(request))
    return request


def _enter(scope: Scope) -> Entered:
    request = Request(request_of(scope), authenticators=[TokenAuthentication(), SessionAuthentication()])
    if request.method != "GET":
        raise MethodNotAllowed(request.method or "")
    return enter(request)


async def send_error(send: Send, error: Exception) -> None:
    """The API's own shape (CONTRACT 5). What is no refusal is raised on: the server logs it."""
    if isinstance(error, DisallowedHost):
        status, told = 400, {"code": "disallowed_host", "message": "Bad Request", "fields": {}}
    else:
        response = handler(error, {})
        if response is None:
            raise error
        status, told = response.status_code, response.data
    head = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    if isinstance(error, Refused) and error.retry_after:
        head.append((b"retry-after", str(error.retry_after).encode()))
    if status == 401:
        head.append((b"www-authenticate", b"Token"))
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": json.dumps(told, ensure_ascii=False, default=str).encode()})
