"""What imports cannot show: no ORM write outside services, and nothing grows too large (STYLE's sheet)."""

import ast
from pathlib import Path

import pytest

from agents.labels import PLATFORMS
from agents.vocabulary import Platform
from routing.engine.compile import PLATFORMS as COMPILED

ROOT = Path(__file__).resolve().parent.parent
APPS = ("agents", "chat", "config", "conversations", "core", "metrics", "outgoing", "routing")
ENTRANCES = {"views", "api", "admin", "admin.py", "forms", "forms.py", "context.py", "selectors", "selectors.py"}
WRITES = {
    "save",
    "delete",
    "create",
    "bulk_create",
    "bulk_update",
    "update",
    "get_or_create",
    "update_or_create",
    "add",
    "set",
    "clear",
    "remove",
}
MODULE_LINES, FUNCTION_LINES, TEST_LINES, TEMPLATE_LINES = 400, 60, 500, 200
LONG_FUNCTIONS_SHARE = 0.01


def sources(*tops: str) -> list[Path]:
    return [p for top in tops for p in sorted((ROOT / top).rglob("*.py")) if "migrations" not in p.parts]


def functions(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text())
    return [
        (f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def orm_writes(path: Path) -> list[str]:
    """Calls like `X.objects.create(…)`, `rows.filter(…).update(…)`, `row.save()`; plain sets and dicts do not count."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in WRITES:
            continue
        chain = ast.unparse(node.func.value)
        on_manager = ".objects" in chain or "_default_manager" in chain or ".filter(" in chain
        if on_manager or node.func.attr in {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}:
            found.append(f"{path.name}:{node.lineno} {ast.unparse(node.func)}")
    return found


def test_nothing_but_services_writes_rows() -> None:
    entrances = [
        path
        for path in sources(*APPS)
        if ENTRANCES & set(path.relative_to(ROOT).parts) and "services" not in path.parts
    ]
    assert len(entrances) > 20
    writes = [
        write
        for path in entrances
        for write in orm_writes(path)
        if not write.endswith(("super().save", "super().save_model"))
    ]
    assert writes == []


def test_the_search_for_writes_finds_them(tmp_path: Path) -> None:
    sample = tmp_path / "x.py"
    sample.write_text("Shop.objects.filter(pk=1).update(name='x')\nrow.save()\nnames = set(); names.add(1)\n")
    assert [write.split(":")[1].split()[0] for write in orm_writes(sample)] == ["1", "2"]


@pytest.mark.parametrize("top", APPS)
def test_modules_and_functions_stay_short(top: str) -> None:
    for path in sources(top):
        assert len(path.read_text().splitlines()) <= MODULE_LINES, path
        for name, lines in functions(path):
            assert lines <= FUNCTION_LINES, name


def test_hardly_any_function_is_over_fifty_lines_and_none_of_the_engine() -> None:
    lengths = [entry for path in sources(*APPS) for entry in functions(path)]
    over = [name for name, lines in lengths if lines > 50]
    assert len(over) <= len(lengths) * LONG_FUNCTIONS_SHARE, over
    assert not [name for name in over if name.startswith(("routing/engine", "routing/simulator"))]


def test_test_files_stay_short() -> None:
    for path in sources("tests"):
        assert len(path.read_text().splitlines()) <= TEST_LINES, path


def test_templates_stay_short_and_carry_no_script() -> None:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text()
        assert len(text.splitlines()) <= TEMPLATE_LINES, path
        assert "<style" not in text, path
        for tag in text.split("<script")[1:]:
            head, _, body = tag.partition(">")
            assert "src=" in head or "json" in head or not body.split("</script>")[0].strip(), path


def test_no_wildcard_imports_no_signals_and_no_imports_inside_functions() -> None:
    for path in sources(*APPS):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert all(alias.name != "*" for alias in node.names), path
                assert node.module != "django.db.models.signals", path
            if isinstance(node, ast.FunctionDef):
                inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
                assert not inner, f"{path}:{node.name}"


def test_the_platforms_are_the_same_everywhere() -> None:
    assert set(PLATFORMS) == set(Platform) == set(COMPILED)
