"""What scenarios came to when their results were last written down: `python -m tests.routing.results` writes them anew,
which is right when a rule has been changed on purpose and wrong in every other case.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from agents.vocabulary import Platform
from routing.simulator.run import Run
from routing.simulator.scenario import read_scenario
from tests.routing.generate import scenario

FILE = Path(__file__).parent / "results.json"
OWN = Path(__file__).parent.parent / "scenarios"
SEEDS, SCENARIOS_A_SEED = 10, 6


def all_results() -> Iterator[tuple[str, str]]:
    """A name and a hash: one for each of our scenario files, some for random ones of each platform."""
    for path in sorted(OWN.glob("*.json")):
        yield path.stem, hashed([json.loads(path.read_text())])
    for platform in Platform:
        for seed in range(SEEDS):
            rng = Random(seed)
            yield f"{platform.value} {seed}", hashed([scenario(rng, platform, 150) for _ in range(SCENARIOS_A_SEED)])


def hashed(scenarios: list[dict[str, Any]]) -> str:
    """Of the results to the last byte."""
    found = sha256()
    for given in scenarios:
        found.update(json.dumps(Run(read_scenario(given)).result(), ensure_ascii=False, indent=1).encode())
    return found.hexdigest()[:16]


if __name__ == "__main__":
    FILE.write_text(json.dumps(dict(all_results()), indent=1) + "\n")
