"""Query parameters are typed and bounded in one place; no view reads them in another way."""

import ast
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from core.http.parameters import BadParameter, DayField, Parameters
from tests.test_architecture import APPS, ROOT, sources

READER = ROOT / "core/http/parameters.py"


def given(**words: str) -> Parameters:
    data = QueryDict(mutable=True)
    data.update(words)
    return Parameters(data)


@pytest.mark.parametrize("word", ["²", "٣", "-1", "1.0", " 1", "1_0", "9" * 5000, str(2**63), "x", "\x00"])
def test_what_is_no_whole_number_is_refused_at_its_place(word: str) -> None:
    with pytest.raises(BadParameter) as refused:
        given(first=word).number("first")
    assert (refused.value.name, refused.value.code) == ("first", "invalid_number")


def test_a_whole_number_is_read() -> None:
    assert given(first=str(2**63 - 1)).number("first") == 2**63 - 1
    assert given(first="").number("first") is None is given().number("first")
    with pytest.raises(BadParameter):
        given(first="11").number("first", most=10)


@pytest.mark.parametrize("word", ["9999-12-31", "0001-01-01", "2026-02-30", "20260101", "2026-W01-1", "²", "9" * 5000])
def test_what_is_no_day_that_can_be_reckoned_with_is_refused(word: str) -> None:
    with pytest.raises(BadParameter) as refused:
        given(day=word).day("day")
    assert refused.value.code == "invalid_date" and len(refused.value.message) < 200


@pytest.mark.parametrize("word", ["9999-12-31", "0001-01-01"])
def test_a_form_refuses_such_days_too(word: str) -> None:
    with pytest.raises(ValidationError):
        DayField().clean(word)


def test_a_text_is_bounded_and_a_choice_is_one_of_what_is_offered() -> None:
    with pytest.raises(BadParameter):
        given(q="x" * 501).text("q")
    assert given(by="x").choice("by", ["day", "agent"], "day") == "day"
    assert given(by="agent").choice("by", ["day", "agent"], "day") == "agent"


def raw_reads(path: Path) -> list[str]:
    """Places that read parameters past the reader, or days without its bounds."""
    return [
        f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and (
            node.attr in ("GET", "query_params")
            or (node.attr in ("get", "getlist", "__getitem__") and ast.unparse(node.value).endswith("request.POST"))
            or (node.attr in ("DateField", "IntegerField") and ast.unparse(node.value) == "forms")
        )
    ]


def test_no_view_reads_a_parameter_past_the_reader() -> None:
    assert raw_reads(READER), "the search finds nothing"
    reads = [read for path in sources(*APPS) if path != READER for read in raw_reads(path)]
    assert reads == []


def test_no_json_from_outside_is_parsed_without_a_bound() -> None:
    """Only our own files and columns are parsed without a bound."""
    own = {"config/erasing.py", "routing/rows.py", "core/json_text.py", "core/db/fields.py"}
    parsing = {
        str(path.relative_to(ROOT))
        for path in sources(*APPS)
        if any(call in path.read_text() for call in ("json.loads(", "json.load(", "JSONParser,)"))
        and "TextJSONParser,)" not in path.read_text()
    }
    assert parsing <= own
