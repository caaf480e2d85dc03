"""Asking whichever robot is plugged in, without waiting for it longer than is set."""

import logging
from functools import lru_cache
from threading import BoundedSemaphore, Thread
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string

from conversations.robots.plain import PlainRobot
from conversations.robots.port import Question, Reply, Robot

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 32
"""Questions in the air in one process: a robot that hangs must not fill it with threads."""

LONGEST_REPLY = 2000

_places = BoundedSemaphore(MOST_AT_ONCE)


class RobotFailed(Exception):
    """The robot raised, answered nonsense, or took too long."""


@lru_cache(maxsize=16)
def robot_class(path: str) -> type[Robot]:
    """The class at a dotted path. Raises ImportError where there is none, TypeError for something else."""
    found = import_string(path)
    if not isinstance(found, type) or not callable(getattr(found, "answer", None)):
        raise TypeError(f"{path} is no class with a method answer(question)")
    return found


def ask(question: Question) -> Reply | None:
    """What the robot says to `question`; None: it does not know. Raises RobotFailed."""
    try:
        robot = robot_class(settings.ROBOT)()
        # The plain one does nothing but compare words, in time that its input bounds.
        reply = robot.answer(question) if isinstance(robot, PlainRobot) else _in_time(robot, question)
    except RobotFailed:
        raise
    except Exception as error:
        raise RobotFailed(f"{settings.ROBOT}: {error!r}") from error
    if reply is None:
        return None
    if not isinstance(reply, Reply) or not isinstance(reply.text, str):
        raise RobotFailed(f"{settings.ROBOT} answered {type(reply).__name__}, which is no Reply")
    if not reply.text.strip() and not reply.hand_over:
        return None
    return Reply(reply.text.strip()[:LONGEST_REPLY].replace("\0", ""), bool(reply.hand_over), str(reply.matched))


def _in_time(robot: Robot, question: Question) -> Any:
    if not _places.acquire(blocking=False):
        raise RobotFailed(f"{settings.ROBOT}: {MOST_AT_ONCE} questions are waiting for it already")
    box: list[Any] = []

    def run() -> None:
        try:
            box.append((robot.answer(question), None))
        except BaseException as error:
            box.append((None, error))
        finally:
            _places.release()
            connections.close_all()

    # A daemon, so that a robot that never comes back does not keep the process from ending.
    thread = Thread(target=run, name="robot", daemon=True)
    thread.start()
    thread.join(settings.ROBOT_TIMEOUT)
    if not box:
        raise RobotFailed(f"{settings.ROBOT} took longer than {settings.ROBOT_TIMEOUT} s")
    reply, error = box[0]
    if error is not None:
        raise RobotFailed(f"{settings.ROBOT}: {error!r}") from error
    return reply
