"""What do all workers of `networks.py` have in common? Their arguments and clock.

A worker starts its work once, then repeats it whenever a line arrives on its standard
input. Whoever sends the lines can so take turns between workers, and what else a shared
machine does falls on all of them alike. Standard library only: workers run under other
interpreters too.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable

Work = Callable[[], object]
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


def arguments(docstring: str) -> argparse.ArgumentParser:
    """The parser of the arguments that every worker takes."""
    parser = argparse.ArgumentParser(description=docstring.splitlines()[0])
    parser.add_argument("task", choices=("train", "forward", "stream"))
    parser.add_argument("network", help="such as movinet-a0")
    parser.add_argument("convolution", choices=("3d", "2plus1d"))
    parser.add_argument("--batch", type=int, default=4, help="clips")
    parser.add_argument("--frames", type=int, default=8, help="of a clip, or a chunk")
    parser.add_argument("--size", type=int, default=172, help="of a frame [pixels]")
    parser.add_argument("--classes", type=int, default=600)
    parser.add_argument("--cpus", type=int, default=2, help="threads")
    return parser


def serve(
    start: Callable[[], Work], allocated_bytes: Callable[[], float] | None = None
) -> None:
    """Starts the work, then repeats it for every line of standard input.

    Answers with one line of JSON each time: `wall_s`, `cpu_s` of all threads, and
    `resident_bytes`, the most memory the process has had so far.

    Args:
        start: Does everything up to the end of the first run of the work that it
            returns. Runs must wait for their own end.
        allocated_bytes: The most that an allocator gave, added to the answers.
    """
    work = _answered(start, allocated_bytes)
    for _ in sys.stdin:
        _answered(work, allocated_bytes)


def _answered(
    work: Callable[[], object], allocated_bytes: Callable[[], float] | None
) -> object:
    wall, cpu = time.perf_counter(), time.process_time()
    done = work()
    answer = {
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
        "resident_bytes": _resident_bytes(),
    }
    if allocated_bytes is not None:
        answer["allocated_bytes"] = allocated_bytes()
    print(json.dumps(answer), flush=True)
    return done


def _resident_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MAXRSS_BYTES
