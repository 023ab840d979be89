"""What agrees is told from what does not, early and late in a stream."""

import numpy as np
import pytest

from vidnas.deploy.exported.agreement import compare, streams_of_classes


def test_agreement_is_counted_by_hand():
    # 8 frames of one stream, two classes; the last frame names the other class.
    reference = np.tile(np.array([[[1.0, -1.0]]]), (8, 1, 1))
    found = reference + 0.5
    found[-1] = [[-1.0, 1.0]]
    agreement = compare(found, reference)
    assert (agreement.answers, agreement.spread) == (8, 1.0)
    assert agreement.difference == 2.0
    assert agreement.agree == 7 / 8
    assert agreement.agree_late == 2 / 3  # of frames 5, 6 and 7
    # 16 squares of 1 over 14 squares of 0.5 and 2 of 2
    assert agreement.decibel == pytest.approx(10 * np.log10(16 / (3.5 + 8)))


def test_floats_must_be_within_a_ten_thousandth_of_the_spread():
    reference = np.random.default_rng(0).normal(size=(10, 2, 4))
    near, far = (
        compare(reference + 5e-5, reference),
        compare(reference + 2e-4, reference),
    )
    assert near.fault("none") == ""
    assert far.fault("none").startswith("logits must differ by at most 0.0001 of their")
    assert far.fault("int8") == ""
    turned = compare(-reference, reference)
    assert "must name the same class" in turned.fault("int8")


def test_numbers_that_are_none_agree_with_nothing():
    reference = np.ones((4, 1, 2))
    reference[..., 1] = -1
    assert compare(np.full_like(reference, np.nan), reference).fault("none") != ""


def test_each_stream_shows_one_class_and_classes_take_turns():
    labels = np.array([0, 0, 1])
    clips = labels[:, None, None, None, None] * np.ones((3, 2, 1, 1, 1), int)
    streams = streams_of_classes(clips, labels, frames=5, count=3, seed=0)
    assert streams.shape == (3, 5, 1, 1, 1)
    assert streams[..., 0, 0, 0].tolist() == [[0] * 5, [1] * 5, [0] * 5]
