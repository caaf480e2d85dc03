"""What every test may use. PostgreSQL and Redis come from tests/servers.py, by `make test`."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import TransactionTestCase

from tests.databases import empty_tables, fresh_database

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
"""The documents beside the checkout; what reads them is skipped where they are absent, and says so."""


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker) -> Iterator[None]:
    """In place of pytest-django's own: a copy of a migrated template (tests/databases.py)."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    with django_db_blocker.unblock(), fresh_database(worker):
        yield


def _fixture_teardown(self: TransactionTestCase) -> None:
    empty_tables()


# After a test that commits: Django's own empties every table and writes content types and permissions anew.
TransactionTestCase._fixture_teardown = _fixture_teardown  # type: ignore[method-assign]


@pytest.fixture
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the shared documents are not beside this checkout")
    return SHARED


@pytest.fixture(autouse=True)
def _believed_clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests set the clock as they like; those of the clock guard itself are marked `clock`."""
    if "clock" not in request.keywords:
        monkeypatch.setattr("core.clock.guard.check", lambda *_: None)


@pytest.fixture(autouse=True)
def _fresh_media(tmp_path: Path, settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """A report goes from process to process as UTF-8: half a character in it would end the whole run."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    report.sections = [(name, _whole_characters(text)) for name, text in report.sections]
    if report.failed:
        report.longrepr = _whole_characters(str(report.longrepr))


def _whole_characters(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


LAYERS = {
    "tests/browser/": "browser",
    "tests/chaos/test_trial.py": "operations",
    "tests/live/": "operations",
    "tests/operations/test_deploy.py": "operations",
    "tests/operations/test_nginx.py": "operations",
    "tests/operations/test_upgrade_and_restore.py": "operations",
    "tests/test_demo.py": "operations",
    "tests/test_run.py": "operations",
    "tests/test_runners.py": "operations",
}
"""Layers of the tests by path, for those that `make test` does not run (tests/layers.py)."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    on_postgresql = os.environ.get("DATABASE_URL", "").startswith("postgres")
    skip = pytest.mark.skip(reason="needs PostgreSQL")
    for item in items:
        place = item.nodeid
        for start, layer in LAYERS.items():
            if place.startswith(start):
                item.add_marker(layer)
        if place.startswith("tests/hostile/") and "slow" in item.keywords:
            item.add_marker("hostile")
        if "postgresql" in item.keywords and not on_postgresql:
            item.add_marker(skip)


@pytest.fixture
def vendor() -> str:
    """Which database this run is on."""
    return connection.vendor
