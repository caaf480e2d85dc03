"""Uploads that are no images, or pretend: refused, or kept as the image that they are, and never run."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from conversations.errors import MessageRefused
from conversations.images import check_image
from tests.agents.factories import make_key, make_shop
from tests.hostile.amount import part
from tests.hostile.mutate import Memory, cases, resident
from tests.routing.factories import make_waiting, png

FULL = 10_000


def image(kind: str, side: int = 16, **more: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", (side, side), "red").save(out, kind, **more)
    return out.getvalue()


def moving() -> bytes:
    out = BytesIO()
    frames = [Image.new("P", (8, 8), n) for n in range(4)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


SAMPLES = [image("PNG"), image("JPEG"), image("GIF"), image("WEBP"), moving(), image("JPEG", progressive=True)]
PRETENDERS = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "gif that is a script": b"GIF89a=1;alert(1)//",
    "pdf": b"%PDF-1.7\n1 0 obj<</S/JavaScript/JS(app.alert(1))>>",
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "bmp": b"BM" + bytes(60),
    "tiff": b"II*\x00" + bytes(60),
    "ico": b"\x00\x00\x01\x00" + bytes(60),
    "zip": b"PK\x03\x04" + bytes(60),
    "video": b"\x00\x00\x00\x18ftypmp42" + bytes(60),
    "nothing": b"",
}


@pytest.mark.slow
def test_a_spoilt_image_is_refused_or_is_one() -> None:
    memory, taken = Memory(part(FULL)), 0
    for content in cases("images", SAMPLES, FULL):
        try:
            assert check_image(content).ending in ("jpg", "png", "gif", "webp")
            taken += 1
        except MessageRefused as refused:
            assert (refused.status, refused.field) == (422, "image")
        memory.case()
    memory.check()
    assert 0 < taken < part(FULL)


@pytest.mark.parametrize("name", PRETENDERS)
def test_what_only_says_that_it_is_an_image_is_refused(name: str) -> None:
    with pytest.raises(MessageRefused):
        check_image(PRETENDERS[name])


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_of(width: int, height: int, packed: bytes, *more: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


UNPACKS = zlib.compress(bytes(200 << 20))
PIXEL = zlib.compress(bytes(4))
BOMBS = {
    "a huge area": png_of(60_000, 60_000, zlib.compress(bytes(1 << 20))),
    "an area just over": png_of(10_000, 9_000, zlib.compress(bytes(1 << 20))),
    "a text that unpacks": png_of(1, 1, PIXEL, chunk(b"zTXt", b"a\x00\x00" + UNPACKS)),
    "a profile that unpacks": png_of(1, 1, PIXEL, chunk(b"iCCP", b"a\x00\x00" + UNPACKS)),
    "more than its area": png_of(1, 1, UNPACKS),
}


@pytest.mark.parametrize("name", BOMBS)
def test_an_image_that_unpacks_into_memory_takes_none(name: str) -> None:
    content, before = BOMBS[name], resident()
    try:
        check_image(content)
    except MessageRefused:
        pass
    else:
        # What unpacks stands beside the picture and is dropped unread, or is more than the picture's rows.
        assert name in ("a text that unpacks", "a profile that unpacks", "more than its area")
    assert resident() - before < 60 << 20


@pytest.mark.django_db
@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"<svg onload=alert(1)>", b"PK\x03\x04"])
def test_an_image_that_is_a_page_too_is_shown_as_an_image_alone(tail: bytes) -> None:
    """A browser takes the type that it is told, and runs nothing of it even where it is opened by itself."""
    shop = make_shop()
    row = make_waiting(shop)
    client = Client(headers={"Authorization": f"Token {make_key(shop)[1]}"})
    base = f"/api/v1/shops/{shop.slug}/conversations/{row.pk}/messages/"
    upload = SimpleUploadedFile("../../x.html\r\nX: y", png() + tail, "text/html")
    said = client.post(base, {"sender": "buyer", "image": upload})
    assert said.status_code == 201, said.content
    got = client.get(f"{base}{said.json()['id']}/image/")
    assert got.headers["Content-Type"] == "image/png"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert got.headers["Content-Disposition"] == f'inline; filename="{said.json()["id"]}.png"'
