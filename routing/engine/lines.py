"""Who waits, in lines: within a line the rules place all alike, so when the first cannot be placed the line is done.

However many wait, a pass over the lines costs as much as there are lines.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from heapq import heapify, heappop, heappush
from itertools import count

from routing.engine.types import Conversation, Stand

Entry = tuple[int, int, Conversation, Stand]


class Lines:
    """Heaps by place in time. Who has left, or changed lines, is taken off when they come to the front: their `stand`
    is another by then.
    """

    def __init__(self) -> None:
        self._lines: dict[Hashable, list[Entry]] = {}
        self._number = count()

    def join(self, conversation: Conversation, line: Hashable, since: int) -> None:
        """It waits in `line` now, since the event numbered `since`."""
        stand = conversation.stand
        if stand is not None and stand[1] == since and stand[0] == line:
            return
        conversation.stand = stand = line, since
        heap = self._lines.get(line)
        if heap is None:
            heap = self._lines[line] = []
        heappush(heap, (since, next(self._number), conversation, stand))

    def clear(self) -> None:
        self._lines = {}

    def _front(self, line: Hashable) -> Entry | None:
        heap = self._lines[line]
        while heap:
            entry = heap[0]
            if entry[2].stand is entry[3]:
                return entry
            heappop(heap)
        del self._lines[line]
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
        heads = [entry for line in list(self._lines) if (entry := self._front(line)) is not None]
        in_lines = len(heads)
        heads += [(c.stand[1], next(self._number), c, (None, 0)) for c in besides if c.stand is not None]
        twice = len(heads) > in_lines  # the second time that somebody's turn comes they are gone
        heapify(heads)
        while heads:
            _, _, conversation, (line, _) = heappop(heads)
            if twice and conversation.stand is None:
                pass
            elif not refused or kind(conversation) not in refused:
                yield conversation
            if line is None or line not in self._lines or line in refused:
                continue
            front = self._front(line)
            if front is not None and front[2] is not conversation:
                heappush(heads, front)
