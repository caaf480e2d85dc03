"""Search patterns that take full-width and half-width, capital and small letters alike."""

import re
import unicodedata

_FULL_WIDTH = 0xFEE0
"""Distance from an ASCII character to its full-width form."""


def pattern_of(words: str) -> str:
    """Regular expression that matches `words` in any width and case. Python, PostgreSQL and SQLite read it alike."""
    return "".join(_alternatives(char) for char in unicodedata.normalize("NFKC", words))


def _alternatives(char: str) -> str:
    forms = {char, *(form for form in (char.lower(), char.upper()) if len(form) == 1)}
    forms |= {"\u3000" if form == " " else chr(ord(form) + _FULL_WIDTH) for form in forms if " " <= form <= "~"}
    if len(forms) == 1:
        return char if char.isalnum() else re.escape(char)
    return f"[{''.join(_in_brackets(form) for form in sorted(forms))}]"


def _in_brackets(char: str) -> str:
    return f"\\{char}" if char in "\\]^-[" else char
