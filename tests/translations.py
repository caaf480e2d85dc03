"""What the code and the templates ask to be translated, found without gettext's programs."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
APPS = ("agents", "chat", "config", "conversations", "core", "metrics", "outgoing", "routing")
CALLS = {"gettext", "gettext_lazy", "gettext_noop"}
IN_TEMPLATE = re.compile(r"\b(?:_|gettext)\(u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%(?!\()[sdr]|\{(\w*)\}")


def asked() -> dict[str, str]:
    """Every msgid of our apps, and the file it was found in first."""
    found: dict[str, str] = {}
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            for msgid in in_python(path.read_text(encoding="utf-8")):
                found.setdefault(msgid, str(path.relative_to(ROOT)))
    for path in sorted(path for path in (ROOT / "templates").rglob("*.*") if path.suffix in (".html", ".txt")):
        for msgid in in_template(path.read_text(encoding="utf-8")):
            found.setdefault(msgid, str(path.relative_to(ROOT)))
    return found


def in_python(source: str) -> Iterator[str]:
    """First arguments of gettext's functions, under whatever name a module imports them."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {
        alias.asname or alias.name: alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if "gettext" in alias.name
    }
    assert set(names.values()) <= CALLS, f"{names}: this extractor does not know them all"
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    for call in calls:
        if call.func.id in names and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value)


def in_template(source: str) -> Iterator[str]:
    """`{% translate %}`, `{% blocktranslate %}` and `_("…")`; a block doubles its own per cent signs."""
    for literal in IN_TEMPLATE.findall(templatize(source)):
        yield ast.literal_eval(literal)


def placeholders(text: str) -> list[str]:
    return sorted(match.group(0) for match in PLACEHOLDER.finditer(text.replace("%%", "")))
