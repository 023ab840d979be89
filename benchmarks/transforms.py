"""What does each transform of a training clip cost? Milliseconds a clip and core.

Run:     python benchmarks/transforms.py VIDEO [--repeats 21]
Cost:    a minute.
Expect:  a policy costs about as much as the resize of a random crop.

Ratios are to decoding the clip from that video, on the same core in the same run.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vidnas.clips.transforms import ClipTransform, Transforms
from vidnas.clips.transforms.mixing import blended, cut_in
from vidnas.clips.transforms.policies import OPERATIONS
from vidnas.video.decode import read_clip

FRAMES = 16
SIDES = (128, 224)
MARGIN = 1.125
TRANSFORMS = {
    "crop and flip": Transforms(),
    "crop_area 0.08 1": Transforms(crop_area=(0.08, 1.0)),
    "short_side 1.14 1.43": Transforms(short_side=(1.143, 1.429)),
    "colour_jitter 0.4 0.4 0 0": Transforms(colour_jitter=(0.4, 0.4, 0.0, 0.0)),
    "colour_jitter 0.4 0.4 0.4 0.1": Transforms(colour_jitter=(0.4, 0.4, 0.4, 0.1)),
    "rand_augment 2 9": Transforms(rand_augment=(2, 9)),
    "auto_augment": Transforms(auto_augment=True),
    "erasing 0.25": Transforms(erasing=0.25),
    "movinet-kinetics": Transforms(
        crop_area=(0.08, 1.0), crop_aspect=(0.5, 2.0), auto_augment=True
    ),
}


def median_ms(call: Callable[[int], object], repeats: int) -> float:
    """Median time of the processor in a call, which gets its number [ms]."""
    times = []
    for n in range(repeats):
        began = time.process_time()
        call(n)
        times.append(1e3 * (time.process_time() - began))
    return statistics.median(times)


def rows(video: Path, side: int, repeats: int) -> list[tuple[str, float]]:
    """Name and milliseconds of a clip, decoding first."""

    def decode(_: int = 0) -> NDArray[np.uint8]:
        large = round(side * MARGIN)
        return read_clip(video, frames=FRAMES, frame_stride=2, side=large).frames

    clip = decode()
    place = (clip.shape[1] - side) // 2
    crop = clip[:, place : place + side, place : place + side]
    into = np.empty(crop.shape, np.uint8)
    batch = np.stack([np.ascontiguousarray(crop)] * 8)
    targets = np.eye(8, dtype=np.float32)

    def change(transforms: Transforms) -> Callable[[int], object]:
        def call(n: int) -> None:
            of_clip = ClipTransform(transforms, (0, 0, n))
            into[...] = of_clip.apply(clip, crop, mirrored=n % 2 == 0)

        return call

    def operate(name: str) -> Callable[[int], object]:
        return lambda n: OPERATIONS[name](batch[0], 0.9, np.random.default_rng(n))

    found = [("decoding", median_ms(decode, repeats))]
    found += [(n, median_ms(change(t), repeats)) for n, t in TRANSFORMS.items()]
    mixing = {
        "mixup": lambda n: blended(batch, targets, 0.3),
        "cutmix": lambda n: cut_in(batch, targets, 0.5, np.random.default_rng(n)),
    }
    found += [(n, median_ms(call, repeats) / 8) for n, call in mixing.items()]
    found += [(f"- {n}", median_ms(operate(n), repeats)) for n in OPERATIONS]
    return found


def main() -> None:
    """Prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", type=Path)
    parser.add_argument("--repeats", type=int, default=21)
    options = parser.parse_args()
    columns = [rows(options.video, side, options.repeats) for side in SIDES]
    sizes = " | ".join(f"{FRAMES}x{side} [ms] | of decoding" for side in SIDES)
    print(f"| transform | {sizes} |")
    print("|---|" + "---:|" * (2 * len(SIDES)))
    for cells in zip(*columns, strict=True):
        numbers = " | ".join(
            f"{cost:.2f} | {cost / column[0][1]:.3f}"
            for (_, cost), column in zip(cells, columns, strict=True)
        )
        print(f"| {cells[0][0]} | {numbers} |")


if __name__ == "__main__":
    main()
