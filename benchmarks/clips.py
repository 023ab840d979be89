"""How many clips a second does a core decode, beside decord, OpenCV and torchcodec?

Run:     python benchmarks/clips.py
Cost:    about 3 minutes; peers that are not installed are left out and named.
Expect:  never more than 10 % behind the best.

Every reader gives 16 RGB frames of the same video as coded, with one thread, from
opening the file on: 5 frames apart at random places, or spread over the whole video.
Readers take turns, clip by clip; seconds are those of the processor. Before that every
reader must show the frames that were asked for, which are painted in a corner.
"""

import os

os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "threads;1"

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import av
import numpy as np

from vidnas.video import packet_times
from vidnas.video.decode import read_clip

FRAMES, LENGTH, FPS = 16, 300, 30
WINDOW, UNIFORM = 5, 19  # frames from one to the next
BLOCK = 32  # pixels of a side of a painted bit
BITS = 9


class Sample(NamedTuple):
    """A file to write: name, encoder, width, height, options."""

    name: str
    codec: str
    width: int
    height: int
    options: dict[str, str]


SAMPLES = (
    Sample("h264.mp4", "libx264", 340, 256, {"g": "250"}),
    Sample("h264_720p.mp4", "libx264", 1280, 720, {"g": "250", "preset": "veryfast"}),
    Sample(
        "vp9.webm", "libvpx-vp9", 340, 256, {"cpu-used": "8", "deadline": "realtime"}
    ),
    Sample("mpeg4.avi", "mpeg4", 340, 256, {"b": "1M"}),
)
Reader = Callable[[Path, list[int], Sample], Any]


def write_sample(folder: Path, sample: Sample) -> Path:
    """A textured scene that moves, the frame's number in its corner."""
    rng = np.random.default_rng(0)
    h, w = sample.height, sample.width
    coarse = rng.integers(0, 255, (h // 8 + 40, w // 8 + 80, 3), np.uint8)
    scene = coarse.repeat(8, 0).repeat(8, 1)
    path = folder / sample.name
    with av.open(str(path), "w") as container:
        stream = container.add_stream(sample.codec, rate=FPS, options=sample.options)
        stream.width, stream.height, stream.pix_fmt = w, h, "yuv420p"
        for n in range(LENGTH):
            image = scene[n % 200 : n % 200 + h, 2 * n % 600 : 2 * n % 600 + w].copy()
            for bit in range(BITS):
                place = slice(bit * BLOCK, (bit + 1) * BLOCK)
                image[:BLOCK, place] = 255 * (n >> bit & 1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image)))
        container.mux(stream.encode())
    return path


def numbers(clip: Any) -> list[int]:
    """The painted number of every frame."""
    middle = [bit * BLOCK + BLOCK // 2 for bit in range(BITS)]
    bits = np.asarray(clip)[:, BLOCK // 2, middle, 1] > 127
    return (bits @ (1 << np.arange(BITS))).tolist()


def ours(path: Path, wanted: list[int], sample: Sample) -> Any:
    """The window by its place within the slack."""
    stride = wanted[1] - wanted[0]
    slack = LENGTH - ((FRAMES - 1) * stride + 1)
    return read_clip(
        path,
        frames=FRAMES,
        frame_stride=stride,
        side=(sample.height, sample.width),
        start=wanted[0] / slack,
    ).frames


def ours_new(path: Path, wanted: list[int], sample: Sample) -> Any:
    """The same of a file that was not read before, whose packets are looked at."""
    packet_times.forget()
    return ours(path, wanted, sample)


def find_readers() -> tuple[dict[str, Reader], list[str]]:
    """Readers that are installed, and the names of those that are not."""
    readers: dict[str, Reader] = {"ours": ours, "ours, new file": ours_new}
    missing = []
    for name, find in (
        ("decord", _decord),
        ("OpenCV", _opencv),
        ("torchcodec", partial(_torchcodec, "exact")),
        ("torchcodec, approximate", partial(_torchcodec, "approximate")),
    ):
        try:
            readers[name] = find()
        except (ImportError, RuntimeError):
            missing.append(name)
    return readers, missing


def _decord() -> Reader:
    import decord

    def read(path: Path, wanted: list[int], sample: Sample) -> Any:
        reader = decord.VideoReader(str(path), num_threads=1)
        return reader.get_batch(wanted).asnumpy()

    return read


def _opencv() -> Reader:
    import cv2

    cv2.setNumThreads(1)

    def read(path: Path, wanted: list[int], sample: Sample) -> Any:
        video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
        video.set(cv2.CAP_PROP_POS_FRAMES, wanted[0])
        images = []
        for n in range(wanted[0], wanted[-1] + 1):
            video.grab()
            if n in wanted:
                images.append(cv2.cvtColor(video.retrieve()[1], cv2.COLOR_BGR2RGB))
        video.release()
        return np.stack(images)

    return read


def _torchcodec(mode: str) -> Reader:
    import torch
    from torchcodec.decoders import VideoDecoder

    torch.set_num_threads(1)

    def read(path: Path, wanted: list[int], sample: Sample) -> Any:
        decoder = VideoDecoder(
            str(path), dimension_order="NHWC", num_ffmpeg_threads=1, seek_mode=mode
        )
        return decoder.get_frames_at(wanted).data.numpy()

    return read


def measure(
    path: Path, sample: Sample, stride: int, readers: dict[str, Reader], clips: int
) -> dict[str, float | str]:
    """Median processor seconds of a clip by reader; a word for one that fails."""
    rng = np.random.default_rng(1)
    slack = LENGTH - ((FRAMES - 1) * stride + 1)
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    failed: dict[str, float | str] = {}
    for turn in range(clips + 1):
        first = int(rng.integers(slack + 1))
        wanted = [first + stride * n for n in range(FRAMES)]
        for name, read in readers.items():
            if name in failed:
                continue
            began = time.process_time()
            try:
                clip = read(path, wanted, sample)
            except Exception as error:  # a peer that cannot read it is one result
                failed[name] = type(error).__name__
                continue
            took = time.process_time() - began
            if numbers(clip) != wanted:
                failed[name] = "other frames"
            elif turn:  # the first one warms up
                seconds[name].append(took)
    return failed | {n: median(s) for n, s in seconds.items() if n not in failed}


def print_decoding(folder: Path, clips: int) -> None:
    """A table of clips per second of a core, by file, window and reader."""
    readers, missing = find_readers()
    print(f"{FRAMES} frames as coded; clips per second of one core, ratio to ours")
    print("file           window     " + "".join(f"{name:>25}" for name in readers))
    for sample in SAMPLES:
        path = write_sample(folder, sample)
        for label, stride in (("random", WINDOW), ("uniform", UNIFORM)):
            found = measure(path, sample, stride, readers, clips)
            cells = "".join(
                f"{_cell(found[name], found['ours']):>25}" for name in readers
            )
            print(f"{sample.name:14} {label:10} {cells}", flush=True)
    for name in missing:
        print(f"{name}: not installed")


def _cell(seconds: float | str, mine: float | str) -> str:
    if isinstance(seconds, str) or isinstance(mine, str):
        return str(seconds)
    return f"{1 / seconds:.1f} ({mine / seconds:.2f})"


def main() -> None:
    """Prints a table per question."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=15, help="clips per number")
    clips = parser.parse_args().clips
    with tempfile.TemporaryDirectory() as folder:
        print_decoding(Path(folder), clips)
        # What a cache adds is measured here too, in a table of its own.


if __name__ == "__main__":
    main()
