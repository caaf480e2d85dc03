"""The folder in which the processes of one web server keep their figures, so that whichever is asked tells them all.

A server begins with an empty one, and the files of a process that has died count on until the server ends: a counter
that went back would look like a restart to Prometheus, and what was left like new.

Imports nothing that imports prometheus_client: that decides by the environment when it is imported.
"""

import multiprocessing
import os
import shutil
from pathlib import Path

NAME = "PROMETHEUS_MULTIPROC_DIR"


def share_figures(var: Path) -> None:
    """Make the folder known to prometheus_client, before it is imported by anything that counts. One that the
    environment names is used as it is (gunicorn, or several servers that are to be one)."""
    if NAME in os.environ:
        return
    parent = multiprocessing.parent_process()
    folder = var / "figures" / str(os.getpid() if parent is None else parent.pid)
    _drop_old(folder)
    folder.mkdir(parents=True, exist_ok=True)
    os.environ[NAME] = str(folder)


def _drop_old(folder: Path) -> None:
    """The folders of servers that have ended; and our own, if it is from one that had our number before."""
    for other in folder.parent.glob("*"):
        if not is_alive(other.name) or (other == folder and other.name == str(os.getpid())):
            shutil.rmtree(other, ignore_errors=True)


def is_alive(process: str) -> bool:
    return Path(f"/proc/{process}").exists() if process.isdigit() else False
