"""One stream's end of the tailer."""

import asyncio

from django.conf import settings

from routing.stream.cursor import Cursor
from routing.stream.readers import Access, Views
from routing.stream.telling import Told

MOST_BEHIND = 1000
"""Events that a slow reader may be behind; one who is further is let go, and resumes where they were."""


class Subscriber:
    """One stream's end: what it may see, and in order the events and changes of its views (None: it is over).

    `cursor` is where it begins, `reset` the shops of which it has missed too much; whoever takes from the queue may
    go on counting in `cursor`.
    """

    def __init__(self, access: Access, views: Views, most_replayed: int | None = None) -> None:
        self.access = access
        self.views: Views = views
        self.cursor: Cursor = {}
        self.reset: list[str] = []
        self.most_replayed = settings.MAX_REPLAY if most_replayed is None else most_replayed
        """Events that it may be behind when it begins; further behind, it is told to load anew."""
        self.queue: asyncio.Queue[Told | Views | None] = asyncio.Queue(MOST_BEHIND)

    def hand(self, item: Told | Views | None) -> None:
        try:
            self.queue.put_nowait(item)
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        while not self.queue.empty():
            self.queue.get_nowait()
        self.queue.put_nowait(None)
