"""Fixtures that several folders share: the repository's spaces, trials, files."""

from pathlib import Path

import pytest

from vidnas.core.architecture import Architecture
from vidnas.core.choices import Width
from vidnas.core.kernel import Kernel
from vidnas.core.parts import Clip, Head, Layer, Stage, Stem
from vidnas.core.places import ClipSpace, HeadSpace, StageSpace, StemSpace
from vidnas.core.space import Space
from vidnas.core.trial import Fidelity, Trial
from vidnas.runs.documents import load_space

ROOT = Path(__file__).parents[1]
SPACE_FILES = sorted((ROOT / "search_spaces").glob("*.yaml"))


@pytest.fixture(scope="session")
def root():
    """The repository."""
    return ROOT


@pytest.fixture(scope="session", params=SPACE_FILES, ids=lambda path: path.stem)
def space(request):
    """Every space in search_spaces/; a new file needs no new test."""
    return load_space(request.param)


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
