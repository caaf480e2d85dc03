"""What every test may use. PostgreSQL and Redis come from tests/servers.py, by `make test`."""

import os
from pathlib import Path

import pytest
from django.db import connection

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
"""The documents beside the checkout; what reads them is skipped where they are absent, and says so."""


@pytest.fixture
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the shared documents are not beside this checkout")
    return SHARED


@pytest.fixture(autouse=True)
def _fresh_media(tmp_path: Path, settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    on_postgresql = os.environ.get("DATABASE_URL", "").startswith("postgres")
    skip = pytest.mark.skip(reason="needs PostgreSQL: run through `make test`")
    for item in items:
        if "postgresql" in item.keywords and not on_postgresql:
            item.add_marker(skip)


@pytest.fixture
def vendor() -> str:
    """Which database this run is on."""
    return connection.vendor
