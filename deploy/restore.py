#!/usr/bin/env python3
"""Puts a backup of deploy/backup.py back, into an empty database and a folder without images.

    deploy/restore.py FOLDER/fenliu-<time>

DATABASE_URL and FENLIU_VAR say where to. Nothing that is there is overwritten: a database with tables, or a folder with
images, is refused before anything is changed. PostgreSQL restores in one transaction: all of it or nothing. Then run
`manage.py migrate`, which brings an older backup up to the release that runs now.
"""

import argparse
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path

from backup import database_url, digest, is_sqlite, postgresql, sqlite_file, var_folder


def check(backup: Path) -> None:
    """Raise SystemExit unless the backup is whole."""
    try:
        manifest = json.loads((backup / "manifest.json").read_text())
    except (OSError, ValueError) as error:
        raise SystemExit(f"{backup} is no backup: {error}") from error
    for name, wanted in manifest["files"].items():
        if not (backup / name).is_file() or digest(backup / name) != wanted:
            raise SystemExit(f"{backup / name} is not as it was written")


def check_empty(url: str, var: Path) -> None:
    if (var / "media").exists() and any((var / "media").iterdir()):
        raise SystemExit(f"{var / 'media'} is not empty")
    if is_sqlite(url):
        file = sqlite_file(url)
        if file.exists():
            with closing(sqlite3.connect(file)) as opened:
                tables = opened.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if tables:
                raise SystemExit(f"{file} is not empty")
        return
    sql = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    command = ["psql", "--no-psqlrc", "--tuples-only", "--no-align", f"--command={sql}"]
    found = subprocess.run(command, check=True, env=postgresql(url), capture_output=True, text=True).stdout
    if int(found):
        raise SystemExit(f"the database has {int(found)} tables: restore into an empty one")


def restore(backup: Path, url: str, var: Path) -> None:
    if is_sqlite(url):
        if not (backup / "database.sqlite3").exists():
            raise SystemExit("this is a backup of PostgreSQL: DATABASE_URL must name one")
        shutil.copyfile(backup / "database.sqlite3", sqlite_file(url))
    else:
        if not (backup / "database.dump").exists():
            raise SystemExit("this is a backup of SQLite: DATABASE_URL must name one")
        options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
        environment = postgresql(url)
        command = ["pg_restore", *options, f"--dbname={environment['PGDATABASE']}", str(backup / "database.dump")]
        subprocess.run(command, check=True, env=environment)
        # Without statistics the first hours would be slow; tables that are not ours are none of our business.
        quiet = {**environment, "PGOPTIONS": "-c client_min_messages=error"}
        subprocess.run(["psql", "--no-psqlrc", "--quiet", "--command=ANALYZE"], check=True, env=quiet)
    for name in ("images.tar", "keys.tar"):
        unpack(backup / name, var)


def unpack(archive: Path, var: Path) -> None:
    """Files and folders below `var`, and nothing else (Python 3.11.2 does not know tarfile's filters yet)."""
    with tarfile.open(archive) as tar:
        for member in tar:
            target = (var / member.name).resolve()
            if not target.is_relative_to(var.resolve()) or not (member.isfile() or member.isdir()):
                raise SystemExit(f"{archive}: {member.name} does not belong there")
            if member.isdir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            content = tar.extractfile(member)
            assert content is not None
            with content, target.open("wb") as opened:
                shutil.copyfileobj(content, opened)
            target.chmod(member.mode & 0o777)


def main() -> int:
    parser = argparse.ArgumentParser(description="Restore a backup of a Fenliu installation.")
    parser.add_argument("backup", type=Path)
    backup: Path = parser.parse_args().backup
    url, var = database_url(), var_folder()
    check(backup)
    var.mkdir(parents=True, exist_ok=True)
    try:
        check_empty(url, var)
        restore(backup, url, var)
    except (OSError, sqlite3.Error, subprocess.CalledProcessError) as error:
        print(f"not restored: {error}", file=sys.stderr)
        return 1
    print("restored; now: manage.py migrate, manage.py check_rollups, and start")
    return 0


if __name__ == "__main__":
    sys.exit(main())
