"""Encodings and delimiters are found out, and a fault in one encoding is not taken for another."""

from io import BytesIO
from pathlib import Path

import pytest

from core.tabular import NotText, delimiter_of, encodings, open_text


@pytest.fixture(params=[3, 1 << 20])
def _pieces(request, monkeypatch) -> None:
    """Characters that lie across the pieces in which a file is read are characters."""
    monkeypatch.setattr(encodings, "PIECE", request.param)


@pytest.mark.usefixtures("_pieces")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("text", ["a,b\r\n1,2\r\n", "会话,买家\n联通,𠮷野家\n", "", "是"])
def test_a_text_is_read_in_whichever_encoding_it_is(encoding: str, text: str) -> None:
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    assert open_text(BytesIO(mark + text.encode(encoding))).read() == text


@pytest.mark.usefixtures("_pieces")
@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"a\nb\xff\xffc", (2, 2)),
        ("a\n中文中文\n中".encode()[:-1], (3, 1)),
        ("中文\n".encode() + b"ab\xb0\xa1", (2, 3)),
    ],
)
def test_a_fault_has_its_line_and_byte(content: bytes, place: tuple[int, int]) -> None:
    with pytest.raises(NotText) as bad:
        open_text(BytesIO(content))
    assert (bad.value.line, bad.value.byte) == place


@pytest.mark.parametrize(
    ("head", "mark"), [("a,b;c,d", ","), ("a;b", ";"), ('"a,b,c";d', ";"), ("a\tb\tc", "\t"), ("a", ","), ("", ",")]
)
def test_the_delimiter_is_what_the_head_has_most_of(head: str, mark: str) -> None:
    assert delimiter_of(head) == mark


def test_a_large_file_is_read_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(("买家,会话\n" * 400_000).encode("gb18030"))
    with path.open("rb") as file:
        text = open_text(file)
        assert (text.encoding, text.readline()) == ("gb18030", "买家,会话\n")
