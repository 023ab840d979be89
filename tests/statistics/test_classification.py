"""Accuracies of probabilities: by hand, by law, and as scikit-learn has them."""

import numpy as np
import pytest

from vidnas.statistics.classification import (
    average_precisions,
    confusion,
    f1_scores,
    mean_known,
    named_within,
    recalls,
    weighted_precisions,
)


def one_hot(labels, classes):
    return np.eye(classes, dtype=np.float32)[labels]


def drawn(seed, clips=60, classes=5, decimals=None):
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=clips)
    scores = rng.random((clips, classes)) + 0.4 * one_hot(labels, classes)
    return scores if decimals is None else scores.round(decimals), labels


# Five clips of classes 0 0 0 1 2; named 0 1 0 1 0.
LABELS = np.array([0, 0, 0, 1, 2])
PROBABILITIES = np.array(
    [
        [0.6, 0.3, 0.1],
        [0.2, 0.5, 0.3],
        [0.8, 0.1, 0.1],
        [0.1, 0.7, 0.2],
        [0.5, 0.1, 0.4],
    ]
)
TARGETS = one_hot(LABELS, 3)


def test_top_k_counts_clips_whose_class_is_among_the_first():
    assert named_within(PROBABILITIES, TARGETS, 1).tolist() == [1, 0, 1, 1, 0]
    # Clip 1: 0.5 and 0.3 come before its 0.2. Clip 4: only 0.5 comes before its 0.4.
    assert named_within(PROBABILITIES, TARGETS, 2).tolist() == [1, 0, 1, 1, 1]
    assert named_within(PROBABILITIES, TARGETS, 5).all()


def test_recall_and_f1_of_each_class_are_those_of_the_table():
    table = confusion(PROBABILITIES, TARGETS)
    assert table.tolist() == [[2, 1, 0], [0, 1, 0], [1, 0, 0]]
    right, clips, named = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    assert recalls(right, clips).tolist() == [2 / 3, 1.0, 0.0]
    # 2 TP / (clips + named): 4 / (3 + 3), 2 / (1 + 2), 0 / (1 + 0)
    assert f1_scores(right, clips, named).tolist() == [4 / 6, 2 / 3, 0.0]


def test_average_precision_is_the_mean_precision_at_the_positives():
    # Class 0 by score: + 0.8, + 0.6, - 0.5, + 0.2, - 0.1: (1/1 + 2/2 + 3/4) / 3
    # Class 1: + 0.7, - 0.5, ...: 1. Class 2: + 0.4 first: 1.
    found = average_precisions(PROBABILITIES, TARGETS)
    assert found == pytest.approx([(1 + 1 + 0.75) / 3, 1.0, 1.0])


def test_clips_of_equal_score_are_counted_together():
    scores = np.array([[0.5], [0.5], [0.5], [0.5]])
    for positive in range(4):
        targets = np.zeros((4, 1))
        targets[positive] = 1.0
        # All four are above the threshold that finds the one: precision 1/4.
        assert average_precisions(scores, targets)[0] == 0.25


def test_a_class_without_a_clip_is_left_out_of_every_mean():
    targets = np.pad(TARGETS, [(0, 0), (0, 1)])
    scores = np.pad(PROBABILITIES, [(0, 0), (0, 1)])
    assert np.isnan(average_precisions(scores, targets)[3])
    table = confusion(scores, targets)
    assert np.isnan(recalls(np.diag(table), table.sum(axis=1))[3])
    assert mean_known(np.array([0.5, np.nan, 1.0])) == 0.75
    assert np.isnan(mean_known(np.array([np.nan])))


def test_clips_of_several_classes_and_of_none_have_an_average_precision():
    targets = np.array([[1, 1], [0, 1], [0, 0], [1, 0]])
    scores = np.array([[0.9, 0.2], [0.1, 0.8], [0.3, 0.5], [0.2, 0.1]])
    # Class 0: + - + -: (1 + 2/3) / 2. Class 1: + - + -: the same.
    assert average_precisions(scores, targets) == pytest.approx([5 / 6, 5 / 6])


@pytest.mark.parametrize("seed", range(5))
def test_average_precision_knows_the_order_alone(seed):
    scores, labels = drawn(seed, decimals=1)
    targets = one_hot(labels, 5)
    before = average_precisions(scores, targets)
    for stretched in (np.exp(scores), 3.0 * scores - 7.0, scores**3):
        assert average_precisions(stretched, targets) == pytest.approx(before)
    order = np.random.default_rng(seed).permutation(len(scores))
    shuffled = average_precisions(scores[order], targets[order])
    assert shuffled == pytest.approx(before)


@pytest.mark.parametrize("seed", range(5))
def test_a_clip_that_counts_twice_is_as_two_clips(seed):
    scores, labels = drawn(seed, decimals=1)
    targets = one_hot(labels, 5)
    counts = np.random.default_rng(seed).integers(0, 3, len(scores))
    repeated = np.repeat(np.arange(len(scores)), counts)
    expected = average_precisions(scores[repeated], targets[repeated])
    found = weighted_precisions(scores, targets, counts[None, :])[0]
    assert found == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("seed", range(5))
def test_with_classes_of_equal_size_mean_recall_is_top1(seed):
    labels = np.repeat(np.arange(5), 12)
    scores = np.random.default_rng(seed).random((60, 5))
    targets = one_hot(labels, 5)
    table = confusion(scores, targets)
    mean = mean_known(recalls(np.diag(table), table.sum(axis=1)))
    assert mean == pytest.approx(named_within(scores, targets, 1).mean())


def test_a_network_that_says_the_same_of_all_classes_names_the_first():
    scores = np.full((4, 4), 0.25)
    targets = np.eye(4)
    assert named_within(scores, targets, 1).tolist() == [1, 0, 0, 0]
    assert named_within(scores, targets, 2).tolist() == [1, 1, 0, 0]
    assert np.diag(confusion(scores, targets)).tolist() == [1, 0, 0, 0]


def test_a_clip_without_a_number_is_wrong():
    scores = PROBABILITIES.copy()
    scores[0] = np.nan
    assert not named_within(scores, TARGETS, 3)[0]
    # What scores nothing comes last: of class 0 + 0.8, - 0.5, + 0.2, - 0.1, + NaN
    expected = (1 + 2 / 3 + 3 / 5) / 3
    assert average_precisions(scores, TARGETS)[0] == pytest.approx(expected)


@pytest.mark.parametrize("decimals", [None, 1])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.slow  # it imports scikit-learn
def test_scikit_learn_finds_the_same(seed, decimals):
    metrics = pytest.importorskip("sklearn.metrics")
    scores, labels = drawn(seed, decimals=decimals)
    targets = one_hot(labels, 5)
    table = confusion(scores, targets)
    right, clips, named = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    guessed = scores.argmax(axis=1)
    expected = metrics.balanced_accuracy_score(labels, guessed)
    assert mean_known(recalls(right, clips)) == pytest.approx(expected)
    expected = metrics.f1_score(labels, guessed, average="macro")
    assert mean_known(f1_scores(right, clips, named)) == pytest.approx(expected)
    expected = metrics.average_precision_score(targets, scores, average=None)
    assert average_precisions(scores, targets) == pytest.approx(expected)
