import pytest

from vidnas.datasets.motion.generate import write_motion
from vidnas.datasets.source import ClipSource
from vidnas.datasets.survey import Survey, survey_clips
from vidnas.errors import ClipError
from vidnas.video.header import read_header


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("survey") / "clips"
    settings = {"train_per_class": 2, "val_per_class": 1, "size": 32}
    return write_motion(folder, seed=0, frames=12, fps=6, **settings)


def test_headers_say_length_size_and_rate(root):
    found = survey_clips(ClipSource.of(root))
    assert found == Survey(found.classes, 16, frames=12, side=32, rate=6.0)
    assert len(found.classes) == 8


def test_a_few_broken_files_do_not_matter(root, tmp_path):
    for split in ("train", "val"):
        for name in ("left", "right"):
            (tmp_path / split / name).mkdir(parents=True)
            whole = next((root / split / name).glob("*.mp4"))
            (tmp_path / split / name / "whole.mp4").write_bytes(whole.read_bytes())
    (tmp_path / "train" / "left" / "a.mp4").write_bytes(b"no video")
    assert survey_clips(ClipSource.of(tmp_path)).frames == 12
    assert survey_clips(ClipSource.of(tmp_path), looked_at=2).train == 3


def test_clips_of_which_none_can_be_read_are_refused_in_one_line(tmp_path):
    for name in ("left", "right"):
        (tmp_path / name).mkdir()
        for number in range(3):
            (tmp_path / name / f"{number}.mp4").write_bytes(b"no video")
    with pytest.raises(ClipError, match="must hold readable videos") as refused:
        survey_clips(ClipSource.of(tmp_path))
    assert "\n" not in str(refused.value)
    with pytest.raises(ClipError, match=r"readable video, got .*0\.mp4"):
        read_header(tmp_path / "left" / "0.mp4")
