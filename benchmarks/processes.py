"""What processes and their children take, read off /proc: cores and memory."""

import os
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Processes:
    """`roots`: by name the process whose tree is meant, and a word that the command lines of those meant hold."""

    def __init__(self, **roots: tuple[int, str]) -> None:
        self.roots = roots | {"who asks": (os.getpid(), "")}
        self._at = 0.0
        self._used: dict[str, float] = {}

    def start(self) -> None:
        self._at, self._used = time.perf_counter(), self._seconds()

    def busy(self) -> dict[str, float]:
        """Cores taken since the start, by name."""
        lasted, now = time.perf_counter() - self._at, self._seconds()
        return {name: (now[name] - self._used[name]) / lasted for name in self.roots}

    def memory(self) -> dict[str, int]:
        """Megabytes resident now, by name; pages shared between processes count in each."""
        found = {}
        for name, pids in self._pids().items():
            pages = 0
            for pid in pids:
                with suppress(OSError):
                    pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            found[name] = pages * PAGE // 1024**2
        return found

    def _seconds(self) -> dict[str, float]:
        found = {}
        for name, pids in self._pids().items():
            ticks = 0
            for pid in pids:
                with suppress(OSError):
                    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                    # Its own and those of children that have ended.
                    ticks += sum(map(int, fields[11:15]))
            found[name] = ticks / TICKS
        return found

    def _pids(self) -> dict[str, list[int]]:
        children: defaultdict[int, list[int]] = defaultdict(list)
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with suppress(OSError):
                    parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                    children[parent].append(int(entry.name))
        return {name: self._tree(root, word, children) for name, (root, word) in self.roots.items()}

    def _tree(self, root: int, word: str, children: dict[int, list[int]]) -> list[int]:
        if root == os.getpid():
            return [root]
        found, left = [], [root]
        while left:
            pid = left.pop()
            left += children.get(pid, ())
            with suppress(OSError):
                if word in Path(f"/proc/{pid}/cmdline").read_text():
                    found.append(pid)
        return found
