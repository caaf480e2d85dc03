"""Images for the tests: large ones that are small files, and ones that carry what a phone adds."""

import struct
import zlib
from io import BytesIO

from PIL import Image, PngImagePlugin

SECRET = "secret-place"
GPS_IFD, ORIENTATION = 0x8825, 0x0112


def flat_png(side: int) -> bytes:
    """A black square: 89 million pixels are some 350 kB."""
    packer, row = zlib.compressobj(9), bytes(1 + side * 3)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def with_metadata(kind: str, orientation: int = 1) -> bytes:
    """A picture, 24 wide and 16 high, left half red, with EXIF, GPS, XMP, a profile, a comment and a tail."""
    image = Image.new("RGB", (24, 16), "blue")
    image.paste("red", (0, 0, 12, 16))
    exif = Image.Exif()
    exif[ORIENTATION], exif[0x010E] = orientation, SECRET
    exif.get_ifd(GPS_IFD).update({1: "N", 2: (31.0, 13.0, 49.0), 3: "E", 4: (121.0, 28.0, 25.0), 29: SECRET})
    more = {"exif": exif, "icc_profile": SECRET.encode() * 20, "xmp": f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode()}
    if kind == "JPEG":
        more |= {"comment": SECRET, "quality": 95}
    if kind == "PNG":
        words = PngImagePlugin.PngInfo()
        words.add_text("Comment", SECRET)
        words.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{SECRET}</x:xmpmeta>")
        more["pnginfo"] = words
    if kind == "WEBP":
        more["lossless"] = True
    out = BytesIO()
    image.save(out, kind, **more)
    return out.getvalue() + SECRET.encode()


def moving(kind: str, frames: int = 4, side: int = 8) -> bytes:
    """An animation that loops, with a comment where the format has one."""
    pictures = [Image.new("RGBA", (side, side), (40 * n % 256, n % 256, 0, 0 if n % 2 else 255)) for n in range(frames)]
    out = BytesIO()
    more = {"comment": SECRET} if kind == "GIF" else {"lossless": True} if kind == "WEBP" else {}
    pictures[0].save(out, kind, save_all=True, append_images=pictures[1:], duration=90, loop=0, disposal=2, **more)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image
