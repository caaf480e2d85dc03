"""Images of messages on disk: staged outside the lane, kept with the row, and compared with the rows every night."""

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.errors import Refused
from conversations.models import Message, MissingImage
from core.uploads import CleanImage
from core.uploads.files import (
    ScannedFile,
    StagedFile,
    delete_files,
    file_exists,
    finish_file,
    list_files,
    list_folders,
    settled,
    stage_file,
)

ROOT = "images"
ORPHAN_SECONDS = 24 * 3600
STAGED_SECONDS = 3600
"""After so long no transaction is under way any more that could still write the row."""
PIECE = 500
MAX_NAMED = 20
"""Missing files of one piece that the log names."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """`count`: files deleted or finished, or found missing; `after`: where the next run goes on, None at the end."""

    count: int
    after: str | None = None


def staged_image(image: CleanImage) -> AbstractContextManager[StagedFile]:
    """Write the image beside its place; the block settles whether it stays (core.uploads.files.settled).

    Raises Refused `image_not_stored` (507) where the disk takes it not: full, read-only.
    """
    field = Message._meta.get_field("image")
    name = field.generate_filename(Message(), f"{uuid4().hex}.{image.ending}")
    try:
        return settled(stage_file(name, image.content))
    except OSError as error:
        log.exception("An image could not be stored: %s", error.strerror)
        said = _("The image could not be stored. Please try again later.")
        raise Refused("image_not_stored", said, field="image", status=507) from None


def forget_images(messages: Iterable[Message]) -> None:
    """Delete the files of these messages once the present transaction has committed: after a rollback the rows still
    name them. What a process that is killed in between leaves, the nightly sweep deletes."""
    names = [str(message.image.name) for message in messages]
    if names:
        transaction.on_commit(lambda: delete_files(names), robust=True)


def sweep_files(*, after: str = "", patience: float = 300) -> Swept:
    """Delete files that no row names and finish those whose writer was killed after the commit.

    Goes by folder, from the one behind `after`, for about `patience` seconds. An empty database says nothing about
    the files: it may be about to be restored, so nothing is deleted then.
    """
    if not Message.objects.exists():
        return Swept(0)
    until, count = time.monotonic() + patience, 0
    for folder in list_folders(ROOT):
        if folder <= after:
            continue
        count += sum(_judge(piece) for piece in _pieces(list_files(folder)))
        if time.monotonic() > until:
            return Swept(count, folder)
    return Swept(count)


def _pieces(files: Iterator[ScannedFile]) -> Iterator[list[ScannedFile]]:
    while piece := list(islice(files, PIECE)):
        yield piece


def _judge(piece: list[ScannedFile]) -> int:
    old = [file for file in piece if file.age_seconds >= (STAGED_SECONDS if file.staged else ORPHAN_SECONDS)]
    named = _named_among([file.name for file in old])
    finished = sum(finish_file(file.name) for file in old if file.staged and file.name in named)
    deleted = delete_files([file.name for file in old if file.name not in named])
    if finished or deleted:
        log.warning("images: %s without a message were deleted, %s were given their names", deleted, finished)
    return finished + deleted


def _with_image() -> QuerySet[Message]:
    """The condition of the index message_image."""
    return Message.objects.exclude(image="").order_by()


def _named_among(names: list[str]) -> set[str]:
    return set(_with_image().filter(image__in=names).values_list("image", flat=True)) if names else set()


def find_missing_images(*, after: str = "", patience: float = 300) -> Swept:
    """Note the messages whose image is not on disk, and forget those whose image has come back.

    Goes by name, from the one behind `after`, for about `patience` seconds.
    """
    if not after:
        MissingImage.objects.exclude(message__in=_with_image().values("pk")).delete()
    until, count = time.monotonic() + patience, 0
    while rows := list(
        _with_image().filter(image__gt=after).order_by("image").values_list("pk", "shop", "image")[:PIECE]
    ):
        count += _note_missing(rows)
        after = rows[-1][2]
        if time.monotonic() > until:
            return Swept(count, after)
    return Swept(count)


def _note_missing(rows: list[tuple[int, int, str]]) -> int:
    missing = [row for row in rows if not file_exists(row[2])]
    lost = {row[0] for row in missing}
    MissingImage.objects.filter(message__in=[row[0] for row in rows if row[0] not in lost]).delete()
    now = timezone.now()
    MissingImage.objects.bulk_create(
        [MissingImage(message_id=pk, shop_id=shop, name=name, found_at=now) for pk, shop, name in missing],
        ignore_conflicts=True,
    )
    for pk, _shop, name in missing[:MAX_NAMED]:
        log.error("message %s: its image %s is missing", pk, name)
    return len(missing)
