"""Small videos, of which caches are made."""

import shutil
from pathlib import Path

import pytest

from vidnas.clips import recently_decoded
from vidnas.datasets.motion.generate import write_motion
from vidnas.datasets.source import ClipSource


@pytest.fixture(scope="session")
def videos(tmp_path_factory):
    """16 training and 8 validation videos of 8 frames of 32 x 32; not to be changed."""
    return write_motion(
        tmp_path_factory.mktemp("videos") / "motion",
        seed=0,
        train_per_class=2,
        val_per_class=1,
        size=32,
        frames=8,
    )


@pytest.fixture
def motion(videos, tmp_path):
    """The same, to be changed."""
    return Path(shutil.copytree(videos, tmp_path / "motion"))


@pytest.fixture
def source(motion):
    return ClipSource.of(motion)


@pytest.fixture(autouse=True)
def empty_memory():
    recently_decoded.forget()
    yield
    recently_decoded.forget()
