"""Check an uploaded image and remove its metadata, with bounded memory and bounded parallel decoding."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from PIL import Image, UnidentifiedImageError
from PIL.Image import Transpose

from core.uploads.containers import Container, ContainerError, read_container

ENDINGS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
ORIENTATION = 0x0112
TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""By the EXIF orientation: what makes the picture upright."""
SAVED = {"JPEG": {"quality": 90}, "PNG": {"compress_level": 3}, "WEBP": {"quality": 85, "method": 2}}
"""Options for encoding a turned picture; any other keeps its compressed pixels."""


class ImageRejected(Exception):
    """The file is no complete image of a format that is taken."""


class ImageTooLarge(Exception):
    """More pixels or frames than are taken. Known before anything is decoded."""


class DecoderBusy(Exception):
    """As many images are being decoded as may be at once."""


@dataclass(frozen=True, slots=True)
class CleanImage:
    """An image that has been decoded once, without metadata; `ending` fits its content."""

    content: bytes
    ending: str


def clean_image(content: bytes) -> CleanImage:
    """Decode an image once and return it without metadata, upright.

    The area is read from the file's header and refused before decoding. At most IMAGE_DECODERS images are decoded at
    once in a process: the memory that uploads can take is IMAGE_DECODERS times one image of MAX_IMAGE_PIXELS.
    Raises ImageRejected, ImageTooLarge, DecoderBusy.
    """
    with _decoder():
        try:
            container = read_container(content)
        except ContainerError as error:
            raise ImageRejected(str(error)) from None
        _check_size(container)
        stripped = container.content
        return CleanImage(_decoded(stripped, container), ENDINGS[container.format])


def _check_size(container: Container) -> None:
    area = container.width * container.height
    if area > settings.MAX_IMAGE_PIXELS:
        raise ImageTooLarge(f"{area} pixels")
    if container.frames > settings.MAX_IMAGE_FRAMES or area * container.frames > settings.MAX_ANIMATION_PIXELS:
        raise ImageTooLarge(f"{container.frames} frames")


def _decoded(stripped: bytes, container: Container) -> bytes:
    """The file itself, or where EXIF turns the picture, the turned picture encoded again."""
    try:
        with Image.open(io.BytesIO(stripped), formats=[container.format]) as image:
            if image.width * image.height > settings.MAX_IMAGE_PIXELS:
                raise ImageTooLarge(f"{image.width} × {image.height}")
            image.load()
            turn = TURNS.get(_orientation(container.exif)) if container.frames == 1 else None
            if turn is None:
                return stripped
            out = io.BytesIO()
            image.info.clear()
            image.transpose(turn).save(out, container.format, **SAVED[container.format])
            return out.getvalue()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ImageRejected(str(error)) from None


def _orientation(exif: bytes) -> int:
    """1 to 8; 0 where none is told or the block cannot be read."""
    if not exif:
        return 0
    read = Image.Exif()
    try:
        read.load(exif)
        value = read.get(ORIENTATION)
    except Exception:
        # A spoilt block is the sender's; it is dropped either way.
        return 0
    return value if isinstance(value, int) else 0


@cache
def _decoders() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(settings.IMAGE_DECODERS)


@contextmanager
def _decoder() -> Iterator[None]:
    """Wait IMAGE_DECODER_WAIT seconds for a free decoder. Raises DecoderBusy."""
    if not _decoders().acquire(timeout=settings.IMAGE_DECODER_WAIT):
        raise DecoderBusy
    try:
        yield
    finally:
        _decoders().release()
