"""Small words for threads and lists of conversations."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

AROUND = 12
"""Characters shown before what a search has found."""


@register.filter
def around(text: str, words: str) -> SafeString:
    """A piece of the text around the words searched for, which are marked; everything escaped."""
    at = text.lower().find(words.lower())
    if at < 0:
        return format_html("{}", text[: 2 * AROUND])
    begin = max(0, at - AROUND)
    before, found, after = text[begin:at], text[at : at + len(words)], text[at + len(words) :]
    return format_html("{}{}<mark>{}</mark>{}", "…" if begin else "", before, found, after[: 2 * AROUND])
