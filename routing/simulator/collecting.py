"""Work that makes many small objects, and no cycles worth a search."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Reference counting goes on, so what is not part of a cycle is freed as ever."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            # What was made goes to the oldest objects unlooked at; else the next thing would be one great search.
            gc.freeze()
            gc.unfreeze()
            gc.enable()
