"""`make bench`: every figure beside something measured in the same run; these machines are noisy, ratios are not."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")
django.setup()

from benchmarks import engine, live, live_scale, load, metrics, replay, settings, simulate, stream  # noqa: E402
from benchmarks.table import show  # noqa: E402

BENCHES = {
    "engine": engine.rows,
    "simulate": simulate.rows,
    "live": live.rows,
    "large shops": live_scale.rows,
    "settings": settings.rows,
    "replay": replay.rows,
    "stream": stream.rows,
    "metrics": metrics.rows,
    "load": load.rows,
}


def main(names: list[str]) -> int:
    for name in names or BENCHES:
        show(name, BENCHES[name]())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
