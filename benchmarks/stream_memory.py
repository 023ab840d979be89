"""Does a stream's memory grow? A long video is followed, and the process is asked.

Run:     .venv/bin/python benchmarks/stream_memory.py --frames 10000
Cost:    5 minutes on 2 cores, most of it the network's.
Expect:  no growth after the first thousand frames beyond a few MiB.

The network is a published one with random weights and 600 classes, in Keras or as a
`--file` (`vidnas export movinet-a0 --untrained --stream --to a0.tflite`); the video is
a file of moving noise, written first, decoded and followed as `vidnas stream` does.
Memory is the resident set of the process, read from `/proc`.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np

import vidnas
from vidnas.video.arriving.film import open_film

SIZE = (240, 320)  # height and width of the video [pixels]
CLASSES = 600
MIB = 2**20


def main() -> None:
    """Prints resident memory and time a frame for each part of the video."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="movinet-a0")
    parser.add_argument("--file", type=Path, help="an exported stream of it instead")
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--parts", type=int, default=10)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        weights = chosen.file or write_weights(chosen.network, Path(folder))
        stride = vidnas.published(chosen.network).clip.frame_stride
        video = write_video(chosen.frames * stride, Path(folder))
        print(f"{chosen.network}: {chosen.frames} frames, file of {CLASSES} classes")
        print("frames  resident [MiB]  ms a frame, decoding included")
        follow(weights, video, chosen.frames, chosen.parts)


def write_weights(name: str, folder: Path) -> Path:
    """A weights file of the network's stream with random weights."""
    from vidnas.nets import build
    from vidnas.nets.weights.weights_file import pack_weights

    architecture = vidnas.published(name, stream=True)
    path = folder / "weights.npz"
    path.write_bytes(pack_weights(build(architecture, CLASSES)))
    return path


def write_video(frames: int, folder: Path) -> Path:
    """A video of noise that moves, 25 frames a second."""
    height, width = SIZE
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8)
    image = noise.repeat(8, axis=0).repeat(8, axis=1)
    path = folder / "video.mp4"
    with open_film(path) as add:
        for n in range(frames):
            add(np.ascontiguousarray(np.roll(image, n, axis=1)), n / 25)
    return path


def follow(weights: Path, video: Path, frames: int, parts: int) -> None:
    """Follows the video, and tells memory and time after each part of it."""
    stream = vidnas.Stream(weights)
    each, began = max(1, frames // parts), time.monotonic()
    for prediction in stream.follow(video):
        if prediction.frame == 1:
            print(f"{1:6d}  {resident() / MIB:14.1f}")
            began = time.monotonic()
        elif prediction.frame % each == 0:
            took, began = time.monotonic() - began, time.monotonic()
            print(
                f"{prediction.frame:6d}  {resident() / MIB:14.1f}  "
                f"{1e3 * took / each:.1f}",
                flush=True,
            )


def resident() -> int:
    """Resident memory of this process [bytes]."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
