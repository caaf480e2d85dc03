"""Why a message is refused, with the codes of CONTRACT section 2."""

from django.utils.functional import Promise

from agents.errors import Refused


class MessageRefused(Refused):
    """A message that cannot be taken: its kind, size or content."""

    status = 422

    def __init__(self, code: str, message: str | Promise, *, field: str = "") -> None:
        super().__init__(code, message, field=field)
