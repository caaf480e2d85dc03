"""The ASGI application: streams and probes in the event loop, every other request through admission to a thread."""

import asyncio
import os
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.watching.processes import share_figures
from core.http.body_limits import BodyLimits
from core.secrets.keys import read_keys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("FENLIU_WEB", "1")
share_figures(settings.VAR_DIR)
read_keys(settings.SECRETS_KEYS)  # a web server runs no system checks: a key that is none stops it here
django_application = get_wsgi_application()

from chat.stream import PATH as BUYERS  # noqa: E402  (needs the apps)
from chat.stream import buyer_stream  # noqa: E402
from config.admission import parties_of, priority_of  # noqa: E402
from config.body_rules import BODY_RULES, DEFAULT_BODY_BYTES  # noqa: E402
from config.keeping import keep  # noqa: E402
from config.watching.figures import REFUSED  # noqa: E402
from config.watching.streams import watched  # noqa: E402
from core.db.direct import direct_parameters, pooler_address  # noqa: E402
from core.db.monitor import Monitor  # noqa: E402
from core.http.addresses import believe_proxies  # noqa: E402
from core.http.admission import Admission, Limits, NotAdmitted  # noqa: E402
from core.http.handover import ClientGone, Handover, read_body  # noqa: E402
from core.http.prefix import take_prefix_off  # noqa: E402
from core.http.refusal import refuse  # noqa: E402
from outgoing.services import stop_sending  # noqa: E402
from routing.stream.endpoint import stream  # noqa: E402
from routing.stream.tailer import stop_tailer  # noqa: E402

STREAMS = {"/api/v1/stream/": stream}
PROBES = frozenset({"/livez", "/readyz", "/healthz", "/metrics"})
WITHOUT_DATABASE = frozenset({"/livez", "/metrics"})

admission = Admission(Limits.for_slots(settings.WEB_THREADS))
requests = Handover(django_application, settings.WEB_THREADS)
probes = Handover(django_application, 2)
"""Threads of their own: a probe is answered however many requests wait."""
monitor = Monitor(direct_parameters, pooler_address())
AWAY_RETRY_SECONDS = 2


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "http":
        believe_proxies(scope, settings.TRUSTED_PROXIES)
        take_prefix_off(scope, settings.PREFIX)
        await limited(scope, receive, send)


async def serve(scope: Any, receive: Any, send: Any) -> None:
    """A stream runs in the event loop, everything else in a thread."""
    endpoint = endpoint_of(scope["path"])
    if endpoint is not None:
        await watched(endpoint, "api_stream" if endpoint is stream else "chat_stream", scope, receive, send)
        return
    with suppress(ClientGone):
        await answer(scope, receive, send)


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """Run the request in a thread, or refuse it with 503 and Retry-After."""
    if monitor.away and scope["path"] not in WITHOUT_DATABASE:
        REFUSED.labels("database").inc()
        await refuse(scope, send, AWAY_RETRY_SECONDS)
        return
    body = await read_body(receive)
    try:
        if scope["path"] in PROBES:
            await probes.run(scope, body, send)
            return
        async with admission.admit(priority_of(scope), parties_of(scope)):
            await requests.run(scope, body, send)
    except NotAdmitted as overload:
        REFUSED.labels(overload.reason).inc()
        await refuse(scope, send, overload.retry_after)
    finally:
        body.close()


limited = BodyLimits(serve, BODY_RULES, DEFAULT_BODY_BYTES)


def endpoint_of(path: str) -> Any:
    """A stream's own, None for Django's."""
    return buyer_stream if BUYERS.fullmatch(path) else STREAMS.get(path)


async def lifespan(receive: Any, send: Any) -> None:
    """The server tells when it begins and ends; Django itself does not listen."""
    await receive()
    running = [asyncio.create_task(keep())]
    if settings.DATABASES["default"]["ENGINE"] == "config.postgresql":
        running.append(asyncio.create_task(monitor.watch()))
    await send({"type": "lifespan.startup.complete"})
    await receive()
    for task in running:
        task.cancel()
    stop_sending()
    await stop_tailer()
    await send({"type": "lifespan.shutdown.complete"})
