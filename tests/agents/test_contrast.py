"""The tokens' pairs of text and ground are legible (WCAG AA: 4.5 to 1), light and dark."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"
PAIRS = [
    *(
        (text, ground)
        for text in ("text-1", "text-2")
        for ground in ("bg", "surface", "sunken", "off-soft", "acc-soft")
    ),
    *(("text-3", ground) for ground in ("bg", "surface", "sunken", "off-soft")),
    *((tone, ground) for tone in ("acc", "ok", "warn", "bad") for ground in ("surface", f"{tone}-soft")),
    ("acc-on", "acc"),
]


def tokens(theme: str) -> dict[str, str]:
    block = re.search(rf'\[data-bs-theme="{theme}"\] \{{(.*?)\}}', CSS.read_text(), re.DOTALL)
    assert block
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block[1]))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(theme: str, text: str, ground: str) -> None:
    of = tokens(theme)
    lighter, darker = sorted((luminance(of[text]), luminance(of[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
