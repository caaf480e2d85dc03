"""Files of the media folder that belong to rows: written under another name first, renamed once the row is there.

A process killed between the two leaves a file that a sweep can judge: `is_staged` ones are finished or deleted by
whether a row names them. Names are relative to MEDIA_ROOT, with slashes.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.core.files.storage import default_storage

STAGED_SUFFIX = ".part"


@dataclass(slots=True)
class StagedFile:
    """`name`: of the file to be; set `kept` once the row that names it has been written."""

    name: str
    kept: bool = False


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A file of the folder. `name`: what a row would call it, whether it is staged or not."""

    name: str
    staged: bool
    age_seconds: float


def stage_file(name: str, content: bytes) -> StagedFile:
    """Write a file durably under its staged name. Raises OSError; then nothing is left of it."""
    _write(staged_path(name), content)
    return StagedFile(name)


@contextmanager
def settled(staged: StagedFile) -> Iterator[StagedFile]:
    """Give the staged file its name at the end of the block if it is `kept`, else delete it.

    The block holds the whole transaction. An error after the row was written, of the commit for example, does not tell
    whether the row is there: then the staged file stays for the sweep.
    """
    name = staged.name
    try:
        yield staged
    except BaseException:
        if not staged.kept:
            _delete(staged_path(name))
        raise
    if staged.kept:
        finish_file(name)
    else:
        _delete(staged_path(name))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        _sync_folder(path.parent)
    except BaseException:
        _delete(path)
        raise


def _sync_folder(folder: Path) -> None:
    """Make the folder's entries outlive a power failure."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _delete(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def stored_path(name: str) -> Path:
    return Path(default_storage.path(name))


def staged_path(name: str) -> Path:
    """Beside the file, hidden: a rename within one folder is one step."""
    path = stored_path(name)
    return path.with_name(f".{path.name}{STAGED_SUFFIX}")


def finish_file(name: str) -> bool:
    """Give a staged file its name; whether there was one. Safe to call twice and at once."""
    try:
        staged_path(name).rename(stored_path(name))
    except FileNotFoundError:
        return False
    return True


def file_exists(name: str) -> bool:
    """Tell if the file is there, staged ones included."""
    return stored_path(name).is_file() or staged_path(name).is_file()


def open_file(name: str) -> BinaryIO:
    """Open a file that a row names. One whose writer was killed before the rename is finished here.

    Raises FileNotFoundError.
    """
    with suppress(FileNotFoundError):
        return stored_path(name).open("rb")
    finish_file(name)
    return stored_path(name).open("rb")


def delete_files(names: list[str]) -> int:
    """Delete these files, staged or not; how many there were. Call it once no row names them any more."""
    return sum(_delete(stored_path(name)) + _delete(staged_path(name)) for name in names)


def list_folders(root: str) -> list[str]:
    """The folders below `root` that hold files or folders, in order."""
    top = Path(default_storage.path(""))
    folders = (Path(folder) for folder, _folders, files in os.walk(top / root) if files)
    return sorted(str(folder.relative_to(top)) for folder in folders)


def list_files(folder: str) -> Iterator[ScannedFile]:
    """The files of one folder, one at a time. Nothing where the folder has gone."""
    now = time.time()
    with suppress(FileNotFoundError), os.scandir(default_storage.path(folder)) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False):
                    yield _scan_entry(folder, entry, now)


def _scan_entry(folder: str, entry: os.DirEntry[str], now: float) -> ScannedFile:
    staged = entry.name.startswith(".") and entry.name.endswith(STAGED_SUFFIX)
    name = entry.name[1 : -len(STAGED_SUFFIX)] if staged else entry.name
    return ScannedFile(f"{folder}/{name}", staged, now - entry.stat(follow_symlinks=False).st_mtime)
