"""Files are staged, then renamed or deleted; a write that fails leaves nothing."""

import os
import resource
from pathlib import Path

import pytest

from core.uploads.files import (
    delete_files,
    file_exists,
    finish_file,
    list_files,
    list_folders,
    open_file,
    settled,
    stage_file,
    staged_path,
    stored_path,
)

NAME = "images/2026/12/01/a.png"


def everything(settings) -> list[str]:
    return sorted(path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def test_a_kept_file_gets_its_name_at_the_end_of_the_block(settings) -> None:
    with settled(stage_file(NAME, b"content")) as staged:
        assert everything(settings) == [".a.png.part"]
        staged.kept = True
    assert everything(settings) == ["a.png"]
    with open_file(NAME) as opened:
        assert opened.read() == b"content"


def test_a_file_that_is_not_kept_is_deleted(settings) -> None:
    with settled(stage_file(NAME, b"content")):
        pass
    assert everything(settings) == []


def test_an_error_before_the_row_is_written_deletes_the_file(settings) -> None:
    with pytest.raises(ZeroDivisionError), settled(stage_file(NAME, b"content")):
        raise ZeroDivisionError
    assert everything(settings) == []


def test_an_error_after_the_row_is_written_leaves_the_file_to_the_sweep(settings) -> None:
    with pytest.raises(ZeroDivisionError), settled(stage_file(NAME, b"content")) as staged:
        staged.kept = True
        raise ZeroDivisionError
    assert everything(settings) == [".a.png.part"]


def test_a_write_that_the_disk_cuts_short_leaves_nothing(settings) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(OSError, match="large"):
            stage_file(NAME, bytes(5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert everything(settings) == []


def test_a_file_whose_writer_was_killed_before_the_rename_is_there_for_readers(settings) -> None:
    stage_file(NAME, b"content")
    assert file_exists(NAME)
    with open_file(NAME) as opened:
        assert opened.read() == b"content"
    assert everything(settings) == ["a.png"] and not finish_file(NAME)


def test_a_file_that_is_nowhere_cannot_be_opened() -> None:
    assert not file_exists(NAME)
    with pytest.raises(FileNotFoundError):
        open_file(NAME)


def test_both_forms_of_a_file_are_deleted_and_counted(settings) -> None:
    stage_file(NAME, b"1")
    finish_file(NAME)
    stage_file(NAME, b"2")
    assert delete_files([NAME, "images/no.png"]) == 2
    assert everything(settings) == []


def test_files_are_listed_by_folder_with_the_name_that_a_row_would_have() -> None:
    stage_file(NAME, b"1")
    finish_file(stage_file("images/2026/11/30/b.gif", b"2").name)
    os.utime(stored_path("images/2026/11/30/b.gif"), (1, 1))
    (staged_path(NAME).parent / "link").symlink_to("/etc/passwd")
    assert list_folders("images") == ["images/2026/11/30", "images/2026/12/01"]
    (old,) = list_files("images/2026/11/30")
    assert (old.name, old.staged) == ("images/2026/11/30/b.gif", False) and old.age_seconds > 1e9
    (new,) = list_files("images/2026/12/01")
    assert (new.name, new.staged) == (NAME, True) and new.age_seconds < 600
    assert list(list_files("images/2020")) == []
