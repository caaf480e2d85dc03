"""Images of messages, judged by their content: a name is only a claim. core.uploads reads them; here are the words."""

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from agents.errors import Overloaded
from conversations.errors import MessageRefused
from core.uploads import CleanImage, DecoderBusy, ImageRejected, ImageTooLarge, clean_image

VIDEO_SIGNATURES = (b"ftyp", b"moov", b"mdat")
RETRY_AFTER_SECONDS = 3


def check_image(content: bytes) -> CleanImage:
    """Decode a message's image once and return it as it is stored: upright, without EXIF, GPS and other metadata.

    Call it outside the shop's lane: decoding takes time, and the database connection is given back meanwhile.
    Raises MessageRefused: `image_too_large` (over MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS or MAX_IMAGE_FRAMES),
    `kind_refused` for a video (PDD11), `not_an_image` for anything else; Overloaded while others are decoded.
    """
    if len(content) > settings.MAX_IMAGE_BYTES:
        raise MessageRefused(
            "image_too_large",
            _("The image is larger than %(most)s MB.") % {"most": settings.MAX_IMAGE_BYTES // 1024**2},
            field="image",
        )
    if is_video(content):
        raise MessageRefused("kind_refused", _("Videos cannot be sent: text and images only."), field="image")
    if not connection.in_atomic_block:
        connection.close()
    try:
        return clean_image(content)
    except ImageTooLarge:
        raise MessageRefused("image_too_large", _("The image has too many pixels."), field="image") from None
    except ImageRejected:
        raise MessageRefused(
            "not_an_image", _("The file is no complete JPEG, PNG, GIF or WebP image."), field="image"
        ) from None
    except DecoderBusy:
        said = _("Too many images are arriving at once: please try again in %(wait)s seconds.")
        raise Overloaded(said % {"wait": RETRY_AFTER_SECONDS}, RETRY_AFTER_SECONDS) from None


def is_video(content: bytes) -> bool:
    """MP4/QuickTime, WebM/Matroska, AVI, FLV or MPEG by their first bytes."""
    return (
        content[4:8] in VIDEO_SIGNATURES
        or content.startswith((b"\x1aE\xdf\xa3", b"FLV\x01", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3"))
        or (content[:4] == b"RIFF" and content[8:12] == b"AVI ")
    )
