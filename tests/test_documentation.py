"""What the documentation says is made from the code, and held against it here."""

import re
from pathlib import Path

from agents.vocabulary import Platform
from conversations.states import ALLOWED, State, check_change, diagram
from routing.engine.compile import compile_settings
from routing.engine.document import read_document

DOCS = Path(__file__).resolve().parent.parent / "docs"


def test_the_diagram_of_states_is_the_table_s() -> None:
    assert diagram() in (DOCS / "conversation-states.md").read_text()


def test_every_state_is_in_the_table_and_the_closed_is_the_end() -> None:
    assert set(ALLOWED) == set(State)
    assert ALLOWED[State.CLOSED] == {}
    check_change(State.QUEUED, State.OPEN)


def test_the_rules_listed_for_each_platform_are_the_engine_s() -> None:
    text = (DOCS / "routing.md").read_text()
    for platform in Platform:
        for mode in ({}, {"mode": "advanced"}, {"mode": "grouped"}):
            try:
                document = read_document(mode, platform, ())
            except ValueError:
                continue
            order = [step.rule for step in compile_settings(document, platform, 1).steps]
            assert " → ".join(order) in text, (platform, mode)


def test_the_readme_s_commands_and_pictures_exist() -> None:
    root = DOCS.parent
    readme = (root / "README.md").read_text()
    assert "make run" in readme and "make test" in readme
    for target in re.findall(r"\]\(([^)#:]+)\)|src=\"([^\"]+)\"", readme):
        assert (root / (target[0] or target[1])).exists(), target
