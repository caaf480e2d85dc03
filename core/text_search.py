"""Searches that take full-width and half-width, capital and small letters alike."""

import re
import unicodedata

from django.db.models import Q

_FULL_WIDTH = 0xFEE0
"""Distance from an ASCII character to its full-width form."""


def pattern_of(words: str) -> str:
    """Regular expression that matches `words` in any width and case. Python, PostgreSQL and SQLite read it alike."""
    return "".join(_alternatives(forms) for forms in _forms_of(words))


def condition_of(field: str, words: str) -> Q:
    """Condition that `field` holds `words` in any width and case.

    Words that have one form alone, as Chinese ones, are looked for by LIKE: it takes half the time.
    """
    forms = _forms_of(words)
    if all(len(each) == 1 for each in forms):
        return Q(**{f"{field}__contains": "".join("".join(each) for each in forms)})
    return Q(**{f"{field}__regex": pattern_of(words)})


def _forms_of(words: str) -> list[set[str]]:
    """The forms of each character."""
    found = []
    for char in unicodedata.normalize("NFKC", words):
        forms = {char, *(form for form in (char.lower(), char.upper()) if len(form) == 1)}
        forms |= {"\u3000" if form == " " else chr(ord(form) + _FULL_WIDTH) for form in forms if " " <= form <= "~"}
        found.append(forms)
    return found


def _alternatives(forms: set[str]) -> str:
    if len(forms) == 1:
        return re.escape("".join(forms))
    return f"[{''.join(_in_brackets(form) for form in sorted(forms))}]"


def _in_brackets(char: str) -> str:
    return f"\\{char}" if char in "\\]^-[" else char
