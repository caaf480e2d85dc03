"""The last release's data come through an upgrade, also one that is killed half way; a backup brings all of it back.

One installation goes through all of it, step by step: what an operator does to theirs in a year.
"""

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.operations.installation import ROOT, Place, own_place, place

pytestmark = [pytest.mark.both, pytest.mark.slow]
RELEASE = "tests.operations.release"


@dataclass
class Year:
    """`old`: an installation of the last release; `fresh`: one that has never been anything else than this release."""

    folder: Path
    old: Place
    fresh: Place
    backup: Path = Path()
    restored: Place | None = None


def test_one_installation_through_a_year(db: None, tmp_path: Path, subtests: pytest.Subtests) -> None:
    year = Year(tmp_path, place("upgraded", tmp_path), own_place(tmp_path))
    for step in STEPS:
        with subtests.test(step.__name__):
            step(year)


def an_upgrade_leaves_every_row_of_the_last_release_also_when_it_is_killed_half_way(year: Year) -> None:
    old = year.old
    old.run("-m", RELEASE, "load")
    if old.url.startswith("postgres"):
        kill_in_the_middle(old)
    old.run("manage.py", "migrate", "--verbosity=0")
    assert "every row is there" in old.run("-m", RELEASE, "compare")


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


def a_row_that_an_upgrade_had_changed_would_be_seen(year: Year) -> None:
    year.old.sql("UPDATE agents_shop SET name = 'x' WHERE slug = 'release' RETURNING 1")
    assert "agents.Shop" in year.old.run("-m", RELEASE, "compare", code=1)
    year.old.sql("UPDATE agents_shop SET name = '发布' WHERE slug = 'release' RETURNING 1")


def upgraded_and_fresh_are_built_alike(year: Year) -> None:
    assert year.old.schema() == year.fresh.schema()
    assert applied(year.old) == applied(year.fresh)
    for table in ("django_content_type", "auth_permission"):
        assert year.old.sums()[table][0] == year.fresh.sums()[table][0], table


def a_backup_restored_into_an_empty_database_is_the_same_to_the_last_row(year: Year) -> None:
    old = year.old
    image = "media/images/2026/03/02/kept.png"
    (old.var / image).parent.mkdir(parents=True)
    (old.var / image).write_bytes(b"an image")
    (old.var / "secret_key").write_text("kept")
    year.backup = Path(old.run("deploy/backup.py", str(year.folder / "backups")).strip())
    back = year.restored = place("restored", year.folder)
    assert "restored" in back.run("deploy/restore.py", str(year.backup))
    found = back.sums()
    assert found == old.sums() and back.schema() == old.schema()
    assert sum(rows for rows, _ in found.values()) > 600 and len(found) > 50
    assert (back.var / image).read_bytes() == b"an image" and (back.var / "secret_key").read_text() == "kept"
    assert (old.var / "backup-done").exists()


def nothing_is_restored_over_what_is_there(year: Year) -> None:
    before = year.old.sums()
    assert "not empty" in year.old.run("deploy/restore.py", str(year.backup), code=1)
    media, aside = year.old.var / "media", year.old.var / "aside"
    media.rename(aside)
    said = year.old.run("deploy/restore.py", str(year.backup), code=1)
    aside.rename(media)
    assert "not empty" in said or "into an empty one" in said
    assert year.old.sums() == before


def people_and_programs_go_on_working_with_what_was_restored(year: Year) -> None:
    """Also: figures agree with messages, and new rows get numbers that are free."""
    back = year.restored
    assert back is not None
    assert back.run("manage.py", "migrate", "--check") == ""
    back.extra["DEBUG"] = "1"  # pages without collected static files
    assert "in use" in back.run("-m", RELEASE, "use")
    said = back.run("manage.py", "check_rollups", "--shop=release-history", "--from=2026-03-01", "--to=2026-03-07")
    assert "as the messages say" in said
    assert back.sums() != year.old.sums()


def a_backup_that_has_been_damaged_is_refused(year: Year) -> None:
    damaged = year.folder / "damaged"
    damaged.mkdir()
    for file in year.backup.iterdir():
        (damaged / file.name).write_bytes(file.read_bytes())
    with (damaged / "images.tar").open("ab") as opened:
        opened.write(b"x")
    assert "is not as it was written" in year.old.run("deploy/restore.py", str(damaged), code=1)
    assert "is no backup" in year.old.run("deploy/restore.py", str(year.folder), code=1)


def only_the_newest_backups_stay_and_a_failed_one_leaves_none(year: Year) -> None:
    kept = year.folder / "kept"
    for number in range(3):
        (kept / f"fenliu-2026010{number}T000000Z").mkdir(parents=True)
    (kept / ".unfinished-fenliu-x").mkdir()
    made = Path(year.old.run("deploy/backup.py", str(kept), "--keep=2").strip())
    assert sorted(path.name for path in kept.glob("fenliu-*")) == ["fenliu-20260102T000000Z", made.name]
    nowhere = "sqlite:////nowhere/at/all" if connection.vendor == "sqlite" else f"{year.old.url}_that_is_not_there"
    away = Place(nowhere, year.old.var)
    other = year.folder / "other"
    assert "no backup was made" in away.run("deploy/backup.py", str(other), code=1)
    assert not list(other.glob("fenliu-*"))


STEPS: list[Callable[[Year], None]] = [
    an_upgrade_leaves_every_row_of_the_last_release_also_when_it_is_killed_half_way,
    a_row_that_an_upgrade_had_changed_would_be_seen,
    upgraded_and_fresh_are_built_alike,
    a_backup_restored_into_an_empty_database_is_the_same_to_the_last_row,
    nothing_is_restored_over_what_is_there,
    a_backup_that_has_been_damaged_is_refused,
    only_the_newest_backups_stay_and_a_failed_one_leaves_none,
    people_and_programs_go_on_working_with_what_was_restored,
]


def test_the_recorded_release_is_of_something() -> None:
    record = json.loads((ROOT / "tests/operations/last_release.json").read_text())
    assert len(record["rows"]) > 40 and record["migrations"]
