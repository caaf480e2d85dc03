"""Logs: one JSON object a line in production, readable lines otherwise, with the request or job that they belong to.

No secret, no message text: only the names below are taken from a record, and what looks like a secret is blotted out
in what is left.
"""

import logging
import re
from asyncio import CancelledError
from typing import Any

import structlog
from django.core.exceptions import ImproperlyConfigured
from structlog.typing import EventDict, Processor, WrappedLogger

from agents.present import who_and_where

TAKEN = ("method", "path", "status", "ms", "shop", "account", "job", "job_id", "request_id", "runs_ms")
"""What a record may carry beside its words; anything else that somebody adds does not get into a log."""
BLOTS = (
    (re.compile(r"\b(f[kp]_)[A-Za-z0-9_-]{4,}"), r"\1…"),  # keys and tokens of ours
    (re.compile(r"(://[^:/@\s]*:)[^@/\s]+@"), r"\1…@"),  # a password in an address
    (re.compile(r"([?&](?:key|access_token|token|sign|secret)=)[^&\s'\"]+", re.IGNORECASE), r"\1…"),
    (re.compile(r"(?i)(authorization:?\s+\w+\s+)\S+"), r"\1…"),
    # PostgreSQL tells the values of the row that it refuses.
    (re.compile(r"^(?:DETAIL|CONTEXT):.*$", re.MULTILINE), "DETAIL: …"),
)


def blot(text: str) -> str:
    """The text without what looks like a secret or a row's contents."""
    for pattern, instead in BLOTS:
        text = pattern.sub(instead, text)
    return text


def blotted(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {name: blot(value) if isinstance(value, str) else value for name, value in event.items()}


def acting_added(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Who acts and in which shop, as far as this request has found out already."""
    for name, value in who_and_where().items():
        event.setdefault(name, value)
    return event


def is_news(record: logging.LogRecord) -> bool:
    """Not that somebody left before their page was ready: the thread that made it finds nobody waiting, and asyncio
    tells of that as an error, with sixty lines of middleware."""
    return not (record.exc_info and isinstance(record.exc_info[1], CancelledError))


BEFORE: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.ExtraAdder(allow=TAKEN),
    acting_added,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def logging_settings(form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING. `form`: json or line."""
    renderers: dict[str, Processor] = {
        "json": structlog.processors.JSONRenderer(ensure_ascii=False),
        "line": structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0),
    }
    if form not in renderers:
        raise ImproperlyConfigured(f'LOG_FORMAT: "{form}" is neither json nor line')
    formatter = {
        "()": "structlog.stdlib.ProcessorFormatter",
        "foreign_pre_chain": BEFORE,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, blotted, renderers[form]],
    }
    # Others that bring handlers of their own, which would print lines of another form.
    through = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"fenliu": formatter},
        "filters": {"news": {"()": lambda: is_news}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "fenliu"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            **dict.fromkeys(("uvicorn", "uvicorn.error", "celery", "django-q", "django.server"), through),
            "asyncio": {"filters": ["news"]},
            # Its lines hold whole addresses, and ours say the same.
            "uvicorn.access": {"handlers": [], "propagate": False},
        },
    }
