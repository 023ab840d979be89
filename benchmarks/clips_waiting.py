"""How long does a training step wait for its batch? By source and way of preparing.

Run:     .venv/bin/python benchmarks/clips_waiting.py
         .venv/bin/python benchmarks/clips_waiting.py --tensorflow   # tf.data beside it
Cost:    some five minutes on two cores, eight with tf.data.
Expect:  docs/cache.md holds what was measured, and where.

A device is stood in for by a pause: it takes no core, as a GPU takes none. A step is as
long as two cores need to make its batch from files, and a quarter longer, so whoever
keeps the cores busy makes no step wait; from a cache, steps are a tenth of that.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from vidnas.clips.cache.lookup import with_cache
from vidnas.clips.cache.plan import CachePlan
from vidnas.clips.cache.writing import write_cache
from vidnas.clips.clip_shape import decode_window
from vidnas.clips.clipset import ClipSet
from vidnas.clips.opening import open_clips
from vidnas.clips.prepare_ahead import PreparedAhead
from vidnas.datasets.decode_ahead import in_order
from vidnas.datasets.motion.generate import write_motion
from vidnas.datasets.source import ClipSource, read_index

THREADS = 2


@dataclass(frozen=True)
class Size:
    """Clips of a training, and the height and width of their videos."""

    name: str
    frames: int
    resolution: int
    batch: int
    pixels: int


SIZES = (
    Size("quickstart", 8, 64, 16, 96),
    Size("A2, 16 frames", 16, 224, 8, 288),
    Size("A2, 50 frames", 50, 224, 4, 288),
)


def videos(size: Size, folder: Path) -> ClipSource:
    """Eight classes of generated videos, four times as long as a clip."""
    return ClipSource.of(
        write_motion(
            folder,
            seed=0,
            train_per_class=8 if size.resolution < 100 else 4,
            val_per_class=1,
            size=size.pixels,
            frames=min(120, 4 * size.frames),
        )
    )


def opened(source: ClipSource, size: Size, **options: Any) -> ClipSet:
    """The training clips, read in every pass."""
    return open_clips(
        source,
        "train",
        frames=size.frames,
        frame_stride=1,
        resolution=size.resolution,
        margin=0.125,
        threads=THREADS,
        memory_limit_bytes=0,
        **options,
    )


def ahead(clips: ClipSet, size: Size, epochs: int) -> Iterator[Any]:
    """As trainings read: whole batches, two ahead, across passes."""
    return clips.batches(size.batch, seed=0, epoch=0, until=epochs, augment=True)


def pass_by_pass(clips: ClipSet, size: Size, epochs: int) -> Iterator[Any]:
    """The same, but every pass begins with nothing prepared."""
    for epoch in range(epochs):
        yield from clips.batches(size.batch, seed=0, epoch=epoch, augment=True)


def clip_by_clip(clips: ClipSet, size: Size, epochs: int) -> Iterator[Any]:
    """As before: four clips a thread ahead, stacked by whoever takes the batch."""
    for epoch in range(epochs):
        rng = np.random.default_rng([0, epoch])
        order, views = clips._random(size.batch, rng, False, False)
        jobs = zip(order, views, strict=True)

        def read(job: Any) -> Any:
            n, view = job
            return view, clips._source(int(n), view.source)

        images = []
        for view, source in in_order(read, jobs, threads=THREADS):
            images.append(view.apply(source, size.resolution))
            if len(images) == size.batch:
                yield np.stack(images)
                images = []


def tf_data(clips: ClipSet, size: Size, epochs: int) -> Iterator[Any]:
    """The same work as a graph of tf.data: decoded in parallel, batched, prefetched."""
    import tensorflow as tf

    draws = []
    for epoch in range(epochs):
        rng = np.random.default_rng([0, epoch])
        order, views = clips._random(size.batch, rng, False, False)
        draws += list(zip(order, views, strict=True))

    def read(n: Any) -> Any:
        row, view = draws[int(n)]
        source = clips._source(int(row), view.source)
        return np.ascontiguousarray(view.apply(source, size.resolution))

    shape = (size.frames, size.resolution, size.resolution, 3)
    data = tf.data.Dataset.range(len(draws))
    data = data.map(
        lambda n: tf.ensure_shape(tf.numpy_function(read, [n], tf.uint8), shape),
        num_parallel_calls=THREADS,
        deterministic=True,
    )
    options = tf.data.Options()
    options.threading.private_threadpool_size = THREADS
    data = data.batch(size.batch).prefetch(2).with_options(options)
    yield from data.as_numpy_iterator()


def waiting(
    way: Callable[..., Iterator[Any]],
    clips: ClipSet,
    size: Size,
    step: float,
    epochs: int,
) -> tuple[float, float]:
    """Share of the time spent waiting [%], all in all and in the median step."""
    waits = []
    batches = way(clips, size, epochs)
    while True:
        began = time.perf_counter()
        if next(batches, None) is None:
            break
        waits.append(time.perf_counter() - began)
        time.sleep(step)
    if isinstance(batches, PreparedAhead):
        batches.close()
    whole = 100 * sum(waits) / (sum(waits) + step * len(waits))
    shares = [100 * wait / (wait + step) for wait in waits]
    return whole, median(shares)


def batch_seconds(clips: ClipSet, size: Size, epochs: int = 2) -> float:
    """Time to make a batch with nothing else to do."""
    began, count = time.perf_counter(), 0
    for _ in ahead(clips, size, epochs):
        count += 1
    return (time.perf_counter() - began) / count


def clips_per_second(read: Callable[[int], Any], count: int, seconds: float) -> float:
    """Clips that one core reads in a second of its time."""
    began, done = time.process_time(), 0
    rng = np.random.default_rng(0)
    while time.process_time() - began < seconds:
        read(int(rng.integers(count)))
        done += 1
    return done / (time.process_time() - began)


def measure(size: Size, folder: Path, with_tensorflow: bool) -> None:
    """Prints all numbers of one size."""
    source = videos(size, folder / "videos")
    files = opened(source, size)
    plan = CachePlan(read_index(source), files.shape)
    write_cache(plan, folder / "cache", threads=THREADS)
    cached = opened(with_cache(source, str(folder / "cache")), size)

    def decode(n: int) -> Any:
        return decode_window(files.files[n], files.shape, 0.5)

    def fetch(n: int) -> Any:
        assert cached.windows is not None
        return cached.windows.window(n, 0.5).copy()

    for n in range(len(files)):
        fetch(n)  # checked once
    slow = clips_per_second(decode, len(files), 3.0)
    fast = clips_per_second(fetch, len(files), 2.0)
    print(
        f"\n{size.name}: {size.frames} x {size.resolution} px, batch {size.batch}\n"
        f"  clips per second of a core: decoded {slow:.1f}, cached {fast:.0f}, "
        f"{fast / slow:.0f} times"
    )
    step = 1.25 * batch_seconds(files, size)
    ways: dict[str, Callable[..., Iterator[Any]]] = {
        "clip by clip (before)": clip_by_clip,
        "two batches ahead, a pass": pass_by_pass,
        "two batches ahead": ahead,
    }
    if with_tensorflow:
        ways["tf.data"] = tf_data
    for name, clips, seconds in (
        ("files", files, step),
        ("cache", cached, step / 10),
    ):
        print(f"  from {name}, step {1000 * seconds:.0f} ms: waiting, all and median")
        for words, way in ways.items():
            seen = [waiting(way, clips, size, seconds, 4) for _ in range(3)]
            whole, middle = (median(values) for values in zip(*seen, strict=True))
            print(f"    {words:28} {whole:5.1f} % {middle:5.1f} %")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tensorflow", action="store_true", help="measure tf.data too")
    chosen = parser.parse_args()
    os.environ["VIDNAS_NODE_FOLDER"] = "off"
    if chosen.tensorflow:
        from vidnas.training.environment import load_tensorflow

        load_tensorflow(cpus=THREADS)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            measure(size, Path(folder), chosen.tensorflow)


if __name__ == "__main__":
    main()
