"""Who waits, in lines: within a line the rules place all alike, so when the first cannot be placed the line is done.

However many wait, a pass over the lines costs as much as there are lines.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from heapq import heapify, heappop, heappush
from itertools import count

from routing.engine.types import Conversation

Stand = tuple[Hashable, int]
"""The line in which a conversation waits, and since which event: its place in time (G6, G9)."""
Entry = tuple[int, int, Conversation]


class _Line:
    """Ordered by place in time. Who has left, or changed lines, is taken off when they come to the front."""

    __slots__ = ("heap", "since")

    def __init__(self) -> None:
        self.heap: list[Entry] = []
        self.since: dict[str, int] = {}


class Lines:
    """`stands` tells where a conversation waits as things are, None if it does not."""

    def __init__(self, stands: Callable[[Conversation], Stand | None]) -> None:
        self._stands = stands
        self._lines: dict[Hashable, _Line] = {}
        self._number = count()

    def join(self, conversation: Conversation) -> None:
        """To be called whenever a conversation begins to wait, or to wait elsewhere."""
        stand = self._stands(conversation)
        if stand is None:
            return
        key, since = stand
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = _Line()
        if line.since.get(conversation.id) != since:
            line.since[conversation.id] = since
            heappush(line.heap, (since, next(self._number), conversation))

    def anew(self, conversations: Iterable[Conversation]) -> None:
        """When what places them has changed."""
        self._lines = {}
        for conversation in conversations:
            self.join(conversation)

    def _front(self, key: Hashable) -> Entry | None:
        line = self._lines[key]
        while line.heap:
            entry = line.heap[0]
            since, _, conversation = entry
            if self._stands(conversation) == (key, since):
                return entry
            heappop(line.heap)
            if line.since.get(conversation.id) == since:
                del line.since[conversation.id]
        del self._lines[key]
        return None

    def in_order(
        self,
        kind: Callable[[Conversation], Hashable],
        refused: Collection[Hashable],
        besides: Iterable[Conversation],
    ) -> Iterator[Conversation]:
        """All who wait, in the order of waiting. With the first of a `refused` kind goes its line; `besides` those
        whose turn does not depend on their line.
        """
        heads: list[tuple[int, int, Conversation, Hashable]] = []
        for key in list(self._lines):
            front = self._front(key)
            if front is not None:
                heads.append((*front, key))
        for conversation in besides:
            stand = self._stands(conversation)
            if stand is not None:
                heads.append((stand[1], next(self._number), conversation, None))
        twice = bool(heads) and heads[-1][3] is None  # some stand in a line and besides: the second time they are gone
        heapify(heads)
        while heads:
            _, _, conversation, key = heappop(heads)
            if twice and self._stands(conversation) is None:
                pass
            elif not refused or kind(conversation) not in refused:
                yield conversation
            if key is None or key not in self._lines or key in refused:
                continue
            front = self._front(key)
            if front is not None and front[2] is not conversation:
                heappush(heads, (*front, key))
