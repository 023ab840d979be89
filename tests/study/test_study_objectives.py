"""Studies that improve another accuracy than top-1, or other costs than FLOPs."""

import json
from dataclasses import replace

import pytest

from vidnas.costs import cost
from vidnas.errors import InputError, JournalError, StudyError
from vidnas.files.yaml_file import load_document
from vidnas.study import Dataset, Inline, Study, load_experiment, load_history
from vidnas.study.family.files import write_family
from vidnas.study.standings import standings
from vidnas.trials import ACCURACIES
from vidnas.trials.objectives import STANDARD
from vidnas.trials.recipe import Recipe

CLASSES = ("clap", "jump", "run")
SEVERAL = Dataset("clips", CLASSES, 20, 10, val_counts=(6, 3, 1), multi_label=True)
ONE = Dataset("clips", CLASSES, 20, 10, val_counts=(6, 3, 1))


def percent(architecture, **_):
    """More parameters are better, up to a point."""
    return min(95.0, 30.0 + cost(architecture).parameters / 500)


def precision_alone(architecture, **_):
    """What is measured of clips of several classes."""
    value = percent(architecture)
    around = {"map_low": value - 5.0, "map_high": min(100.0, value + 5.0)}
    return {"map": value, **around, "val_clips": 10.0}


def everything(architecture, **_):
    """Top-1 falls where balanced accuracy rises, so that they disagree on the best."""
    value = percent(architecture)
    around = {"low": value - 4.0, "high": min(100.0, value + 4.0)}
    return {
        "top1": 100.0 - value,
        "top5": 100.0,
        "balanced_accuracy": value,
        **{f"balanced_accuracy_{end}": limit for end, limit in around.items()},
        "val_clips": 10.0,
    }


@pytest.fixture
def stated(experiment_file):
    """An experiment file whose objectives and reference are replaced."""

    def write(objectives, reference="{}", **changes):
        text = experiment_file.read_text()
        text = text.replace("{reference: {flops: 2 M, top1: 0}}", "{}")
        front = f"front: {{reference: {reference}}}\n"
        text = text.replace("front: {}\n", front)
        if objectives:
            text += f"objectives: {objectives}\n"
        for old, new in changes.items():
            text = text.replace(old, new)
        experiment_file.write_text(text)
        return load_experiment(experiment_file)

    return write


def search(experiment, dataset, folder, evaluate, trials=None):
    with Study(experiment, dataset, folder, trials=trials) as study:
        return study.run(Inline(), evaluate, lambda trial: None)


def test_clips_of_several_classes_are_compared_by_map(stated, tmp_path):
    folder = tmp_path / "study"
    history = search(stated(None), SEVERAL, folder, precision_alone)
    assert history.objectives.names == ("flops", "map")
    # The mean prevalence: (0.6 + 0.3 + 0.1) / 3
    assert history.reference == {"flops": 2e6, "map": pytest.approx(100 / 3)}
    front = history.front()
    assert [objective.name for objective in front.objectives] == ["flops", "map"]
    best = max(front.trials, key=lambda trial: trial.value("map"))
    every = [trial.value("map") for trial in history.trials]
    assert best.value("map") == max(every)
    assert history.chance.is_beaten(best) is True
    assert any(size.trial == best for size in history.family())
    assert load_history(folder).front().trials == front.trials


def test_a_study_by_map_goes_on_with_what_it_began_with(stated, tmp_path):
    folder = tmp_path / "study"
    search(stated(None), SEVERAL, folder, precision_alone, trials=4)
    before = (folder / "journal.jsonl").read_text()
    head = json.loads(before.splitlines()[0])
    assert head["experiment"]["objectives"] == ["flops", "map"]
    assert head["multi_label"] is True
    whole = search(stated(None), SEVERAL, folder, precision_alone, trials=8)
    assert (folder / "journal.jsonl").read_text().startswith(before)
    unbroken = search(
        stated(None), SEVERAL, tmp_path / "other", precision_alone, trials=8
    )
    assert [t.arch_id for t in whole.trials] == [t.arch_id for t in unbroken.trials]


def test_top1_of_clips_of_several_classes_is_refused_before_training(stated, tmp_path):
    experiment = stated("[flops, top1]")
    with pytest.raises(
        InputError, match="must be map where clips have several classes"
    ):
        Study(experiment, SEVERAL, tmp_path / "study")
    assert not (tmp_path / "study" / "journal.jsonl").exists()


def test_a_reference_point_of_another_accuracy_is_refused(stated, tmp_path):
    experiment = stated(None, reference="{flops: 2 M, top1: 0}")
    with pytest.raises(InputError, match="must name flops, map, got `top1`"):
        Study(experiment, SEVERAL, tmp_path / "study")
    with pytest.raises(InputError, match=r"line \d+: unknown key `top1` .* of flops, "):
        stated("[flops, balanced_accuracy]", reference="{flops: 2 M, top1: 0}")


