"""Read image containers without decoding: dimensions, frames, and the file without its metadata.

Of each format only the parts that draw the picture are kept. EXIF with its GPS position, XMP, IPTC, colour profiles,
comments, thumbnails, text chunks and whatever follows the end of the picture are dropped; the compressed pixels are
copied as they are, so nothing loses quality and animations stay animations.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import error as StructError
from struct import pack, unpack_from


class ContainerError(ValueError):
    """The file is no complete JPEG, PNG, GIF or WebP."""


@dataclass(slots=True)
class Container:
    """`width`, `height`: the largest area that decoding may need, in pixels; `exif`: the TIFF block, for the
    orientation; `content`: the file without metadata."""

    format: str
    width: int = 0
    height: int = 0
    frames: int = 1
    exif: bytes = b""
    parts: list[bytes] = field(default_factory=list)

    @property
    def content(self) -> bytes:
        return b"".join(self.parts)

    def cover(self, width: int, height: int) -> None:
        """Extend the area to hold this one too."""
        self.width, self.height = max(self.width, width), max(self.height, height)


def read_container(content: bytes) -> Container:
    """Read one image file. Raises ContainerError."""
    for signature, read in READERS:
        if signature.match(content):
            try:
                found = read(content)
            except (IndexError, StructError):
                raise ContainerError("truncated") from None
            if not (found.width and found.height and found.frames):
                raise ContainerError("no picture")
            return found
    raise ContainerError("unknown format")


# PNG

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = frozenset(
    (b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"acTL", b"fcTL", b"IDAT", b"fdAT")
)


def _read_png(content: bytes) -> Container:
    found, place = Container("PNG", parts=[PNG_HEAD]), len(PNG_HEAD)
    while True:
        length, kind = unpack_from(">I4s", content, place)
        start, end = place, place + 12 + length
        if end > len(content):
            raise ContainerError("truncated chunk")
        if kind == b"IHDR":
            found.cover(*unpack_from(">II", content, place + 8))
        elif kind == b"acTL":
            found.frames = max(1, *unpack_from(">I", content, place + 8))
        elif kind == b"eXIf":
            found.exif = content[place + 8 : place + 8 + length]
        elif kind == b"IEND":
            found.parts.append(content[start:end])
            return found
        if kind in PNG_KEPT:
            found.parts.append(content[start:end])
        elif kind[:1].isupper():
            raise ContainerError("unknown critical chunk")
        place = end


# JPEG

JPEG_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_NEXT = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)
ADOBE = b"Adobe"


def _read_jpeg(content: bytes) -> Container:
    found, place = Container("JPEG", parts=[b"\xff\xd8"]), 2
    while True:
        if content[place] != 0xFF:
            raise ContainerError("no marker")
        while content[place] == 0xFF:
            place += 1
        marker, place = content[place], place + 1
        if marker == 0xD9:
            found.parts.append(b"\xff\xd9")
            return found
        if marker in JPEG_ALONE:
            continue
        (length,) = unpack_from(">H", content, place)
        body = content[place + 2 : place + length]
        if length < 2 or len(body) != length - 2:
            raise ContainerError("truncated segment")
        _take_segment(found, marker, body)
        place += length
        if marker == 0xDA:
            after = JPEG_NEXT.search(content, place)
            if after is None:
                raise ContainerError("truncated scan")
            found.parts.append(content[place : after.start()])
            place = after.start()


def _take_segment(found: Container, marker: int, body: bytes) -> None:
    """Keep what decoding needs: tables, frames, scans, and Adobe's segment, which names the colour model."""
    if marker in JPEG_FRAMES:
        height, width = unpack_from(">HH", body, 1)
        found.cover(width, height)
    if marker == 0xE1 and body.startswith(b"Exif\x00\x00") and not found.exif:
        found.exif = body[6:]
    if marker == 0xE0:
        if not body.startswith(b"JFIF\x00"):
            return
        body = body[:12] + b"\x00\x00"  # without the thumbnail
    elif marker == 0xEE:
        if not body.startswith(ADOBE):
            return
        body = body[:12]
    elif marker == 0xFE or 0xE1 <= marker <= 0xEF:
        return
    found.parts.append(b"\xff" + bytes([marker]) + pack(">H", len(body) + 2) + body)


