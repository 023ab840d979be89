"""How far off are predicted memories? Networks run, and their allocator is asked.

Run:     .venv/bin/python benchmarks/memory.py --measured FILE
Cost:    7 minutes on 2 cores, most of it tracing; goes on with FILE where it was cut.
Expect:  nearly all inference within 10 % and training within 15 %, as docs/costs.md has
         it; without its large region, three in five and nine in ten.

Inference is the network of `vidnas.nets.build` in a `tf.function`, one clip or one
frame of a stream; training is two steps of the `Session` that trials train with.
Measured is the peak of TensorFlow's allocator (BFC keeps statistics on a CPU, too)
beyond what was alive before the network was built. Processes take a few rows each, as
warm workers do.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np

import vidnas
from vidnas.architecture.architecture import Architecture
from vidnas.costs.network_cost import cost

SPACES = Path(__file__).parents[1] / "search_spaces"
CLASSES = 10
ROWS_EACH = 8  # of a process
RUNS = 3
MIB = 2**20
POOL = 8 * 2**30  # [bytes]; what is never written takes no memory of the machine
WITHIN = {"infer": 10.0, "train": 15.0}  # [%]
BFLOAT16, FLOAT16 = "mixed_bfloat16", "mixed_float16"


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement.

    Args:
        task: `infer` or `train`.
        network: A published name (`movinet-a0-stream` for its stream), or a space and
            the number of a random candidate, as `quickstart:3`.
        frames: Of a clip; 0 for the network's own.
        resolution: Of a frame [pixels]; 0 for the network's own.
        batch: Clips.
        precision: Of training.
        rematerialise: Whether inner activations are computed again.
    """

    task: str
    network: str
    frames: int = 0
    resolution: int = 0
    batch: int = 1
    precision: str = "float32"
    rematerialise: bool = False

    @property
    def architecture(self) -> Architecture:
        """The network, at the clip of this row."""
        name, _, number = self.network.partition(":")
        if number:
            space = vidnas.load_space(SPACES / f"{name}.yaml")
            rng = np.random.default_rng([7, int(number)])
            architecture = space.decode(space.sample(rng))
        elif name.endswith("-stream"):
            architecture = vidnas.published(name.removesuffix("-stream"), stream=True)
        else:
            architecture = vidnas.published(name)
        return architecture.at(self.frames or None, self.resolution or None)

    @property
    def predicted(self) -> int:
        """What the closed form says [bytes]."""
        priced = cost(
            self.architecture,
            classes=CLASSES,
            batch=self.batch,
            precision=self.precision,
            rematerialise=self.rematerialise,
        )
        return priced.inference_bytes if self.task == "infer" else priced.training_bytes


def rows() -> Iterator[Row]:
    """All measurements."""
    for network, frames, resolution in (
        *((f"quickstart:{n}", 0, 0) for n in range(4)),
        *((f"frame_blind:{n}", 0, 0) for n in range(2)),
        *((f"movinet_mobile:{n}", 8, 0) for n in range(6)),
        *((f"movinet_a2:{n}", 8, 0) for n in range(2)),
        *((f"x3d:{n}", 8, 0) for n in range(4)),
        *((f"frame_based:{n}", 8, 0) for n in range(4)),
        ("movinet-a0", 8, 64),
        ("movinet-a0", 8, 0),
        ("movinet-a0", 25, 0),
        ("movinet-a0-stream", 0, 0),
        ("movinet-a2-stream", 0, 0),
        ("movinet-a4-stream", 0, 0),
        ("x3d-xs", 0, 0),
        ("x3d-m", 0, 0),
        ("mobilenetv3-small", 8, 224),
        ("mobilenetv3-large", 4, 112),
        ("r3d-18", 4, 0),
        ("r2plus1d-18", 4, 0),
    ):
        yield Row("infer", network, frames, resolution)
    for network, frames, resolution, batch in (
        *((f"quickstart:{n}", 0, 0, batch) for n in range(6) for batch in (1, 16)),
        *((f"frame_blind:{n}", 0, 0, 16) for n in range(2)),
        *((f"movinet_mobile:{n}", 8, 64, 4) for n in range(6)),
        *((f"x3d:{n}", 4, 96, 4) for n in range(4)),
        *((f"frame_based:{n}", 4, 96, 4) for n in range(4)),
        ("movinet-a0", 8, 64, 1),
        ("movinet-a0", 8, 64, 4),
        ("movinet-a0", 8, 112, 4),
        ("movinet-a0-stream", 8, 64, 4),
        ("movinet-a2", 8, 64, 4),
        ("movinet-a2", 8, 112, 1),
        ("x3d-xs", 4, 96, 4),
        ("x3d-m", 4, 112, 1),
        ("mobilenetv3-small", 4, 64, 4),
        ("mobilenetv3-large", 4, 112, 4),
        ("r3d-18", 4, 56, 1),
        ("r3d-18", 4, 112, 4),
        ("r2plus1d-18", 4, 56, 1),
        ("r2plus1d-18", 4, 112, 4),
    ):
        yield Row("train", network, frames, resolution, batch)
    for precision in (BFLOAT16, FLOAT16):
        for network, frames, resolution, batch in (
            ("quickstart:0", 0, 0, 16),
            ("quickstart:1", 0, 0, 4),
            ("movinet-a0", 8, 64, 4),
            ("movinet_mobile:1", 8, 64, 4),
            ("x3d-xs", 4, 64, 4),
            ("frame_based:0", 4, 64, 4),
            ("r3d-18", 4, 56, 1),
        ):
            yield Row("train", network, frames, resolution, batch, precision)
    for network, frames, resolution, batch in (
        ("quickstart:0", 0, 0, 16),
        ("quickstart:3", 0, 0, 16),
        ("movinet-a0", 8, 112, 4),
        ("movinet-a2", 8, 64, 4),
        ("x3d-xs", 4, 96, 4),
        ("r3d-18", 4, 112, 4),
    ):
        yield Row("train", network, frames, resolution, batch, rematerialise=True)