def test_a_study_may_improve_balanced_accuracy(stated, tmp_path):
    folder = tmp_path / "study"
    experiment = stated("[flops, balanced_accuracy]")
    history = search(experiment, ONE, folder, everything)
    assert history.reference["balanced_accuracy"] == pytest.approx(100 / 3)
    best = max(history.front().trials, key=lambda t: t.value("balanced_accuracy"))
    every = [trial.value("balanced_accuracy") for trial in history.trials]
    assert best.value("balanced_accuracy") == max(every)
    # The same trials by top-1: another front, which a study of it would show.
    by_top1 = history.front(STANDARD.each)
    assert best not in by_top1.trials or len(by_top1) == len(history.front())
    (size,) = [s for s in history.family() if s.trial == best][:1]
    (file,) = [
        path
        for path in write_family(history, (size,), tmp_path / "family").written
        if path.stem == size.name
    ]
    told = load_document(file).value
    low, high = told["measured"]["balanced_accuracy_interval"]
    assert low < told["measured"]["balanced_accuracy"] < high
    assert told["measured"]["chance"] == 33.33
    assert told["found"]["budget_flops"] > 0


@pytest.mark.parametrize("strategy", ["evolution", "nsga2", "local", "regularised"])
@pytest.mark.parametrize("accuracy", ["map", "macro_f1", "top5"])
def test_every_strategy_searches_by_the_studys_accuracy(
    stated, tmp_path, strategy, accuracy
):
    changes = {"{name: evolution, start: 4}": f"{{name: {strategy}}}"}
    experiment = stated(f"[parameters, {accuracy}]", **changes)
    seen = []

    def alone(architecture, **_):
        seen.append(architecture)
        return {accuracy: percent(architecture), "val_clips": 10.0}

    history = search(experiment, ONE, tmp_path / "study", alone, trials=14)
    assert len(history.finished) == len(seen) == 14
    assert {trial.state for trial in history.trials} == {"done"}
    assert history.front().trials[-1].value(accuracy) == max(map(percent, seen))


def test_the_ladder_climbs_by_the_first_cost_and_the_rungs_by_the_accuracy(
    stated, tmp_path
):
    changes = {
        "{name: evolution, start: 4}": "{name: ladder, start: 4, rounds: 1}",
        "seed: 3": "seed: 3\nrungs: {epochs: [1], keep: 2, probe: 0}",
    }
    experiment = stated("[parameters, map]", **changes)
    history = search(experiment, SEVERAL, tmp_path / "study", precision_alone)
    assert history.has_rungs
    assert history.front().objectives[0].name == "parameters"
    assert history.reference["parameters"] > 0
    assert {size.cost for size in history.family()} == {"parameters"}


def test_three_objectives_have_a_front_and_a_family(stated, tmp_path):
    experiment = stated("[flops, parameters, balanced_accuracy]")
    history = search(experiment, ONE, tmp_path / "study", everything)
    assert set(history.reference) == {"flops", "parameters", "balanced_accuracy"}
    assert history.front().hypervolume(history.reference) > 0
    assert any(size.trial for size in history.family())


def test_an_evaluation_without_the_studys_accuracy_fails(stated, tmp_path):
    experiment = stated("[flops, macro_f1]")

    def top1_alone(architecture, **_):
        return {"top1": 50.0}

    history = search(experiment, ONE, tmp_path / "study", top1_alone, trials=2)
    assert {trial.reason for trial in history.trials} == {
        "measured `macro_f1` must be among what `evaluate` returns, got top1."
    }


def test_objectives_may_change_where_trials_have_measured_them(stated, tmp_path):
    folder = tmp_path / "study"
    experiment = stated("[flops, top1]")
    assert "objectives" not in experiment.to_document()
    search(experiment, ONE, folder, everything, trials=3)
    other = replace(
        experiment,
        stated_objectives=replace(STANDARD, accuracy=ACCURACIES["balanced_accuracy"]),
    )
    history = search(other, ONE, folder, everything, trials=5)
    assert history.accuracy.name == "balanced_accuracy"
    assert len(history.finished) == 5
    assert load_history(folder).accuracy.name == "balanced_accuracy"
    unmeasured = replace(
        experiment, stated_objectives=replace(STANDARD, accuracy=ACCURACIES["map"])
    )
    before = (folder / "journal.jsonl").read_text()
    says = r"must have `map` where it is an objective, trial 0 of .* has none"
    with pytest.raises(StudyError, match=says):
        Study(unmeasured, ONE, folder)
    assert (folder / "journal.jsonl").read_text() == before


