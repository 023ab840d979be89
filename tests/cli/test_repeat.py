"""`vidnas repeat`: a study's networks again, under other seeds."""

import json

import pytest

from vidnas.study import load_history


def told(out):
    return json.loads(out)


@pytest.fixture
def searched(folder, inline, vidnas):
    code, _, _ = vidnas("search", "experiment.yaml")
    assert code == 0
    return folder / "runs" / "small"


def test_the_front_is_trained_again_from_the_study_alone(searched, vidnas):
    (searched.parents[1] / "experiment.yaml").unlink()
    code, out, err = vidnas("repeat", searched, "--front", "3")
    assert code == 0
    assert "repeats     each network of the front 3 times in all" in err
    assert "(again " in err
    history = load_history(searched)
    assert {t.measured["seeds"] for t in history.front().trials} == {3.0}
    assert f"{len(history.repeats)} repeats done, 0 failed" in out
    assert "by the noise of validation clips and seeds" in out
    # The same command has nothing left to do.
    _, again, _ = vidnas("repeat", searched, "--front", "3")
    assert again.startswith("0 repeats done")
    _, front, _ = vidnas("front", searched, "--json")
    assert {row["seeds"] for row in told(front)["front"]} == {3}


def test_a_family_says_how_firmly_it_stands(searched, vidnas):
    _, text, _ = vidnas("family", searched)
    assert "stays [%]" in text.splitlines()[0]
    assert "stays: share of draws of the accuracies, within the noise of " in text
    _, out, _ = vidnas("family", searched, "--json")
    filled = [row for row in told(out) if row["trial"] is not None]
    assert filled
    for row in filled:
        shares = [row["stays"], *row["rivals"].values()]
        assert 0 <= min(shares) <= sum(shares) <= 1 + 1e-9


def test_named_trials_are_trained_three_times_unless_said(searched, vidnas):
    code, out, _ = vidnas("repeat", searched, "--trials", "1,2", "--json")
    assert code == 0
    assert told(out)["repeats"] == 4
    assert {t.repeats for t in load_history(searched).repeats} == {1, 2}
    # Extending the study later trains candidates alone.
    code, _, _ = vidnas("search", "experiment.yaml", "--trials", "5")
    assert code == 0
    history = load_history(searched)
    assert (len(history.trials), len(history.repeats)) == (5, 4)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--front", "1"), "must be a whole number of at least 2, got `1`"),
        (("--trials", "99"), "must be numbers of trials done at 1 epoch, got 99"),
        (("--trials", "a"), "must be numbers of trials such as 3,7, got `a`"),
        (("--front", "2", "--seeds", "3"), "must be left out with `--front`"),
        ((), "one of the arguments --front --trials is required"),
    ],
)
def test_what_is_wrong_is_one_line(searched, vidnas, words, error):
    code, _, err = vidnas("repeat", searched, *words)
    assert code == 2
    assert error in err.splitlines()[-1]
