"""Images are stored without what the sender did not mean to send, and refused before they are decoded."""

from io import BytesIO

import pytest
from PIL import Image

from core.uploads import CleanImage, DecoderBusy, ImageRejected, ImageTooLarge, clean_image, images
from tests.core.uploads.pictures import GPS_IFD, SECRET, flat_png, moving, opened, with_metadata

KINDS = ["JPEG", "PNG", "WEBP"]


@pytest.fixture
def undecodable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoding anything at all fails the test."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr(images.Image, "open", refuse)


@pytest.mark.parametrize("kind", KINDS)
def test_position_and_descriptions_are_removed(kind: str) -> None:
    given = with_metadata(kind)
    assert SECRET.encode() in given and opened(given).getexif().get_ifd(GPS_IFD)
    clean = clean_image(given)
    assert SECRET.encode() not in clean.content
    image = opened(clean.content)
    assert image.format == kind and not image.getexif() and not image.getexif().get_ifd(GPS_IFD)
    assert not {"exif", "icc_profile", "xmp", "comment", "Comment"} & set(image.info)


@pytest.mark.parametrize("kind", KINDS)
def test_pixels_are_the_same_afterwards(kind: str) -> None:
    given = with_metadata(kind)
    assert opened(clean_image(given).content).tobytes() == opened(given).tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_taken_upside_down_is_stored_upright(kind: str) -> None:
    """Orientation 6: the camera was turned; red, left in the file, belongs on top."""
    image = opened(clean_image(with_metadata(kind, orientation=6)).content).convert("RGB")
    assert image.size == (16, 24)
    top, bottom = image.getpixel((8, 2)), image.getpixel((8, 21))
    assert top[0] > 200 and top[2] < 60 and bottom[0] < 60 and bottom[2] > 200


@pytest.mark.parametrize(("kind", "ending"), [("GIF", "gif"), ("WEBP", "webp"), ("PNG", "png")])
def test_an_animation_stays_one_and_loops_without_its_comment(kind: str, ending: str) -> None:
    given = moving(kind)
    clean = clean_image(given)
    image = opened(clean.content)
    assert clean.ending == ending and image.n_frames == opened(given).n_frames == 4
    assert SECRET.encode() not in clean.content and image.info["loop"] == 0 and image.info["duration"] == 90
    for number in range(4):
        before = opened(given)
        before.seek(number)
        image.seek(number)
        assert image.convert("RGBA").tobytes() == before.convert("RGBA").tobytes()


def test_transparency_is_kept() -> None:
    for kind in ("PNG", "WEBP", "GIF"):
        out = BytesIO()
        picture = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
        picture.putpixel((0, 0), (0, 255, 0, 255))
        picture.save(out, kind, **({"lossless": True} if kind == "WEBP" else {}))
        image = opened(clean_image(out.getvalue()).content).convert("RGBA")
        assert image.getpixel((3, 3))[3] == 0 and image.getpixel((0, 0))[3] == 255, kind


@pytest.mark.parametrize("mode", ["CMYK", "L", "RGB"])
def test_every_colour_model_of_jpeg_survives(mode: str) -> None:
    out = BytesIO()
    Image.effect_noise((40, 40), 60).convert("RGB").convert(mode).save(out, "JPEG", progressive=mode == "RGB")
    assert opened(clean_image(out.getvalue()).content).tobytes() == opened(out.getvalue()).tobytes()


def test_an_area_too_large_is_refused_before_decoding(undecodable: None) -> None:
    with pytest.raises(ImageTooLarge):
        clean_image(flat_png(4001))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF"])
def test_the_area_of_every_format_comes_from_its_header(kind: str, settings, undecodable: None) -> None:
    settings.MAX_IMAGE_PIXELS = 24 * 16 - 1
    out = BytesIO()
    Image.new("RGB", (24, 16)).save(out, kind)
    with pytest.raises(ImageTooLarge):
        clean_image(out.getvalue())


def test_a_small_screen_with_a_large_frame_is_refused(undecodable: None) -> None:
    """A GIF's frames may lie outside its screen, and the decoder makes room for them."""
    given = bytearray(moving("GIF", 1))
    place = given.index(b"\x2c\x00\x00\x00\x00")
    given[place + 5 : place + 9] = b"\xff\xff\xff\xff"
    with pytest.raises(ImageTooLarge):
        clean_image(bytes(given))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_of_too_many_frames_is_refused(kind: str, settings, undecodable: None) -> None:
    settings.MAX_IMAGE_FRAMES = 3
    with pytest.raises(ImageTooLarge):
        clean_image(moving(kind))


@pytest.mark.parametrize("kind", [*KINDS, "GIF"])
def test_a_truncated_file_is_refused(kind: str) -> None:
    given = moving("GIF") if kind == "GIF" else with_metadata(kind).removesuffix(SECRET.encode())
    for length in range(0, len(given) - 2, max(1, len(given) // 60)):
        with pytest.raises(ImageRejected):
            clean_image(given[:length])


def test_one_too_many_at_once_is_refused_and_the_place_is_given_back(settings) -> None:
    settings.IMAGE_DECODER_WAIT = 0.01
    with images._decoder(), pytest.raises(DecoderBusy):
        clean_image(flat_png(8))
    with pytest.raises(ImageRejected):
        clean_image(b"nothing")
    assert isinstance(clean_image(flat_png(8)), CleanImage)
