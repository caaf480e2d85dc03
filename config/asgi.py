"""What uvicorn serves: the streams on their own, everything else through Django."""

import asyncio
import os
import re
import warnings
from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application

from config.watching.processes import share_figures
from core.http.body_limits import BodyLimits

# Whitenoise and images hand out files by plain iterators; Django reads them in a thread and warns each time.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("FENLIU_WEB", "1")
share_figures(settings.VAR_DIR)
django_application = get_asgi_application()

from chat.stream import PATH as BUYERS  # noqa: E402  (needs the apps)
from chat.stream import buyer_stream  # noqa: E402
from config.keeping import keep  # noqa: E402
from config.watching.streams import watched  # noqa: E402
from outgoing.services import stop_sending  # noqa: E402
from routing.stream.endpoint import stream  # noqa: E402
from routing.stream.tailer import stop_tailer  # noqa: E402

STREAMS = {"/api/v1/stream/": stream}

KB, MB = 1024, 1024**2
UPLOAD = settings.MAX_IMAGE_BYTES + 64 * KB
BODY_RULES = [
    (re.compile(pattern), limit)
    for pattern, limit in (
        (r"/chat/[^/]+/images/$", UPLOAD),
        (r"/api/v1/shops/[^/]+/conversations/[0-9]+/messages/$", UPLOAD),
        (r"/api/v1/(simulate/|shops/[^/]+/routing/)", 6 * MB),
        (r"/api/v1/auth/", 64 * KB),
        (r"/api/", MB),
        (r"/(s|admin)/", 6 * MB),
    )
]
"""By path, the first that fits: how large a body may be. The sign-in, the buyers' chat and everything else: DEFAULT."""
DEFAULT_BODY = 64 * KB


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "http":
        await limited(scope, receive, send)


async def answer(scope: Any, receive: Any, send: Any) -> None:
    endpoint = endpoint_of(scope["path"])
    if endpoint is None:
        await django_application(scope, receive, send)
        return
    await watched(endpoint, "api_stream" if endpoint is stream else "chat_stream", scope, receive, send)


limited = BodyLimits(answer, BODY_RULES, DEFAULT_BODY)


def endpoint_of(path: str) -> Any:
    """A stream's own, None for Django's."""
    return buyer_stream if BUYERS.fullmatch(path) else STREAMS.get(path)


async def lifespan(receive: Any, send: Any) -> None:
    """The server tells when it begins and ends; Django itself does not listen."""
    await receive()
    keeping = asyncio.create_task(keep())
    await send({"type": "lifespan.startup.complete"})
    await receive()
    keeping.cancel()
    stop_sending()
    await stop_tailer()
    await send({"type": "lifespan.shutdown.complete"})
