"""What does a frame of an exported stream take, by the numbers it computes in?

Run:     .venv/bin/python benchmarks/exported.py
Cost:    8 minutes on one core, most of it to write the files.
Expect:  `int8` below `none`, most of all in the mobile form.

MoViNet-A0's stream with fresh weights and 600 classes, as published and in the mobile
form (ReLU6, no squeeze-excite), is written by `vidnas export` for each `--quantize`;
ranges of integers are seen on generated motion clips. Then all files are asked in
turns, a frame each, on one thread. Times are of the process; medians with half of what
lies between the quartiles, and the ratio to floats of the same network.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

import vidnas
from vidnas.architecture import Architecture
from vidnas.architecture.reader import ARCHITECTURE_SCHEMA
from vidnas.datasets.motion.generate import write_motion
from vidnas.deploy.exported.opening import open_exported_stream
from vidnas.files.yaml_file import dump_document

NUMBERS = ("none", "float16", "dynamic", "int8")
WARM = 10  # frames before the clock counts


def main() -> None:
    """Prints a line for each network and each kind of numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="movinet-a0")
    parser.add_argument("--frames", type=int, default=150)
    chosen = parser.parse_args()
    published = vidnas.published(chosen.network, stream=True)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        clips = write_motion(
            folder / "clips", seed=0, train_per_class=8, val_per_class=1, size=64
        )
        files = {
            (form, numbers): written(network, numbers, folder / form, clips)
            for form, network in forms(published).items()
            for numbers in NUMBERS
        }
        times = timed(list(files.values()), published.clip.resolution, chosen.frames)
        print(f"{'stream of one frame':36} {'MB':>6} {'ms a frame':>16} {'ratio':>6}")
        for (form, numbers), file in files.items():
            low, middle, high = np.quantile(times[file], (0.25, 0.5, 0.75))
            ratio = middle / np.median(times[files[form, "none"]])
            told = f"{middle:8.2f} +- {(high - low) / 2:4.2f}"
            size = file.stat().st_size / 1e6
            print(f"{form + ', ' + numbers:36} {size:6.2f} {told:>16} {ratio:6.2f}")


def forms(published: Architecture) -> dict[str, Architecture]:
    """The network as published, and in the mobile form."""
    stages = tuple(
        replace(
            stage,
            layers=tuple(replace(layer, squeeze_excite=0) for layer in stage.layers),
        )
        for stage in published.stages
    )
    mobile = replace(published, stages=stages, activation="relu6")
    return {"published": published, "mobile": mobile}


def written(network: Architecture, numbers: str, folder: Path, clips: Path) -> Path:
    """The LiteRT file of a network with fresh weights."""
    folder.mkdir(exist_ok=True)
    source, file = folder / "network.yaml", folder / f"{numbers}.tflite"
    document = {"schema": ARCHITECTURE_SCHEMA, **network.to_document()}
    source.write_text(dump_document(document))
    seen = ("--clips", str(clips)) if numbers == "int8" else ()
    command = (sys.executable, "-m", "vidnas", "export", str(source), "--untrained")
    options = ("--to", str(file), "--quantize", numbers, *seen)
    subprocess.run([*command, *options], check=True, capture_output=True)
    return file


def timed(files: list[Path], side: int, frames: int) -> dict[Path, list[float]]:
    """Milliseconds of the process for each frame of each file, asked in turns."""
    streams = {file: open_exported_stream(file) for file in files}
    rng, times = np.random.default_rng(0), {file: [] for file in files}
    for number in range(WARM + frames):
        frame = rng.random((1, side, side, 3), np.float32)
        for file, stream in streams.items():
            began = time.process_time()
            stream.frame_logits(frame)
            if number >= WARM:
                times[file].append(1e3 * (time.process_time() - began))
    return times


if __name__ == "__main__":
    main()
