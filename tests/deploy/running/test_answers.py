"""Probabilities, names, smoothing, clips out of frames: by hand, with no network."""

import numpy as np
import pytest

from vidnas.architecture import Clip
from vidnas.deploy.running.classes import (
    most_probable,
    probabilities_of,
    read_labels,
    require_labels,
)
from vidnas.deploy.running.overlay import Overlay
from vidnas.deploy.running.seen import Sight, in_unit_range
from vidnas.deploy.running.smoothing import Smoothing
from vidnas.deploy.running.steps import CarriedSteps, ClipSteps, SteppedClips
from vidnas.errors import InputError


def test_probabilities_are_a_softmax_or_a_sigmoid_each():
    logits = np.log(np.array([[1.0, 3.0]], np.float32))
    assert probabilities_of(logits, False) == pytest.approx(np.array([[0.25, 0.75]]))
    assert probabilities_of(logits, True) == pytest.approx(np.array([[0.5, 0.75]]))
    huge = np.array([1e4, -1e4], np.float32)  # an exponential of it has no number
    assert probabilities_of(huge, False).tolist() == [1.0, 0.0]
    assert probabilities_of(huge, True).tolist() == [1.0, 0.0]


def test_the_first_of_equal_classes_is_named_first():
    top = most_probable(np.array([0.2, 0.4, 0.4]), ("a", "b", "c"), 2)
    assert [(one.name, one.label) for one in top] == [("b", 1), ("c", 2)]
    assert most_probable(np.array([0.1, 0.9]), (), 5)[0].name == "class 1"


def test_labels_are_lines_and_as_many_as_outputs(tmp_path):
    file = tmp_path / "labels.txt"
    file.write_text("\ufeffjump\nrun \n\n", encoding="utf-8")
    assert read_labels(file) == ("jump", "run")
    with pytest.raises(InputError, match=r"must name 3 classes, .* got 2"):
        require_labels(("jump", "run"), 3, "labels.txt")
    for text, words in (("a\nb\na\n", "line 3 .* `a` again"), ("a\n\nb", "line 2")):
        file.write_text(text)
        with pytest.raises(InputError, match=words):
            read_labels(file)
    with pytest.raises(InputError, match="cannot be read"):
        read_labels(tmp_path / "gone.txt")


def test_smoothing_is_a_mean_whose_past_fades():
    smoothing = Smoothing(2.0)
    first, second = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert smoothing.smooth(first, 5.0).tolist() == [1.0, 0.0]
    fading = np.exp(-0.5)  # a second of two
    expected = np.array([fading, 1.0]) / (1.0 + fading)
    assert smoothing.smooth(second, 6.0) == pytest.approx(expected)
    smoothing.restart()
    assert smoothing.smooth(second, 6.1).tolist() == [0.0, 1.0]
    assert Smoothing(0.0).smooth(first, 1.0) is first


class Counting:
    """Stands for a runner: logits are sums of brightness, so that they tell frames."""

    runtime, streams = "counting", 2

    def __init__(self):
        self.sums, self.batches = np.zeros(2, np.float32), []

    def clip_logits(self, clips):
        self.batches.append(clips.shape)
        return clips[..., 0, 0, :1].sum(axis=1)

    def frame_logits(self, frames):
        self.sums[: len(frames)] += frames[:, 0, 0, 0]
        return self.sums[: len(frames), None].copy()

    def restart(self):
        self.sums = np.zeros(2, np.float32)


def frame(level):
    return np.full((2, 2, 3), level, np.uint8)


def answers(steps, levels):
    found = [steps.step(frame(level)) for level in levels]
    return [None if one is None else round(float(one[0]) * 255) for one in found]


def test_clips_of_the_last_frames_overlap_by_all_but_a_hop():
    steps = ClipSteps(Counting(), frames=4)
    # 1+2+4+8, two frames on 4+8+16+32
    assert answers(steps, [1, 2, 4, 8, 16, 32]) == [None, None, None, 15, None, 60]
    assert steps.last() is None
    steps.restart()
    assert answers(steps, [1, 2]) == [None, None]
    # A video shorter than a clip holds its last frame: 1+2+2+2
    assert round(float(steps.last()[0]) * 255) == 7
    far = ClipSteps(Counting(), frames=2, hop=3)
    assert answers(far, [1, 2, 4, 8, 16, 32]) == [None, 3, None, None, 24, None]


def test_a_stream_answers_every_frame_and_forgets_when_told_to():
    steps = CarriedSteps(Counting())
    assert answers(steps, [1, 2, 4]) == [1, 3, 7]
    assert steps.last() is None
    steps.restart()
    assert answers(steps, [8]) == [8]


def test_clips_through_streams_are_those_of_each_clip_alone():
    rng = np.random.default_rng(0)
    clips = rng.random((5, 3, 2, 2, 3)).astype(np.float32)
    found = SteppedClips(Counting()).clip_logits(clips)
    assert found == pytest.approx(clips[..., 0, 0, :1].sum(axis=1))


def test_a_frame_is_covered_cut_and_brought_to_its_channels():
    wide = np.zeros((40, 80, 3), np.uint8)
    wide[:, 20:60] = 200  # the square in its middle
    sight = Sight(Clip(4, 32), margin=0.25)  # 40 pixels covered, 32 seen
    assert sight.covered == 40
    assert sight.of_image(wide).shape == (32, 32, 3)
    assert (sight.of_image(wide) == 200).all()
    grey = Sight(Clip(4, 32, channels=1))
    assert grey.of_image(np.full((64, 64, 3), 100, np.uint8)).tolist()[0][0] == [100]
    assert in_unit_range(np.array([0, 255], np.uint8)).tolist() == [0.0, 1.0]
    for wrong in (np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)):
        with pytest.raises(InputError, match=r"must be RGB bytes `\[H, W, 3\]`, got"):
            sight.of_image(wrong)


def test_an_overlay_changes_the_lower_left_corner_alone():
    pytest.importorskip("PIL")
    image = np.full((120, 200, 3), 255, np.uint8)
    top = most_probable(np.array([0.7, 0.2, 0.1]), ("jump", "\u8d70\u308b", "x"), 3)
    drawn = Overlay().draw(image, top)
    changed = (drawn != image).any(axis=-1)
    assert changed[70:, :100].any()
    assert not changed[:60].any()
    assert Overlay().draw(image, ()) is image
