"""What uvicorn serves: the streams on their own, everything else through Django."""

import asyncio
import os
import warnings
from typing import Any

from django.conf import settings
from django.core.asgi import get_asgi_application

from config.watching.processes import share_figures

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


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    endpoint = endpoint_of(scope["path"]) if scope["type"] == "http" else None
    if endpoint is None:
        await django_application(scope, receive, send)
        return
    await watched(endpoint, "api_stream" if endpoint is stream else "chat_stream", scope, receive, send)


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
