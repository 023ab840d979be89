"""How the options of `vidnas search` extend an effort, and what it says to do next."""

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest

from vidnas.cli.search import next_command
from vidnas.cli.search_options import SearchOptions
from vidnas.study import load_experiment, load_history
from vidnas.trials.effort import LIMITS, Effort

HISTORY = Path(__file__).parents[1] / "golden" / "before" / "ladder"


def chosen(**stated):
    nothing = dict.fromkeys((*LIMITS, "study", "seed", "workers", "address"))
    return Namespace(**nothing | stated)


@pytest.mark.parametrize(
    ("stated", "options", "effort"),
    [
        (Effort(trials=10), {}, Effort(trials=10)),
        (Effort(trials=10), {"trials": 20}, Effort(trials=20)),
        (Effort(hours=2.0), {"epochs": 9}, Effort(hours=2.0, epochs=9)),
    ],
)
def test_an_option_takes_the_place_of_the_limit_of_its_name(
    small, stated, options, effort
):
    assert SearchOptions(**options).effort(replace(small, effort=stated)) == effort


def test_where_the_file_states_no_effort_the_options_are_all_there_are(small):
    silent = replace(small, left_out=("effort.trials",))
    assert SearchOptions(hours=3.0).effort(silent) == Effort(hours=3.0)
    assert SearchOptions().effort(silent) == small.effort


@pytest.mark.parametrize(
    ("effort", "options", "words"),
    [
        (Effort(trials=2), {}, "--trials "),
        (Effort(hours=1e-9), {}, "--hours "),
        (Effort(epochs=1), {"trials": 96}, "--trials 96 --epochs 2"),
    ],
)
def test_the_next_command_doubles_the_limit_that_was_reached(
    small, effort, options, words
):
    history = load_history(HISTORY)
    experiment = replace(history.experiment, effort=effort)
    head = replace(history.head, experiment=experiment)
    spent = replace(history.spent, hours=1.0, epochs=20)
    ended = replace(history, head=head, spent=spent, is_exhausted=False)
    assert words in next_command(ended, small, chosen(**options))


@pytest.fixture
def small(folder):
    return load_experiment(folder / "experiment.yaml")
