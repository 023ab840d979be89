"""The ten broken files are broken as they say; the good ones beside them are good."""

import numpy as np
import pytest

from vidnas.errors import ClipError
from vidnas.video.decode import read_clip

WINDOW = {"frames": 8, "frame_stride": 4, "side": 32}
# The kind of fault that a window in the middle of those that hold a part may have.
SAID = {
    "an mp4, index first, cut at 30 %": ("damaged", "cut", "short"),
    "an mp4 with a hole in its middle": ("damaged",),
    "an mkv cut in half": ("cut", "short"),
}


@pytest.fixture(params=range(10))
def damage(odd_files, request):
    return odd_files.DAMAGES[request.param]


def test_there_are_ten_different_ways(odd_files):
    assert len({damage.name for damage in odd_files.DAMAGES}) == 10
    left = [damage.left for damage in odd_files.DAMAGES]
    assert {kind: left.count(kind) for kind in set(left)} == {
        odd_files.NOTHING: 5,
        odd_files.ONE_PICTURE: 2,
        odd_files.A_PART: 3,
    }


def test_a_broken_file_is_as_broken_as_it_says(tmp_path, odd_files, damage):
    path = tmp_path / f"clip{damage.suffix}"
    damage.write(path, odd_files.MOTIONS[0], 0)
    if damage.left == odd_files.NOTHING:
        with pytest.raises(ClipError) as refused:
            read_clip(path, **WINDOW)
        assert str(path) in str(refused.value)
        assert "\n" not in str(refused.value)
        return
    clip = read_clip(path, **WINDOW)
    is_still = (clip.frames == clip.frames[0]).all()
    assert is_still == (damage.left == odd_files.ONE_PICTURE)
    kind = clip.fault.partition(":")[0]
    assert kind in (("still",) if is_still else SAID[damage.name]), clip.fault


def test_a_good_file_moves_as_its_class_does(tmp_path, odd_files):
    for number, motion in enumerate(odd_files.MOTIONS):
        path = odd_files.write_good(tmp_path / f"{number}.mp4", motion, number)
        clip = read_clip(path, frames=2, side=odd_files.SIZE)
        assert (clip.fault, clip.damaged_packets) == ("", 0)
        first, second = (frame.astype(int) for frame in clip.frames)
        apart = {
            other: np.abs(np.roll(first, other, (0, 1)) - second).mean()
            for other in odd_files.MOTIONS
        }
        assert min(apart, key=apart.get) == motion


def test_a_tenth_of_a_folder_is_broken_in_every_way_and_in_every_class(
    tmp_path, odd_files
):
    root = tmp_path / "videos"
    broken = odd_files.write_folder(root, per_class=20, every=4)
    files = [path for path in root.rglob("*") if not path.is_dir()]
    assert len(files) == 40
    assert [*broken.values()] == [*odd_files.DAMAGES]
    assert {path.parent.name for path in broken} == {"left", "right"}
    assert set(broken) <= set(files)
