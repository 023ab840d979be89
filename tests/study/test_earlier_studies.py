"""What earlier studies of the same task know is taken over, and never trained again."""

import shutil
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from vidnas.costs import cost
from vidnas.errors import InputError, StudyError
from vidnas.files.journal import read_journal
from vidnas.strategies import Random
from vidnas.study import Dataset, Inline, Study, load_experiment, load_history
from vidnas.views.charts.growth import progress_rows
from vidnas.views.notebook import StudyView
from vidnas.views.pages.report import write_report
from vidnas.views.tables import trials_frame


class Counting:
    """A stand-in for training that counts; more FLOPs, more accuracy, and some luck."""

    def __init__(self):
        self.trained = Counter()

    def __call__(self, architecture, *, dataset, recipe, fidelity, seed):
        self.trained[architecture.arch_id] += 1
        luck = np.random.default_rng(seed).normal()
        flops = cost(architecture, classes=2).flops
        return {"top1": 80 * (1 - np.exp(-flops / 1e6)) + luck, "val_clips": 10.0}


def run(experiment, dataset, folder, evaluate=None, **options):
    with Study(experiment, dataset, folder, clock=lambda: 0.0, **options) as study:
        history = study.run(Inline(), evaluate or Counting(), lambda trial: None)
        return history, study.taken_over


@pytest.fixture
def knowing(experiment_file, experiment, dataset, tmp_path):
    """An experiment with another seed, which knows a study of ten trials."""
    run(experiment, dataset, tmp_path / "runs" / "earlier")
    text = experiment_file.read_text().replace("seed: 3", "seed: 4")
    experiment_file.write_text(f"{text}known: [runs/earlier]\n")
    return load_experiment(experiment_file)


def test_known_trials_join_the_study_and_are_not_trained(knowing, dataset, tmp_path):
    evaluate = Counting()
    history, (given,) = run(knowing, dataset, tmp_path / "run", evaluate)
    earlier = load_history(tmp_path / "runs" / "earlier")
    assert given.words == "10 trials of runs/earlier"
    assert [trial.taken_over_from for trial in history.taken_over] == [
        f"small/{number}" for number in range(10)
    ]
    assert [trial.arch_id for trial in history.taken_over] == [
        trial.arch_id for trial in earlier.trials
    ]
    assert [trial.measured for trial in history.taken_over] == [
        trial.measured for trial in earlier.trials
    ]
    # The effort of 10 is spent on networks that nobody knew.
    assert len(history.own) == len(history.finished) == history.candidates == 10
    assert evaluate.trained.total() == len(evaluate.trained) == 10
    assert evaluate.trained.keys().isdisjoint(t.arch_id for t in earlier.trials)
    assert [trial.number for trial in history.trials] == list(range(20))


def test_the_strategy_hears_of_them(knowing, dataset, tmp_path):
    heard = []

    class Listening(Random):
        def propose(self, state, rng, count):
            heard.append([t.label for t in state.trials if t.state == "done"])
            return Random.propose(self, state, rng, count)

    run(replace(knowing, strategy=Listening()), dataset, tmp_path / "run", trials=1)
    assert heard == [[f"small/{number}" for number in range(10)]]


def test_they_stand_on_the_front_and_in_tables_under_their_own_names(
    knowing, dataset, tmp_path
):
    history, _ = run(knowing, dataset, tmp_path / "run", trials=1)
    best = max(history.taken_over, key=lambda trial: trial.value("top1"))
    assert best.label in [trial.label for trial in history.front().trials]
    frame = trials_frame(history)
    assert frame.known.tolist() == [f"small/{number}" for number in range(10)] + [""]
    assert frame.trial.is_unique
    assert "small/" in "".join(
        rung.trial.label for rung in history.family() if rung.trial
    )


def test_a_resumed_study_needs_the_earlier_one_no_more(knowing, dataset, tmp_path):
    whole, _ = run(knowing, dataset, tmp_path / "whole")
    run(knowing, dataset, tmp_path / "run", trials=4)
    shutil.rmtree(tmp_path / "runs" / "earlier")
    resumed, given = run(knowing, dataset, tmp_path / "run")
    assert given == ()
    assert resumed.trials == whole.trials
    assert load_history(tmp_path / "run").trials == whole.trials


def test_what_an_earlier_study_learnt_since_is_taken_over_too(
    knowing, experiment, dataset, tmp_path
):
    run(knowing, dataset, tmp_path / "run", trials=2)
    run(experiment, dataset, tmp_path / "runs" / "earlier", trials=12)
    history, (given,) = run(knowing, dataset, tmp_path / "run", trials=3)
    taken = {trial.arch_id for trial in history.own[:2]}
    news = load_history(tmp_path / "runs" / "earlier").trials[10:]
    assert {t.arch_id for t in given.trials} == {t.arch_id for t in news} - taken
    assert len(history.own) == 3


def test_nothing_is_written_twice_when_a_study_is_asked_again(
    knowing, dataset, tmp_path
):
    run(knowing, dataset, tmp_path / "run")
    before = read_journal(tmp_path / "run" / "journal.jsonl")
    run(knowing, dataset, tmp_path / "run")
    assert read_journal(tmp_path / "run" / "journal.jsonl") == before


