"""The backup script beside what can be in its folder: future dates, a backup under way, one that was killed."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from deploy.backup import alone

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "fenliu.sqlite3")) as database:
        database.execute("CREATE TABLE t (x)")
        database.commit()
    made = tmp_path / "backups"
    made.mkdir()
    return made


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{folder.parent / 'fenliu.sqlite3'}",
        "FENLIU_VAR": str(folder.parent),
    }
    command = [sys.executable, "deploy/backup.py", str(folder), *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def backups(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("fenliu-*"))


def test_what_was_just_made_stays_though_all_others_have_later_dates(folder: Path) -> None:
    for day in range(1, 15):
        (folder / f"fenliu-209912{day:02}T000000Z").mkdir()
    out, _ = start(folder).communicate()
    made = Path(out.strip())
    assert made.is_dir()
    assert len(backups(folder)) == 14 and "fenliu-20991201T000000Z" not in backups(folder)


def test_of_many_the_newest_stay(folder: Path) -> None:
    for day in range(1, 6):
        (folder / f"fenliu-202001{day:02}T000000Z").mkdir()
    start(folder, "--keep", "3").communicate()
    assert backups(folder)[:2] == ["fenliu-20200104T000000Z", "fenliu-20200105T000000Z"]
    assert len(backups(folder)) == 3


def test_a_second_one_at_the_same_time_is_refused_and_leaves_the_first_alone(folder: Path) -> None:
    (folder / ".unfinished-fenliu-x").mkdir()
    with alone(folder):
        process = start(folder)
        _, error = process.communicate()
        assert process.returncode == 1 and "under way" in error
        assert (folder / ".unfinished-fenliu-x").is_dir(), "what the first is making"
    assert start(folder).wait() == 0
    assert not (folder / ".unfinished-fenliu-x").exists()


def test_one_that_was_killed_holds_up_no_other(folder: Path) -> None:
    first = start(folder)
    time.sleep(0.05)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert start(folder).wait() == 0
    assert not list(folder.glob(".unfinished-*"))
