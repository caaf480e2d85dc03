"""Small words for threads and lists of conversations."""

import re

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.text_search import pattern_of

register = template.Library()

AROUND = 12
"""Characters shown before what a search has found."""


@register.filter
def around(text: str, words: str) -> SafeString:
    """A piece of the text around the words searched for, which are marked; everything escaped."""
    match = re.search(pattern_of(words), text)
    if match is None:
        return format_html("{}", text[: 2 * AROUND])
    begin = max(0, match.start() - AROUND)
    before, after = text[begin : match.start()], text[match.end() : match.end() + 2 * AROUND]
    return format_html("{}{}<mark>{}</mark>{}", "…" if begin else "", before, match[0], after)


@register.filter
def marked(text: str, words: str) -> SafeString:
    """The whole text with the words searched for marked, where it holds them; everything escaped."""
    match = re.search(pattern_of(words), text)
    if match is None:
        return format_html("{}", text)
    return format_html("{}<mark>{}</mark>{}", text[: match.start()], match[0], text[match.end() :])