def test_a_journal_without_objectives_is_read_as_flops_and_top1(
    experiment, dataset, tmp_path
):
    folder = tmp_path / "study"
    history = search(experiment, dataset, folder, everything, trials=2)
    text = (folder / "journal.jsonl").read_text()
    assert "objectives" not in text
    assert "multi_label" not in text
    assert history.objectives == STANDARD
    assert history.reference == {"flops": 2e6, "top1": 0.0}


def test_a_damaged_list_of_objectives_is_named(stated, tmp_path):
    folder = tmp_path / "study"
    search(stated("[flops, map]"), ONE, folder, precision_alone, trials=1)
    journal = folder / "journal.jsonl"
    first, *others = journal.read_text().splitlines()
    head = json.loads(first)
    del head["crc"]
    head["experiment"]["objectives"] = "map"
    journal.write_text("\n".join([json.dumps(head), *others, ""]))
    with pytest.raises(JournalError, match="`objectives` must be a list of names"):
        load_history(folder)


def test_earlier_studies_give_what_has_the_accuracy(stated, tmp_path, experiment_file):
    search(stated("[flops, top1]"), ONE, tmp_path / "by_top1", everything, trials=3)

    def top1_alone(architecture, **_):
        return {"top1": percent(architecture), "val_clips": 10.0}

    search(stated(None), ONE, tmp_path / "alone", top1_alone, trials=3)
    text = experiment_file.read_text().replace("objectives: [flops, top1]\n", "")
    experiment_file.write_text(
        f"{text}objectives: [flops, balanced_accuracy]\nknown: [by_top1, alone]\n"
    )
    experiment = load_experiment(experiment_file)
    with Study(experiment, ONE, tmp_path / "new") as study:
        given, left = study.taken_over
        assert len(given.trials) == 3
        assert not left.trials
        assert sum(left.left_out.values()) in (0, 3)
        history = study.run(Inline(), everything, lambda trial: None)
    assert all(t.value("balanced_accuracy") for t in history.front().trials)


def test_a_weighted_class_must_be_one_of_the_clips(experiment, tmp_path):
    weighted = replace(
        experiment, recipe=replace(Recipe(), class_weights=(("jmp", 2.0),))
    )
    with pytest.raises(InputError, match=r"got `jmp`\. Did you mean `jump`"):
        Study(weighted, ONE, tmp_path / "study")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("objectives: [flops, accuracy]", r"line \d+: an objective must be one of"),
        ("objectives: [flops]", r"line \d+: objectives must be one accuracy"),
        ("objectives: flops", "objectives"),
        ("objectives: [latency_ms, top1]", "needs `latency`, the table of a device"),
        ("objectives: [stream_state_values, top1]", "name another one before it"),
    ],
)
def test_wrong_objectives_are_told_with_their_line(experiment_file, line, says):
    experiment_file.write_text(f"{experiment_file.read_text()}{line}\n")
    with pytest.raises(InputError, match=says):
        load_experiment(experiment_file)


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ("equal", "must be `balanced` or weights by names of classes, got `equal`"),
        ("{left: 0}", "`training.class_weights.left` must be a number above 0, got 0"),
        ("{left: -1}", "must be a number from 0 to"),
    ],
)
def test_wrong_weights_of_classes_are_told_with_their_line(
    experiment_file, weights, says
):
    text = experiment_file.read_text()
    text = text.replace("batch: 8}", f"batch: 8, class_weights: {weights}}}")
    experiment_file.write_text(text)
    with pytest.raises(InputError, match=rf"line \d+: .*{says}"):
        load_experiment(experiment_file)


def test_weights_of_classes_are_part_of_what_a_trial_means(experiment_file, tmp_path):
    plain = load_experiment(experiment_file)
    text = experiment_file.read_text()
    weights = "class_weights: {left: 2, '1': 0.5}}"
    experiment_file.write_text(text.replace("batch: 8}", f"batch: 8, {weights}"))
    experiment = load_experiment(experiment_file)
    assert experiment.recipe.class_weights == (("left", 2.0), ("1", 0.5))
    document = experiment.to_document()["training"]
    assert document["class_weights"] == {"left": 2.0, "1": 0.5}
    assert experiment.identity() != plain.identity()


def test_baselines_stand_by_the_studys_objectives(stated, tmp_path):
    changes = {"seed: 3": "seed: 3\nbaselines: [movinet-a0]"}
    experiment = stated("[parameters, balanced_accuracy]", **changes)
    history = search(experiment, ONE, tmp_path / "study", everything, trials=6)
    (standing,) = standings(history)
    assert standing.trial.baseline == "movinet-a0"
    assert standing.members == len(history.front())