def measured(row: Row) -> float:
    """The allocator's peak [bytes]; in a process that `prepare` has prepared."""
    from vidnas.training.failures import training_scope

    with training_scope(precision=row.precision, batch=row.batch):
        return (_inferred if row.task == "infer" else _trained)(row)


def _inferred(row: Row) -> float:
    import tensorflow as tf

    from vidnas.nets import build

    told = tf.config.experimental.get_memory_info
    before, architecture = told("CPU:0")["current"], row.architecture
    clip, stream = architecture.clip, architecture.causal
    model = build(architecture, CLASSES, stream=stream)
    for weight in model.weights:
        # Or some are numpy's memory still, which this allocator does not see.
        weight.assign(tf.add(weight.value, 0))
    run = tf.function(lambda *inputs: model(*inputs), autograph=False)
    frames = 1 if stream else clip.frames
    clips = tf.zeros([row.batch, frames, clip.resolution, clip.resolution, 3])
    inputs = (clips, model.initial_states(row.batch)) if stream else (clips,)
    outputs = None
    for turn in range(RUNS):
        if turn == RUNS - 1:
            # Building a network takes more for a moment than small ones do to run.
            tf.config.experimental.reset_memory_stats("CPU:0")
        outputs = run(*inputs)
        if stream:
            inputs = (clips, outputs[1])
    del outputs
    return float(told("CPU:0")["peak"] - before)


def _trained(row: Row) -> float:
    from vidnas.nets import build
    from vidnas.training.allocator import AllocatorPeak
    from vidnas.training.session import Session
    from vidnas.trials.recipe import Recipe

    watch, architecture = AllocatorPeak(), row.architecture
    recipe = Recipe(batch=row.batch, precision=row.precision)
    model = build(architecture, CLASSES, rematerialise=row.rematerialise)
    clip = architecture.clip
    shape = (row.batch, clip.frames, clip.resolution, clip.resolution, 3)
    session = Session(model, recipe, CLASSES, shape, norm_momentum=0.9)
    rng = np.random.default_rng(0)
    clips = rng.integers(0, 256, shape, dtype=np.uint8)
    labels = np.arange(row.batch, dtype=np.int32) % CLASSES
    for _ in range(2):
        loss, _ = session.train(clips, labels, 0.01)
        np.asarray(loss)
    return watch.measured["peak_bytes"]


def _reserve() -> None:
    """Gives the allocator one region to cut all pieces from, as a GPU's has.

    A piece that is free already is given whole to whoever asks for more than half of
    it, and counts whole; in small regions that is every other large tensor.
    """
    import tensorflow as tf

    tf.raw_ops.Empty(shape=[POOL // 16], dtype=tf.complex128, init=False)


def work(numbers: Sequence[int], pool: bool) -> None:
    """Measures these rows; a line of JSON for each."""
    from vidnas.training.environment import load_tensorflow

    load_tensorflow(cpus=1)
    if pool:
        _reserve()
    every = list(rows())
    for number in numbers:
        row = every[number]
        print(json.dumps([asdict(row), measured(row)]), flush=True)


def remembered(path: Path) -> dict[Row, float]:
    """What earlier runs measured."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {Row(**row): peak for row, peak in map(json.loads, lines)}


def measure(path: Path, options: Sequence[str]) -> None:
    """Measures what is missing in the file."""
    known = remembered(path)
    missing = [n for n, row in enumerate(rows()) if row not in known]
    for start in range(0, len(missing), ROWS_EACH):
        some = missing[start : start + ROWS_EACH]
        command = [sys.executable, __file__, *options, "--work", *map(str, some)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in done.stdout.splitlines())


def report(known: dict[Row, float]) -> None:
    """Prints a line per row, and what they come to."""
    print("                                                   predicted  measured")
    print(
        "task   network            clip      batch  precision    [MiB]     [MiB]  ratio"
    )
    ratios: dict[str, list[float]] = {"infer": [], "train": [], "again": []}
    for row in rows():
        peak, clip = known[row], row.architecture.clip
        ratio = peak / row.predicted
        task = "again" if row.rematerialise else row.task
        ratios[task].append(ratio)
        off = 100 * abs(ratio - 1) > WITHIN[row.task]
        print(
            f"{task:6} {row.network:18} {clip.frames:>3}x{clip.resolution:<4} "
            f"{row.batch:6}  {row.precision.removeprefix('mixed_'):9} "
            f"{row.predicted / MIB:8.2f}  {peak / MIB:8.2f}  {ratio:5.2f}"
            f"{'  *' if off else ''}"
        )
    for task, of_task in ratios.items():
        if not of_task:
            continue
        off = np.abs(np.array(of_task) - 1)
        limit = WITHIN.get(task, WITHIN["train"])
        print(
            f"{task}: {(off <= limit / 100).sum()} of {len(of_task)} within "
            f"{limit:.0f} %; median {median(of_task):.3f}, worst "
            f"{of_task[int(np.argmax(off))]:.2f}"
        )


def main() -> None:
    """Measures, then prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--measured", type=Path, help="a file to resume from")
    parser.add_argument(
        "--small-regions",
        action="store_true",
        help="leave the allocator as it is in a worker",
    )
    parser.add_argument("--work", type=int, nargs="+", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.work:
        work(chosen.work, not chosen.small_regions)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.measured or Path(folder) / "measured.jsonl"
        measure(path, ["--small-regions"] if chosen.small_regions else [])
        report(remembered(path))


if __name__ == "__main__":
    main()
