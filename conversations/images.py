"""Images, judged by their content and not by their name (issue of trust: a name is only a claim)."""

import io
import warnings

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from conversations.errors import MessageRefused

FORMATS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}
MAX_PIXELS = 50_000_000
VIDEO_SIGNATURES = (b"ftyp", b"moov", b"mdat")


def check_image(content: bytes) -> str:
    """The file ending that fits an image's content.

    Raises MessageRefused: `image_too_large` (over MAX_IMAGE_BYTES or MAX_PIXELS), `kind_refused` for a
    video (PDD11), `not_an_image` for anything else.
    """
    if len(content) > settings.MAX_IMAGE_BYTES:
        raise MessageRefused(
            "image_too_large",
            _("The image is larger than %(most)s MB.") % {"most": settings.MAX_IMAGE_BYTES // 1024**2},
            field="image",
        )
    if is_video(content):
        raise MessageRefused("kind_refused", _("Videos cannot be sent: text and images only."), field="image")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=list(FORMATS)) as image:
                ending = FORMATS[image.format or ""]
                width, height = image.size
                image.load()
    except (UnidentifiedImageError, KeyError, OSError, SyntaxError, ValueError, Warning, Image.DecompressionBombError):
        raise MessageRefused(
            "not_an_image", _("The file is no complete JPEG, PNG, GIF or WebP image."), field="image"
        ) from None
    if width * height > MAX_PIXELS:
        raise MessageRefused("image_too_large", _("The image has too many pixels."), field="image")
    return ending


def is_video(content: bytes) -> bool:
    """MP4/QuickTime, WebM/Matroska, AVI, FLV or MPEG by their first bytes."""
    return (
        content[4:8] in VIDEO_SIGNATURES
        or content.startswith((b"\x1aE\xdf\xa3", b"FLV\x01", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3"))
        or (content[:4] == b"RIFF" and content[8:12] == b"AVI ")
    )
