"""How fast and how large is an exported file, in a process of its own?

    python -m vidnas.deploy.exported.alone FILE FRAMES THREADS

prints one line of JSON. Nothing of TensorFlow is loaded for a LiteRT or ONNX file.
"""

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.deploy.exported.about import About
from vidnas.deploy.exported.opening import (
    about_exported,
    open_exported_clips,
    open_exported_stream,
)
from vidnas.errors import EvaluationError

WARM = 5  # calls before the clock counts


@dataclass(frozen=True, slots=True)
class Alone:
    """What one call of an exported file took, in a process of its own.

    Args:
        milliseconds: Median time of a frame of a stream, or of a clip [ms].
        spread_milliseconds: Half the distance between the quartiles [ms].
        peak_bytes: Most memory of the process [bytes].
        file_bytes: What the file added to what it holds [bytes].
        threads: Threads that it ran on.
    """

    milliseconds: float
    spread_milliseconds: float
    peak_bytes: int
    file_bytes: int
    threads: int

    def to_document(self) -> dict[str, Any]:
        """As JSON spells it."""
        return {
            "latency_ms": self.milliseconds,
            "latency_spread_ms": self.spread_milliseconds,
            "peak_bytes": self.peak_bytes,
            "resident_bytes_of_file": self.file_bytes,
            "threads": self.threads,
        }


def run_alone(path: Path, calls: int, threads: int = 1) -> Alone:
    """Runs an exported file in a process of its own.

    Args:
        path: File that `vidnas export` wrote.
        calls: Frames, or clips, that are timed.
        threads: Threads to run on.

    Raises:
        EvaluationError: the process failed.
    """
    words = [sys.executable, "-m", __name__, str(path), str(calls), str(threads)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        (reason, *_) = done.stderr.strip().splitlines()[-1:] or ["it was killed"]
        raise EvaluationError(f"{path} cannot be run by itself: {reason}")
    return Alone(**json.loads(done.stdout.splitlines()[-1]))


def _measure(path: Path, calls: int, threads: int) -> Alone:
    about, rng = about_exported(path), np.random.default_rng(0)
    before = _resident()
    run, shape = _open(path, about, threads)
    seconds = []
    for _ in range(WARM + calls):
        images = rng.random(shape, np.float32)
        began = time.perf_counter()
        run(images)
        seconds.append(time.perf_counter() - began)
    low, middle, high = np.percentile(seconds[WARM:], [25, 50, 75]).tolist()
    added = max(0, _resident() - before)
    return Alone(1e3 * middle, 5e2 * (high - low), _peak(), added, threads)


def _open(path: Path, about: About, threads: int) -> tuple[Any, tuple[int, ...]]:
    clip = about.architecture.clip
    frame = (clip.resolution, clip.resolution, clip.channels)
    if about.stream:
        stream = open_exported_stream(path, threads=threads)
        return stream.frame_logits, (stream.streams, *frame)
    runner = open_exported_clips(path, threads)
    return runner.clip_logits, (about.batch or 1, clip.frames, *frame)


def _resident() -> int:
    """Memory that this process holds now; its most so far where that is not told."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return _peak()
    return int(pages) * resource.getpagesize()


def _peak() -> int:
    """Most memory of this process so far [bytes]."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


def _main(path: str, calls: str, threads: str) -> None:
    found = _measure(Path(path), int(calls), int(threads))
    values = {name: getattr(found, name) for name in Alone.__slots__}
    sys.stdout.write(json.dumps(values) + "\n")


if __name__ == "__main__":
    _main(*sys.argv[1:])
