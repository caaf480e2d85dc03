"""The last release's data come through an upgrade, also one that is killed half way; a backup brings all of it back.

One installation goes through all of it: what an operator does to theirs in a year.
"""

import json
import os
import signal
import time
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.operations.installation import PLAIN, ROOT, Place, own_place, place

pytestmark = [pytest.mark.both, pytest.mark.slow]
RELEASE = "tests.operations.release"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("installations")


@pytest.fixture(scope="module")
def old(folder: Path) -> Place:
    """An installation of the last release, with its data."""
    made = place("upgraded", folder)
    made.run("-m", RELEASE, "load")
    image = made.var / "media/images/2026/03/02/kept.png"
    image.parent.mkdir(parents=True)
    image.write_bytes(b"an image")
    return made


@pytest.fixture(scope="module")
def upgraded(old: Place) -> Place:
    if old.url.startswith("postgres"):
        kill_in_the_middle(old)
    old.run("manage.py", "migrate", "--verbosity=0")
    return old


@pytest.fixture
def fresh(db: None, tmp_path: Path) -> Place:
    """One that has never been anything else than this release."""
    return own_place(tmp_path)


def kill_in_the_middle(old: Place) -> None:
    """kill -9 while a statement of a migration waits for a table that somebody else holds."""
    before = applied(old)
    with psycopg.connect(old.url) as holding:
        # The last of the tables that migrations since the release change: those before it are done by then.
        holding.execute("LOCK TABLE agents_shop IN ACCESS SHARE MODE")
        running = old.start("manage.py", "migrate", "--verbosity=0")
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        deadline = time.monotonic() + 60
        while old.sql(waiting) == [(0,)]:
            assert running.poll() is None, "it did not meet the lock"
            assert time.monotonic() < deadline
            time.sleep(0.05)
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    assert applied(old) == before, "the lock was met too late: choose an earlier table"


def applied(installation: Place) -> int:
    return installation.sql("SELECT count(*) FROM django_migrations")[0][0]


def test_every_row_of_the_last_release_is_there_after_the_upgrade(upgraded: Place) -> None:
    assert "every row is there" in upgraded.run("-m", RELEASE, "compare")


def test_a_row_that_an_upgrade_had_changed_would_be_seen(upgraded: Place) -> None:
    upgraded.sql("UPDATE agents_shop SET name = 'x' WHERE slug = 'release' RETURNING 1")
    try:
        assert "agents.Shop" in upgraded.run("-m", RELEASE, "compare", code=1)
    finally:
        upgraded.sql("UPDATE agents_shop SET name = '发布' WHERE slug = 'release' RETURNING 1")


def test_upgraded_and_fresh_are_built_alike(upgraded: Place, fresh: Place) -> None:
    assert upgraded.schema() == fresh.schema()
    assert applied(upgraded) == applied(fresh)
    assert upgraded.run("manage.py", "migrate", "--check") == ""


def test_the_recorded_release_is_behind_so_that_an_upgrade_is_tried() -> None:
    record = json.loads((ROOT / "tests/operations/last_release.json").read_text())
    assert len(record["rows"]) > 40 and record["migrations"]


@pytest.fixture(scope="module")
def backup(upgraded: Place, folder: Path) -> Path:
    """Made by the script, as its timer does."""
    (upgraded.var / "secret_key").write_text("kept")
    said = upgraded.run("deploy/backup.py", str(folder / "backups"))
    return Path(said.strip())


@pytest.fixture(scope="module")
def restored(backup: Path, folder: Path) -> Place:
    made = place("restored", folder)
    assert "restored" in made.run("deploy/restore.py", str(backup))
    return made


def test_a_backup_restored_into_an_empty_database_is_the_same_to_the_last_row(upgraded: Place, restored: Place) -> None:
    there, back = upgraded.sums(), restored.sums()
    assert back == there
    assert sum(rows for rows, _ in back.values()) > 600 and len(back) > 50
    assert restored.schema() == upgraded.schema()
    assert (restored.var / "media/images/2026/03/02/kept.png").read_bytes() == b"an image"
    assert (restored.var / "secret_key").read_text() == "kept"
    assert (upgraded.var / "backup-done").exists()


def test_people_and_programs_go_on_working_with_what_was_restored(
    restored: Place, upgraded: Place, backup: Path
) -> None:
    """Also: figures agree with messages, and new rows get numbers that are free."""
    assert restored.run("manage.py", "migrate", "--check") == ""
    restored.extra["DEBUG"] = "1"  # pages without collected static files
    assert "in use" in restored.run("-m", RELEASE, "use")
    said = restored.run("manage.py", "check_rollups", "--shop=release-history", "--from=2026-03-01", "--to=2026-03-07")
    assert "as the messages say" in said
    assert restored.sums() != upgraded.sums()


def test_nothing_is_restored_over_what_is_there(upgraded: Place, backup: Path) -> None:
    before = upgraded.sums()
    assert "not empty" in upgraded.run("deploy/restore.py", str(backup), code=1)
    media, aside = upgraded.var / "media", upgraded.var / "aside"
    media.rename(aside)
    said = upgraded.run("deploy/restore.py", str(backup), code=1)
    aside.rename(media)
    assert "not empty" in said or "into an empty one" in said
    assert upgraded.sums() == before


def test_a_backup_that_has_been_damaged_is_refused(backup: Path, restored: Place, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for file in backup.iterdir():
        (damaged / file.name).write_bytes(file.read_bytes())
    with (damaged / "images.tar").open("ab") as opened:
        opened.write(b"x")
    assert "is not as it was written" in restored.run("deploy/restore.py", str(damaged), code=1)
    assert "is no backup" in restored.run("deploy/restore.py", str(tmp_path), code=1)


def test_only_the_newest_backups_stay_and_a_failed_one_leaves_none(fresh: Place, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    for number in range(3):
        (kept / f"fenliu-2026010{number}T000000Z").mkdir(parents=True)
    (kept / ".unfinished-fenliu-x").mkdir()
    made = Path(fresh.run("deploy/backup.py", str(kept), "--keep=2").strip())
    assert sorted(path.name for path in kept.iterdir()) == ["fenliu-20260102T000000Z", made.name]
    nowhere = "sqlite:////nowhere/at/all" if connection.vendor == "sqlite" else f"{fresh.url}_that_is_not_there"
    away = Place(nowhere, fresh.var)
    assert "no backup was made" in away.run("deploy/backup.py", str(tmp_path / "other"), code=1)
    assert not list((tmp_path / "other").glob("fenliu-*"))


def test_the_rows_that_migrate_makes_by_itself_are_the_same_everywhere(upgraded: Place, fresh: Place) -> None:
    for table in PLAIN[1:]:
        assert upgraded.sums()[table][0] == fresh.sums()[table][0], table
