#!/usr/bin/env python3
"""Backs an installation up while it runs: database, images, the keys that it keeps in its folder.

    deploy/backup.py FOLDER [--keep 14]

makes FOLDER/fenliu-<time, UTC>/ with the database (PostgreSQL: pg_dump's custom format; SQLite: a copy by SQLite's own
backup), images.tar, keys.tar and manifest.json, and deletes all but the newest `--keep`. DATABASE_URL and FENLIU_VAR
say of what, as for the installation itself. What is half made never bears the name of a backup. Needs nothing but
Python and PostgreSQL's client programs. Exit code 1 and no backup when anything fails.
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
KEYS = ("secret_key", "secrets_key", "vapid_private.pem")
"""Files of the folder without which sessions, tokens, stored secrets and push subscriptions are void."""


def var_folder() -> Path:
    return Path(os.environ.get("FENLIU_VAR") or ROOT / "var")


def database_url() -> str:
    """PostgreSQL's own address, where DATABASE_URL is a pooler's: pg_dump needs one session."""
    return (
        os.environ.get("DATABASE_DIRECT_URL")
        or os.environ.get("DATABASE_URL")
        or f"sqlite:///{var_folder() / 'fenliu.sqlite3'}"
    )


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite:")


def sqlite_file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


LIBPQ_VARIABLES = {
    "application_name": "PGAPPNAME",
    "channel_binding": "PGCHANNELBINDING",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "gssencmode": "PGGSSENCMODE",
    "hostaddr": "PGHOSTADDR",
    "krbsrvname": "PGKRBSRVNAME",
    "options": "PGOPTIONS",
    "passfile": "PGPASSFILE",
    "require_auth": "PGREQUIREAUTH",
    "service": "PGSERVICE",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "sslcert": "PGSSLCERT",
    "sslcrl": "PGSSLCRL",
    "sslkey": "PGSSLKEY",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
"""Options of DATABASE_URL and the environment variables by which libpq takes them."""


def postgresql(url: str) -> dict[str, str]:
    """The environment by which PostgreSQL's programs find the database: no password on a command line.

    Raises SystemExit for an option of the address that has no variable: it must not be left out silently.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    unknown = sorted(set(options) - set(LIBPQ_VARIABLES))
    if unknown:
        raise SystemExit(f"DATABASE_URL: {unknown[0]} cannot be handed to pg_dump")
    named = {
        "PGHOST": parts.hostname,
        "PGPORT": str(parts.port) if parts.port else None,
        "PGUSER": unquote(parts.username) if parts.username else None,
        "PGPASSWORD": unquote(parts.password) if parts.password else None,
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    } | {LIBPQ_VARIABLES[name]: value for name, value in options.items()}
    return {**os.environ, **{name: value for name, value in named.items() if value}}


def dump_database(url: str, folder: Path) -> Path:
    if is_sqlite(url):
        made = folder / "database.sqlite3"
        with closing(sqlite3.connect(sqlite_file(url))) as source, closing(sqlite3.connect(made)) as target:
            source.backup(target)
            (verdict,) = target.execute("PRAGMA integrity_check").fetchone()
            if verdict != "ok":
                raise SystemExit(f"the copy is not whole: {verdict}")
        return made
    made = folder / "database.dump"
    environment = postgresql(url)
    subprocess.run(["pg_dump", "--format=custom", f"--file={made}"], check=True, env=environment)
    # Reads the file to its end: what cannot be listed cannot be restored.
    subprocess.run(["pg_restore", f"--file={os.devnull}", made], check=True, env=environment)
    return made


def pack(made: Path, sources: list[Path], within: Path) -> Path:
    with tarfile.open(made, "w") as tar:
        for source in sources:
            if source.exists():
                tar.add(source, arcname=str(source.relative_to(within)))
    made.chmod(0o600)
    return made


def digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@contextmanager
def alone(target: Path) -> Iterator[None]:
    """No other backup into the same folder at the same time. Raises BlockingIOError while one is under way."""
    with (target / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def back_up(target: Path, keep: int) -> Path:
    """Make a backup in `target` and delete the oldest others beyond `keep`; its folder."""
    target.mkdir(parents=True, exist_ok=True)
    with alone(target):
        made = _make(target)
        # By their names, which are their times; the one just made stays, whatever a wrong clock has named the others.
        others = sorted(set(target.glob("fenliu-*")) - {made})
        for old in others[: max(0, len(others) - (keep - 1))]:
            shutil.rmtree(old)
    return made


def _make(target: Path) -> Path:
    for left in target.glob(".unfinished-*"):
        shutil.rmtree(left)
    while (target / (name := f"fenliu-{(at := datetime.now(UTC)):%Y%m%dT%H%M%SZ}")).exists():
        time.sleep(0.1)  # names go by the second
    folder = target / f".unfinished-{name}"
    folder.mkdir(mode=0o700)
    var = var_folder()
    # The database first: an image that comes in between is one too many, not one too few.
    files = [dump_database(database_url(), folder)]
    files.append(pack(folder / "images.tar", [var / "media"], var))
    files.append(pack(folder / "keys.tar", [var / name for name in KEYS], var))
    manifest = {"at": at.isoformat(), "files": {file.name: digest(file) for file in files}}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return folder.rename(target / name)


def main() -> int:
    parser = argparse.ArgumentParser(description="Back up a Fenliu installation.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", type=int, default=14, help="how many backups stay (14)")
    options = parser.parse_args()
    if options.keep < 1:
        parser.error("--keep: at least 1")
    try:
        made = back_up(options.folder, options.keep)
    except BlockingIOError:
        print("no backup was made: another one into this folder is under way", file=sys.stderr)
        return 1
    except (OSError, sqlite3.Error, subprocess.CalledProcessError) as error:
        print(f"no backup was made: {error}", file=sys.stderr)
        return 1
    stamp = Path(os.environ.get("FENLIU_BACKUP_STAMP") or var_folder() / "backup-done")
    stamp.touch()
    print(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
