"""Run one scenario in this process with bounded memory, time and output: `python -m routing.simulator.bounded`.

Reads the scenario from standard input and writes the result to standard output. The process that started it stays as
it is whatever the scenario costs. Exit codes: see Ended.
"""

import resource
import signal
import sys
from argparse import ArgumentParser
from enum import IntEnum

from routing.engine.checking import Malformed
from routing.simulator.collecting import no_garbage_collection
from routing.simulator.reading import parsed
from routing.simulator.run import Run
from routing.simulator.scenario import read_scenario
from routing.simulator.writing import written


class Ended(IntEnum):
    """Exit codes of a run. MALFORMED: standard error has the place, a tab and the message."""

    DONE = 0
    MALFORMED = 2
    TOO_MUCH_MEMORY = 3
    TOO_LONG_RESULT = 4
    TOO_SLOW = 5


def main() -> Ended:
    parser = ArgumentParser()
    for name in ("--seconds", "--memory", "--result"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--no-traces", action="store_true")
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (asked.memory, asked.memory))
    signal.signal(signal.SIGALRM, _too_slow)
    signal.alarm(asked.seconds)
    try:
        return simulate(sys.stdin.buffer.read(), asked.result, traces=not asked.no_traces)
    except Malformed as error:
        sys.stderr.write(f"{error.path}\t{error}")
        return Ended.MALFORMED
    except MemoryError:
        return Ended.TOO_MUCH_MEMORY


def simulate(raw: bytes, most: int, *, traces: bool) -> Ended:
    """Write the result, at most `most` bytes of it."""
    size, out = 0, sys.stdout.buffer
    with no_garbage_collection():
        for piece in written(Run(read_scenario(parsed(raw)), traces=traces)):
            text = piece.encode()
            size += len(text)
            if size > most:
                return Ended.TOO_LONG_RESULT
            out.write(text)
    out.flush()
    return Ended.DONE


def _too_slow(_signal: int, _frame: object) -> None:
    sys.stdout.flush()
    raise SystemExit(Ended.TOO_SLOW)


if __name__ == "__main__":
    sys.exit(main())
