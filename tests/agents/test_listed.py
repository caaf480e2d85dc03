"""Several things one after the other, as the language of the page lists them."""

import pytest
from django.template import engines
from django.utils.translation import override

from agents.labels import listed


@pytest.mark.parametrize(("language", "told"), [("zh-hans", "甲、乙、丙"), ("en", "甲, 乙, 丙")])
def test_each_language_has_its_own_comma(language: str, told: str) -> None:
    template = engines["django"].from_string("{% load fenliu %}{{ names|listed }}")
    with override(language):
        assert listed(["甲", "乙", "丙"]) == told
        assert template.render({"names": ["甲", "乙", "丙"]}) == told


def test_one_stands_alone_and_none_says_nothing() -> None:
    assert listed(["甲"]) == "甲"
    assert listed([]) == ""
    assert (
        engines["django"].from_string("{% load fenliu %}{{ names|listed }}").render({"names": ["<b>"]}) == "&lt;b&gt;"
    )
