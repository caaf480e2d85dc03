"""Why something was refused: one class that services raise and every entrance words the same way."""

from django.utils.functional import Promise


class Refused(Exception):
    """A request that the rules refuse. Nothing has been changed.

    `code` is stable and for programs, `message` for people, `field` names the place if there is one,
    `status` is what the HTTP API answers. `retry_after`: seconds after which the same request may go through; 0: it
    would be refused again.
    """

    status = 400
    retry_after = 0

    def __init__(self, code: str, message: str | Promise, *, field: str = "", status: int | None = None) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
        self.field = field
        self.status = status or self.status


class Forbidden(Refused):
    """May be seen by the caller, may not be done by them."""

    status = 403


class Conflict(Refused):
    """Stands against what is there already."""

    status = 409


class Overloaded(Refused):
    """The server has no room for this now."""

    status = 503

    def __init__(self, message: str | Promise, retry_after: int) -> None:
        super().__init__("overloaded", message)
        self.retry_after = retry_after


class TooMany(Refused):
    """The caller has reached a limit."""

    status = 429

    def __init__(self, message: str | Promise, retry_after: int, *, code: str = "too_many", field: str = "") -> None:
        super().__init__(code, message, field=field)
        self.retry_after = retry_after
