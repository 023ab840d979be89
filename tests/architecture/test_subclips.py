import numpy as np
import pytest

from vidnas.architecture.published.catalogue import published
from vidnas.architecture.subclips import longest_subclips, subclip_lengths


@pytest.mark.parametrize(
    ("frames", "most", "lengths"),
    [(50, 8, (8, 7, 7, 7, 7, 7, 7)), (16, 8, (8, 8)), (5, 8, (5,)), (5, None, (5,))],
)
def test_a_clip_is_cut_into_as_few_parts_as_may_be_near_alike(frames, most, lengths):
    stream = published("movinet-a0", stream=True).at(frames)
    assert subclip_lengths(stream, most) == lengths
    # Without causality there are no buffers.
    assert subclip_lengths(published("movinet-a0").at(frames), most) == (frames,)


def test_the_longest_parts_of_many_clips_are_those_of_each():
    frames = np.arange(1, 60)
    stream = published("movinet-a0", stream=True)
    longest = [subclip_lengths(stream.at(int(n)), 8)[0] for n in frames]
    assert longest_subclips(frames, np.ones(59, bool), 8).tolist() == longest
    assert (longest_subclips(frames, np.zeros(59, bool), 8) == frames).all()
