"""`make bench`: every figure beside something measured in the same run; these machines are noisy, ratios are not."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")
django.setup()

from benchmarks import engine, live, live_scale, load, metrics, plans, replay, settings, simulate, stream, webhooks  # noqa: E402
from benchmarks.table import show  # noqa: E402

BENCHES = {
    "engine": engine.rows,
    "simulate": simulate.rows,
    "live": live.rows,
    "large shops": live_scale.rows,
    "settings": settings.rows,
    "replay": replay.rows,
    "stream": stream.rows,
    "webhooks": webhooks.rows,
    "metrics": metrics.rows,
    "load": load.rows,
}

BY_NAME = {"plans": plans.rows}
"""No figures to hold against anything: only where they are asked for."""


def main(names: list[str]) -> int:
    for name in names or BENCHES:
        show(name, (BENCHES | BY_NAME)[name]())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
