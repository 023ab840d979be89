"""Fixtures that several folders share: spaces, random architectures, trials, files."""

import importlib.util
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem
from vidnas.architecture.architecture import ACTIVATIONS, BLOCKS, CONVOLUTIONS
from vidnas.files.loading import load_space
from vidnas.space import ClipSpace, HeadSpace, Space, StageSpace, StemSpace, Width
from vidnas.trials import Fidelity, Trial

ROOT = Path(__file__).parents[1]
KERNELS = ("1x1x1", "1x3x3", "1x5x5", "3x1x1", "3x3x3", "5x1x1", "5x3x3")
EVERY_SPACE_FILE = sorted((ROOT / "search_spaces").glob("*.yaml"))
# Scaled copies of movinet_a2.yaml: other numbers in the same places.
SCALED = {f"movinet_a{size}" for size in (0, 1, 3, 4, 5)}
SPACE_FILES = [path for path in EVERY_SPACE_FILE if path.stem not in SCALED]


@pytest.fixture(scope="session", autouse=True)
def no_node_folder():
    """Tests share no decoded clips, with each other or with the user of the machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VIDNAS_NODE_FOLDER", "off")
        yield


@pytest.fixture(scope="session", autouse=True)
def one_blas_thread():
    """Tests run side by side, and threads of linear algebra that wait burn a core."""
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture(scope="session")
def root():
    """The repository."""
    return ROOT


@pytest.fixture(scope="session", params=SPACE_FILES, ids=lambda path: path.stem)
def space(request):
    """Every space in search_spaces/ but scaled ones; a new file needs no new test."""
    return load_space(request.param)


@pytest.fixture(scope="session", params=EVERY_SPACE_FILE, ids=lambda path: path.stem)
def shipped(request):
    """`(path, space)` of every file in search_spaces/."""
    return request.param, load_space(request.param)


@pytest.fixture(scope="session")
def quickstart():
    return load_space(ROOT / "search_spaces" / "quickstart.yaml")


@pytest.fixture(scope="session")
def small():
    """A network small enough to price by hand: 2 frames of 8 x 8, two layers."""
    return Architecture(
        clip=Clip(frames=2, resolution=8),
        stem=Stem(8),
        stages=(
            Stage(
                8,
                (
                    Layer(16, Kernel(3, 3), stride=2, squeeze_excite=8),
                    Layer(16, Kernel(1, 3)),
                ),
            ),
        ),
        head=Head(16, 8),
    )


@pytest.fixture(scope="session")
def draw():
    """`draw(seed, causal, channels=3)`: a small architecture of any block and form."""
    return _drawn


def _drawn(seed, causal, channels=3):
    rng = np.random.default_rng([seed, causal])

    def one_of(*options):
        return options[rng.integers(len(options))]

    def layer(first):
        return Layer(
            int(rng.integers(1, 40)),
            Kernel.parse(one_of(*KERNELS)),
            one_of(1, 1, 2),
            one_of(0, 8, 16),
            temporal_stride=one_of(1, 2) if first and not causal else 1,
            activation=one_of("", "", *ACTIVATIONS),
            convolution=one_of("", "", *CONVOLUTIONS),
        )

    def stage():
        layers = tuple(layer(n == 0) for n in range(rng.integers(1, 4)))
        return Stage(int(rng.integers(1, 24)), layers)

    block = BLOCKS[seed % len(BLOCKS)]
    factored = int(one_of(0, 0, 5))
    return Architecture(
        clip=Clip(
            int(rng.integers(6, 9) if causal else rng.integers(17, 19)),
            int(rng.integers(8, 25)),
            channels=channels,
        ),
        stem=Stem(
            int(rng.integers(1, 20)),
            Kernel.parse(one_of("1x3x3", "3x3x3") if factored else one_of(*KERNELS)),
            2,
            one_of(1, 1, 5),
            factored,
        ),
        stages=tuple(stage() for _ in range(rng.integers(1, 4))),
        head=Head(
            one_of(0, int(rng.integers(1, 50))),
            one_of(0, int(rng.integers(1, 50))),
            hidden_bias=one_of(False, True),
            per_frame=one_of(False, block == "mobilenet"),
        ),
        block=block,
        activation=one_of(*ACTIVATIONS),
        convolution=one_of(*CONVOLUTIONS),
        causal=causal,
        positional_encoding=causal and block != "mobilenet" and one_of(False, True),
        temporal_shift=one_of(False, True),
    )


@pytest.fixture(scope="session")
def odd_files():
    """The module `tests/clips/odd_files.py`, which writes videos that are broken."""
    path = ROOT / "tests" / "clips" / "odd_files.py"
    spec = importlib.util.spec_from_file_location("odd_files", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["odd_files"] = module  # where its dataclasses look for themselves
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def make_space():
    """A space of one stage; keywords replace its options."""

    def make(
        *,
        frames=(2,),
        resolution=(8,),
        stem=(1.0,),
        width=(1.0,),
        depth=(1,),
        kernel=("1x3x3",),
        expand=(1.0,),
        squeeze_excite=(False,),
        head=(1.0,),
        stages=1,
    ):
        stage = StageSpace(
            Width(16, width),
            depth,
            tuple(map(Kernel.parse, kernel)),
            expand,
            stride=2,
            squeeze_excite=squeeze_excite,
        )
        return Space(
            name="made",
            clip=ClipSpace(frames, resolution),
            stem=StemSpace(Width(16, stem)),
            stages=(stage,) * stages,
            head=HeadSpace(Width(16, head), hidden=8),
        )

    return make


@pytest.fixture(scope="session")
def make_trial(small):
    """A done trial with the given numbers; keywords replace its facts."""

    def make(number=0, *, top1=50.0, flops=1e6, **facts):
        facts = {
            "candidate": (),
            "architecture": small,
            "fidelity": Fidelity(epochs=1),
            "seed": 0,
            "costs": {"flops": flops},
            "state": "done",
            **facts,
        }
        if facts["state"] == "done":
            facts.setdefault("measured", {"top1": top1})
        return Trial(number=number, **facts)

    return make


@pytest.fixture
def write(tmp_path):
    """Writes a text file and returns its path."""

    def write_text(text, name="document.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_text


SLOWEST = 8  # tests that are told


def pytest_terminal_summary(terminalreporter):
    """What the slowest tests teach; how many were skipped and why: in CI, none."""
    seconds = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.nodeid.partition("[")[0]] += report.duration
    for test, spent in seconds.most_common(SLOWEST):  # of every set of parameters
        file, _, name = test.partition("::")
        taught = name.removeprefix("test_").replace("_", " ")
        terminalreporter.write_line(f"{spent:6.1f} s  {taught}  ({file})")
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]) for report in skipped)
    terminalreporter.write_line(f"skipped tests: {len(skipped)}")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"  {count} x {reason}")
