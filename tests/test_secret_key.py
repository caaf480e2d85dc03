"""The secret key of an installation that was given none: made once, whoever comes first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from config import settings as settings_file


@pytest.fixture(autouse=True)
def _none_given(monkeypatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)


def test_processes_that_start_at_once_on_an_empty_folder_have_the_same_key(tmp_path: Path, monkeypatch) -> None:
    together = 6
    with ThreadPoolExecutor(together) as pool:
        for turn in range(30):
            place, barrier = tmp_path / str(turn), Barrier(together)
            place.mkdir()
            monkeypatch.setattr(settings_file, "VAR_DIR", place)
            keys = set(pool.map(lambda _n, at=barrier: (at.wait(), settings_file._secret_key())[1], range(together)))
            assert len(keys) == 1 and len(keys.pop()) >= 50
            assert [path.name for path in place.iterdir()] == ["secret_key"]


def test_it_is_kept_and_only_its_owner_may_read_it(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(settings_file, "VAR_DIR", tmp_path)
    first = settings_file._secret_key()
    assert settings_file._secret_key() == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
