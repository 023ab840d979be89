import numpy as np
import pytest

from vidnas.training.score import average_views, score_of


def test_the_views_of_a_video_are_averaged():
    views = np.array([[0.9, 0.1], [0.5, 0.5], [0.2, 0.8], [0.0, 1.0]], np.float32)
    # The means of 0.9 and 0.5, and of 0.2 and 0.
    assert average_views(views, 2) == pytest.approx(np.array([[0.7, 0.3], [0.1, 0.9]]))
    assert np.array_equal(average_views(views, 1), views)


def test_a_score_by_hand():
    probabilities = np.array(
        [[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.125, 0.125, 0.75]], np.float32
    )
    targets = np.eye(3, dtype=np.float32)[[0, 0, 2]]
    score = score_of(probabilities, targets)
    assert score.top1 == pytest.approx(200 / 3)
    assert score.top5 == 100.0  # of three classes
    # -(ln 1/2 + ln 1/4 + ln 3/4) / 3
    assert score.loss == pytest.approx((0.6931 + 1.3863 + 0.2877) / 3, abs=1e-4)
    assert score.clips == 3


def test_no_probability_for_the_right_class_is_a_large_loss_and_not_infinite():
    score = score_of(np.array([[0, 1]], np.float32), np.array([[1, 0]], np.float32))
    assert score.top1 == 0.0
    assert score.loss == pytest.approx(27.6, abs=0.1)  # -ln 1e-12


def test_top5_counts_the_right_class_among_five():
    probabilities = np.linspace(0.1, 0.6, 6, dtype=np.float32)[None]
    for label, within in ((0, 0.0), (1, 100.0), (5, 100.0)):
        targets = np.eye(6, dtype=np.float32)[[label]]
        assert score_of(probabilities, targets).top5 == within


def test_every_accuracy_of_clips_of_one_class_comes_with_its_interval():
    probabilities = np.array(
        [[0.6, 0.4], [0.7, 0.3], [0.2, 0.8], [0.9, 0.1]], np.float32
    )
    targets = np.eye(2, dtype=np.float32)[[0, 0, 0, 1]]
    found = score_of(probabilities, targets).accuracies
    assert found["top1"] == 50.0
    # Recall 2/3 of the three clips, 0 of the one.
    assert found["balanced_accuracy"] == pytest.approx(100 / 3)
    # Twice the 2 right ones over 3 clips and 3 named so; 0 of the other class.
    assert found["macro_f1"] == pytest.approx(100 / 3)
    # Class 0 by score: - 0.9, + 0.7, + 0.6, + 0.2; class 1: - 0.8, - , - , + last.
    assert found["map"] == pytest.approx(
        100 * ((1 / 2 + 2 / 3 + 3 / 4) / 3 + 1 / 4) / 2
    )
    for name in ("balanced_accuracy", "macro_f1", "map"):
        assert 0.0 <= found[f"{name}_low"] <= found[f"{name}_high"] <= 100.0
    assert found == score_of(probabilities, targets).accuracies


def test_clips_of_several_classes_have_a_mean_of_cross_entropies_and_an_map():
    probabilities = np.array([[0.5, 0.25], [0.75, 0.5]], np.float32)
    targets = np.array([[1, 1], [0, 0]], np.float32)
    score = score_of(probabilities, targets, multi_label=True)
    # -(ln 1/2 + ln 1/4) / 2 and -(ln 1/4 + ln 1/2) / 2
    assert score.loss == pytest.approx((0.6931 + 1.3863) / 2, abs=1e-4)
    assert set(score.accuracies) == {"map", "map_low", "map_high"}
    assert score.accuracies["map"] == 50.0  # the negative comes first in both


def test_each_class_has_its_clips_recall_and_average_precision():
    probabilities = np.array([[0.6, 0.3, 0.1], [0.5, 0.4, 0.1]], np.float32)
    targets = np.eye(3, dtype=np.float32)[[0, 1]]
    assert score_of(probabilities, targets).per_class() == {
        "clips": [1.0, 1.0, 0.0],
        "average_precision": [100.0, 100.0, None],
        "recall": [100.0, 0.0, None],
    }
    several = score_of(probabilities, targets, multi_label=True).per_class()
    assert set(several) == {"clips", "average_precision"}
