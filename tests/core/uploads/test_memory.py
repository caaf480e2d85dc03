"""Memory that uploads can take, measured in a process of its own."""

import subprocess
import sys

import pytest

PROGRAM = """
import os, resource, sys, threading
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from core.uploads import ImageTooLarge, DecoderBusy, clean_image
from tests.core.uploads.pictures import flat_png
side, threads = map(int, sys.argv[1:])
content, ended = flat_png(side), []
clean_image(flat_png(8))
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
def upload():
    try:
        clean_image(content); ended.append("taken")
    except (ImageTooLarge, DecoderBusy) as error:
        ended.append(type(error).__name__)
workers = [threading.Thread(target=upload) for _ in range(threads)]
[worker.start() for worker in workers]; [worker.join() for worker in workers]
print((peak() - before) // 1024, ",".join(sorted(set(ended))), len(ended))
"""


def megabytes(side: int, threads: int) -> tuple[int, str]:
    command = [sys.executable, "-c", PROGRAM, str(side), str(threads)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=240)
    grown, ended, number = done.stdout.split()
    assert int(number) == threads
    return int(grown), ended


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 10])
def test_a_file_of_89_megapixels_takes_no_memory(threads: int) -> None:
    grown, ended = megabytes(9450, threads)
    assert ended == "ImageTooLarge" and grown < 20


@pytest.mark.slow
def test_ten_images_of_the_largest_size_take_the_memory_of_one() -> None:
    grown, ended = megabytes(4000, 10)
    assert "taken" in ended and "ImageTooLarge" not in ended
    assert grown < 2 * 64
