"""One process of the live benchmark; prints its latencies."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from benchmarks.live import SECONDS, measure  # noqa: E402

if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), SECONDS)))
