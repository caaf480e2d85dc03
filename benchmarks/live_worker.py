"""One process of the live benchmark: for each number of seconds that it reads, the latencies of so long a burst."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from benchmarks.live import measure  # noqa: E402

if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), float(line))), flush=True)
