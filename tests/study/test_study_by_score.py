"""Studies in which nothing is trained: a score stands in place of an accuracy."""

import pytest

from vidnas.costs.entropy import entropy_score
from vidnas.errors import InputError, StudyError
from vidnas.files.yaml_file import load_document
from vidnas.strategies import STRATEGIES
from vidnas.study import Dataset, Inline, Study, load_experiment, load_history
from vidnas.study.family.files import write_family
from vidnas.study.standings import standings
from vidnas.trials.untrained import Scoring

CLASSES = Dataset({}, tuple("abcdef"), 0, 0)


@pytest.fixture
def stated(experiment_file):
    """An experiment by a score, with lines replaced and added."""

    def write(score="{name: entropy_score, classes: 6}", more="", **changes):
        text = experiment_file.read_text()
        text = text.replace("clips: {folder: clips}\n", f"score: {score}\n")
        text = text.replace("training: {epochs: 2, batch: 8}\n", "")
        text = text.replace("front: {reference: {flops: 2 M, top1: 0}}\n", "")
        for old, new in changes.items():
            text = text.replace(old, new)
        experiment_file.write_text(text + more)
        return load_experiment(experiment_file)

    return write


def ran(experiment, folder, trials=None):
    with Study(experiment, CLASSES, folder, trials=trials) as study:
        return study.run(Inline(), Scoring(experiment.score.name), lambda _: None)


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_any_strategy_searches_by_a_score(stated, tmp_path, strategy):
    options = {
        "ladder": "{name: ladder, start: 4, rounds: 1, children: 40}",
        "score": "{name: score, evaluations: 200}",
    }
    experiment = stated(
        **{"{name: evolution, start: 4}": options.get(strategy, strategy)}
    )
    history = ran(experiment, tmp_path / "study")
    assert [trial.state for trial in history.trials] == ["done"] * 10
    for trial in history.trials:
        assert trial.source == "estimated"
        assert trial.measured == {"entropy_score": entropy_score(trial.architecture)}
    front = history.front().trials
    assert front == history.front(baselines=True).trials
    scores = [trial.value("entropy_score") for trial in front]
    assert scores == sorted(scores)
    assert max(scores) == max(t.value("entropy_score") for t in history.trials)


def test_its_journal_reads_again_and_goes_on(stated, tmp_path):
    experiment = stated(more="baselines: [movinet-a0]\n")
    folder = tmp_path / "study"
    ran(experiment, folder, trials=4)
    unbroken = ran(experiment, tmp_path / "unbroken", trials=8)
    history = ran(experiment, folder, trials=8)
    assert [t.arch_id for t in history.trials] == [t.arch_id for t in unbroken.trials]
    read = load_history(folder)
    assert read.source == "estimated"
    assert read.trials == history.trials
    assert read.front() == history.front()
    assert read.head.identity.score == "entropy_score"
    assert str(read.fidelity) == "no training"
    assert read.spent.epochs == 0
    (baseline,) = read.baselines
    assert (baseline.baseline, baseline.source) == ("movinet-a0", "estimated")
    (standing,) = standings(read)
    assert standing.trial.measured["entropy_score"] > 0


def test_nothing_of_it_claims_to_be_an_accuracy(stated, tmp_path):
    history = ran(stated(), tmp_path / "study")
    accuracy = history.accuracy
    assert accuracy.title == accuracy.label == "entropy score"
    assert accuracy.text(43.21) == "43.2"
    assert history.reference == {"flops": 2e6, "entropy_score": 0.0}
    assert history.objectives.point_text(history.reference).endswith("0 entropy score")
    for trial in history.trials:
        assert accuracy.interval(trial) is None
        assert history.chance.is_beaten(trial) is None
    files = write_family(history, history.family(), tmp_path / "family")
    document = load_document(files.written[-1]).value
    assert list(document["measured"]) == ["entropy_score"]
    assert document["found"]["fidelity"] == {"epochs": 0}


def test_its_family_gives_starting_networks_of_a_search_that_trains(
    stated, experiment_file, tmp_path
):
    text = experiment_file.read_text()
    history = ran(stated(), tmp_path / "study")
    sizes = [size for size in history.family() if size.trial]
    write_family(history, sizes, tmp_path / "study" / "family")
    experiment_file.write_text(f"{text}\nseeds: [study/family]\n")
    trained = load_experiment(experiment_file)
    starting = [one.network.architecture for one in trained.starting_networks]
    assert [a.arch_id for a in starting] == [size.trial.arch_id for size in sizes]
    assert len(starting) > 2
    (tmp_path / "nothing").mkdir()
    experiment_file.write_text(f"{text}\nseeds: [nothing]\n")
    with pytest.raises(InputError, match="must be a folder of architecture files"):
        load_experiment(experiment_file)


def test_trainings_and_scores_are_never_in_one_study(
    stated, experiment_file, dataset, tmp_path
):
    trained = load_experiment(experiment_file)
    with Study(trained, dataset, tmp_path / "study"):
        pass
    scored = stated("entropy_score", "clips: {folder: clips}\n")
    with (
        pytest.raises(StudyError, match="its `score` was , here it is entropy_score"),
        Study(scored, dataset, tmp_path / "study"),
    ):
        pass


def test_a_score_says_at_what_it_stands(stated):
    document = stated().to_document()
    assert document["score"] == {"name": "entropy_score", "classes": 6}
    assert document["clips"] == {}
    assert document["objectives"] == ["flops", "entropy_score"]


@pytest.mark.parametrize(
    ("score", "more", "message"),
    [
        ("entropie_score", "", "`score` must be one of entropy_score, layers"),
        ("temporal_reach", "", "`score` must be one of entropy_score, layers"),
        ("entropy_score", "", "got neither"),
        (
            "{name: layers, classes: 6}",
            "clips: {folder: clips}\n",
            "`clips` or `score: {name: layers, classes: 400}`, got both",
        ),
        ("{name: layers, classes: 0}", "", "`score.classes` must be"),
        (
            "{name: layers, classes: 6}",
            "training: {epochs: 2}\n",
            "`training.epochs` must be left out beside `score`",
        ),
        (
            "{name: layers, classes: 6}",
            "rungs: {epochs: [1]}\n",
            "`rungs` must be left out beside `score`: nothing is trained",
        ),
        (
            "{name: layers, classes: 6}",
            "stopping: {rule: curve}\n",
            "`stopping` must be left out beside `score`",
        ),
        (
            "{name: layers, classes: 6}",
            "objectives: [flops, top1]\n",
            "an objective must be one of",
        ),
        (
            "{name: layers, classes: 6}",
            "objectives: [flops, parameters]\n",
            "objectives must be `layers` and at least one cost",
        ),
    ],
)
def test_what_only_a_training_can_follow_is_refused(stated, score, more, message):
    with pytest.raises(InputError, match=r"experiment\.yaml, line \d+") as caught:
        stated(score, more)
    assert message in str(caught.value)
