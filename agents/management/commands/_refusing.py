"""A command that words refusals as one clear error, exit code 2 (CONTRACT, head)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError

from agents.errors import Refused


@contextmanager
def refusals_as_errors() -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        place = f"{refused.field}: " if refused.field else ""
        raise CommandError(f"{place}{refused.message}", returncode=2) from refused