# GIF

GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def _read_gif(content: bytes) -> Container:
    found = Container("GIF", frames=0)
    found.cover(*unpack_from("<HH", content, 6))
    place = 13 + _gif_colours(content[10])
    found.parts.append(content[:place])
    while True:
        start, kind = place, content[place]
        if kind == 0x3B:
            found.parts.append(b"\x3b")
            return found
        if kind == 0x2C:
            left, top, width, height = unpack_from("<HHHH", content, place + 1)
            found.cover(left + width, top + height)
            found.frames += 1
            place = _gif_end(content, place + 11 + _gif_colours(content[place + 9]))
            found.parts.append(content[start:place])
        elif kind == 0x21:
            label, name = content[place + 1], content[place + 3 : place + 14]
            place = _gif_end(content, place + 2)
            if label == 0xF9 or (label == 0xFF and name in GIF_LOOPS):
                found.parts.append(content[start:place])
        else:
            raise ContainerError("unknown block")


def _gif_colours(flags: int) -> int:
    """Bytes of the colour table that a descriptor's flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _gif_end(content: bytes, place: int) -> int:
    """The place after the sub-blocks that begin here."""
    while content[place]:
        place += content[place] + 1
    return place + 1


# WebP

WEBP_KEPT = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"))
WEBP_FRAME_KEPT = frozenset((b"VP8 ", b"VP8L", b"ALPH"))
WEBP_METADATA_FLAGS = 0x20 | 0x08 | 0x04
"""ICC profile, EXIF, XMP: none is left."""


def _read_webp(content: bytes) -> Container:
    end = 8 + unpack_from("<I", content, 4)[0]
    if end > len(content):
        raise ContainerError("truncated")
    found, frames = Container("WEBP"), 0
    for kind, body in _riff(content, 12, end):
        if kind == b"EXIF":
            found.exif = body.removeprefix(b"Exif\x00\x00")
        if kind not in WEBP_KEPT:
            continue
        _cover_webp(found, kind, body)
        frames += kind == b"ANMF"
        found.parts.append(_chunk(kind, _webp_body(found, kind, body)))
    found.frames = max(1, frames)
    size = sum(map(len, found.parts))
    found.parts.insert(0, b"RIFF" + pack("<I", size + 4) + b"WEBP")
    return found


def _webp_body(found: Container, kind: bytes, body: bytes) -> bytes:
    """A chunk's content without metadata: flags in the header, foreign chunks inside a frame."""
    if kind == b"VP8X":
        return bytes([body[0] & ~WEBP_METADATA_FLAGS]) + body[1:]
    if kind != b"ANMF":
        return body
    inner = [(k, b) for k, b in _riff(body, 16, len(body)) if k in WEBP_FRAME_KEPT]
    for part in inner:
        _cover_webp(found, *part)
    return body[:16] + b"".join(_chunk(*part) for part in inner)


def _cover_webp(found: Container, kind: bytes, body: bytes) -> None:
    if kind == b"VP8X":
        found.cover(1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little"))
    elif kind == b"VP8 ":
        width, height = unpack_from("<HH", body, 6)
        found.cover(width & 0x3FFF, height & 0x3FFF)
    elif kind == b"VP8L":
        (bits,) = unpack_from("<I", body, 1)
        found.cover(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))


def _riff(content: bytes, place: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    while place + 8 <= end:
        kind, length = unpack_from("<4sI", content, place)
        if place + 8 + length > end:
            raise ContainerError("truncated chunk")
        yield kind, content[place + 8 : place + 8 + length]
        place += 8 + length + (length & 1)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + pack("<I", len(body)) + body + b"\x00" * (len(body) & 1)


READERS = (
    (re.compile(re.escape(PNG_HEAD)), _read_png),
    (re.compile(rb"\xff\xd8\xff"), _read_jpeg),
    (re.compile(rb"GIF8[79]a"), _read_gif),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), _read_webp),
)