def test_a_study_that_took_over_trials_hands_them_on(knowing, dataset, tmp_path):
    run(knowing, dataset, tmp_path / "run", trials=2)
    text = knowing.path.read_text().replace("runs/earlier", "run")
    knowing.path.write_text(text)
    third = load_experiment(knowing.path)
    history, (given,) = run(third, dataset, tmp_path / "third", trials=1)
    assert given.words == "12 trials of run"
    names = [trial.taken_over_from for trial in history.taken_over]
    assert names == [f"small/{number}" for number in range(12)]


def test_what_the_space_does_not_hold_or_a_budget_forbids_is_left_out(
    knowing, dataset, tmp_path
):
    earlier = load_history(tmp_path / "runs" / "earlier").trials
    inside = [t for t in earlier if t.architecture.clip.resolution == 16]
    most = float(np.median([t.value("flops") for t in inside]))
    text = (tmp_path / "space.yaml").read_text()
    (tmp_path / "space.yaml").write_text(text.replace("[16, 32]}", "16}", 1))
    text = knowing.path.read_text().replace("budgets: {flops: 2 M}", "")
    knowing.path.write_text(f"{text}budgets: {{flops: {most}}}\n")
    narrow = load_experiment(knowing.path)
    history, (given,) = run(narrow, dataset, tmp_path / "run", trials=1)
    fitting = [t for t in inside if t.value("flops") <= most]
    assert {t.arch_id for t in history.taken_over} == {t.arch_id for t in fitting}
    assert 0 < len(fitting) < len(inside) < len(earlier)
    assert given.left_out == {
        "not in the space": len(earlier) - len(inside),
        "beyond a budget": len(inside) - len(fitting),
    }
    for trial in history.taken_over:  # here other indices are the same network
        assert narrow.space.decode(trial.candidate).arch_id == trial.arch_id


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("batch: 8", "batch: 4", "`recipe.batch` was 8, here it is 4"),
        ("epochs: 2", "epochs: 3", "`fidelity.epochs` was 2, here it is 3"),
    ],
)
def test_a_study_of_another_task_is_refused(
    knowing, dataset, tmp_path, before, after, words
):
    knowing.path.write_text(knowing.path.read_text().replace(before, after))
    line = len(knowing.path.read_text().splitlines())
    with pytest.raises(StudyError) as wrong:
        Study(load_experiment(knowing.path), dataset, tmp_path / "run")
    assert str(wrong.value) == (
        f"{knowing.path}, line {line}: runs/earlier is a study of another task: its "
        f"{words}. Take it out of `known`."
    )
    assert read_journal(tmp_path / "run" / "journal.jsonl") == []


def test_a_study_of_other_clips_is_refused(knowing, tmp_path):
    more = Dataset("clips", ("left", "right"), train_clips=21, val_clips=10)
    with pytest.raises(StudyError, match=r"its `clips\.train` was 20, here it is 21"):
        Study(knowing, more, tmp_path / "run")


def test_an_earlier_study_that_is_not_there_is_named(knowing, dataset, tmp_path):
    shutil.rmtree(tmp_path / "runs" / "earlier")
    with pytest.raises(StudyError, match=r"runs/earlier has none\.$"):
        Study(knowing, dataset, tmp_path / "run")


def test_known_must_be_folders(knowing):
    text = knowing.path.read_text()
    for wrong in ("known: runs/earlier", "known: [3]"):
        knowing.path.write_text(text.replace("known: [runs/earlier]", wrong))
        with pytest.raises(InputError, match=r"line \d+: `known(\[0\])?` must be"):
            load_experiment(knowing.path)


def test_failures_here_are_counted_without_what_is_known(knowing, dataset, tmp_path):
    def fails(architecture, **rest):
        raise ZeroDivisionError("division by zero")

    with pytest.raises(Exception, match="6 trials failed and none was ever done"):
        run(knowing, dataset, tmp_path / "run", fails)


def test_rungs_train_no_network_that_is_known(knowing, dataset, tmp_path):
    text = knowing.path.read_text()
    knowing.path.write_text(f"{text}rungs: {{epochs: [1], keep: 2, probe: 6}}\n")
    evaluate = Counting()
    history, _ = run(load_experiment(knowing.path), dataset, tmp_path / "run", evaluate)
    known = {trial.arch_id for trial in history.taken_over}
    assert len(known) == 10
    assert evaluate.trained.keys().isdisjoint(known)
    assert history.candidates == 10


def test_the_report_says_where_a_trial_is_known_from(knowing, dataset, tmp_path):
    history, _ = run(knowing, dataset, tmp_path / "run", trials=2)
    write_report(history, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "2 trials and 10 known from earlier studies: " in page
    for number in range(10):
        assert f"known from small/{number}" in page
    assert repr(StudyView(history)).endswith("0 failed, 0 running, 10 known>")
    # What was known is there before the first trial ends.
    assert [row["finished"] for row in progress_rows(history)] == [0, 1, 2]
    assert progress_rows(history)[0]["hypervolume"] > 0.0
