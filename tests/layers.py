"""The layers of the test suite, by cost: `python -m tests.layers quick|browser|operations|nightly`.

quick        the checks, everything quick, the races, one browser journey for each screen (`make test`)
browser      all tests in the browser, axe included
operations   demo, upgrade, nginx, runners, kills, hostile input at 2 %; then the tests marked `both` on SQLite
nightly      hostile input in full, ten minutes of chaos (CHAOS_SECONDS), ten kills of a Patroni primary

PostgreSQL and Redis are used where their binaries are found, else one line says so. Each step's seconds are printed at
the end. The exit code is 1 if a step failed; the steps after a failed one run all the same.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

PYTHON = [sys.executable]
PYTEST = [*PYTHON, "-m", "pytest", "-q", "-n", os.environ.get("TEST_PROCESSES", "3"), "--dist=worksteal"]
POSTGRESQL = [*PYTHON, "-m", "tests.servers", "postgresql?", "--"]
BOTH_SERVERS = [*PYTHON, "-m", "tests.servers", "postgresql?", "redis?", "--"]
QUICK = "journey or not (browser or operations or hostile)"

CHECKS = [
    [*PYTHON, "-m", "ruff", "check", "."],
    [*PYTHON, "-m", "ruff", "format", "--check", "--quiet", "."],
    [f"{sys.prefix}/bin/lint-imports", "--no-cache"],
    [f"{sys.prefix}/bin/djlint", "--lint", "--quiet", "templates"],
    [*PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    [*PYTHON, "manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null"],
    [*PYTHON, "-m", "mypy"],
]

Step = tuple[str, list[str], dict[str, str]]

LAYERS: dict[str, list[Step]] = {
    "quick": [
        ("tests", [*POSTGRESQL, *PYTEST, "--durations=10", "-m", QUICK], {}),
    ],
    "browser": [
        ("browser", [*POSTGRESQL, *PYTEST, "--durations=10", "-m", "browser and not operations"], {}),
    ],
    "operations": [
        ("operations", [*BOTH_SERVERS, *PYTEST, "--durations=10", "-m", "operations"], {}),
        ("hostile input, 2 %", [*POSTGRESQL, *PYTEST, "-m", "hostile"], {"FENLIU_HOSTILE_PERCENT": "2"}),
        ("SQLite", [*PYTEST, "-m", "both and not (operations or hostile)"], {}),
    ],
    "nightly": [
        ("overload, 60 s", [*POSTGRESQL, *PYTEST, "tests/operations/test_overload.py"], {"OVERLOAD_SECONDS": "60"}),
        ("hostile input", [*PYTEST, "--durations=10", "-m", "hostile"], {"FENLIU_HOSTILE_PERCENT": "100"}),
        ("chaos", [*PYTHON, "-m", "tests.chaos", "--seconds", os.environ.get("CHAOS_SECONDS", "600")], {}),
        ("high availability", [*PYTHON, "-m", "tests.nightly.high_availability", "--kills", "10"], {}),
    ],
}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in LAYERS:
        print(__doc__, file=sys.stderr)
        return 2
    layer = arguments[0]
    taken: list[tuple[str, float, bool]] = []
    if layer == "quick":
        taken.append(run_checks())
    for name, command, environment in LAYERS[layer]:
        begun = time.monotonic()
        done = subprocess.run(command, env=os.environ | environment, check=False)
        taken.append((name, time.monotonic() - begun, done.returncode == 0))
    print(f"\n{layer}: {sum(seconds for _, seconds, _ in taken):.0f} s")
    for name, seconds, passed in taken:
        print(f"  {seconds:6.0f} s  {name}{'' if passed else '  FAILED'}")
    return int(not all(passed for _, _, passed in taken))


def run_checks() -> tuple[str, float, bool]:
    """Run the checks two at a time; print what those that failed said."""
    begun = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(run_quietly, reversed(CHECKS)))
    for one in done:
        if one.returncode:
            print(f"FAILED {' '.join(one.args[-3:])}\n{one.stdout}{one.stderr}", flush=True)
    return "checks", time.monotonic() - begun, not any(one.returncode for one in done)


def run_quietly(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
