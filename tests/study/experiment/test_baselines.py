"""What an experiment file may say of its baselines, and what it may not."""

import dataclasses
from pathlib import Path

import pytest

from vidnas.architecture.published import published
from vidnas.errors import InputError
from vidnas.files.yaml_file import dump_document
from vidnas.study import Inline, Study, load_experiment, write_family
from vidnas.study.experiment.baselines import Baseline


def written(experiment_file: Path, baselines: str):
    text = experiment_file.read_text()
    experiment_file.write_text(text + f"baselines:\n{baselines}")
    return load_experiment(experiment_file).baselines


def test_a_baseline_is_a_name_a_file_or_a_mapping(experiment_file):
    network = published("movinet-t0").at(4, 16)
    bare = {"schema": "vidnas.architecture/v1", **network.to_document()}
    (experiment_file.parent / "mine.yaml").write_text(dump_document(bare))
    shifted = published("mobilenetv3-small-tsm").at(4, 32)
    small = "{network: mobilenetv3-small-tsm, frames: 4, resolution: 32, name: shifted}"
    found = written(experiment_file, f"- x3d-s\n- mine.yaml\n- {small}\n")
    assert found == (
        Baseline("x3d-s", "x3d-s", published("x3d-s")),
        Baseline("mine", "mine.yaml", network),
        Baseline("shifted", "mobilenetv3-small-tsm", shifted),
    )


def test_a_member_of_another_family_is_named_after_its_study(
    experiment, experiment_file, dataset, tmp_path
):
    def deeper_is_better(architecture, *, seed, **rest):
        return {"top1": 20.0 + architecture.depth + seed / 2**31}

    with Study(experiment, dataset, tmp_path / "run") as study:
        history = study.run(Inline(), deeper_is_better, lambda trial: None)
    sizes = history.family()
    *_, largest = write_family(history, sizes, tmp_path / "family").written
    [member] = written(experiment_file, f"- family/{largest.name}\n")
    assert member.name == f"small-{largest.stem}"
    assert member.architecture in [
        size.trial.architecture for size in sizes if size.trial
    ]


def test_no_baselines_may_be_an_empty_list(experiment_file):
    text = experiment_file.read_text()
    experiment_file.write_text(text + "baselines: []\n")
    assert load_experiment(experiment_file).baselines == ()


@pytest.mark.parametrize(
    ("listed", "line", "says"),
    [
        (
            "- movinet-a9\n",
            15,
            "`baselines[0]` must be a published network or an architecture file "
            "relative to the experiment's, got `movinet-a9`. Did you mean "
            "`movinet-a5`?",
        ),
        (
            "- x3d-s\n- gone.yaml\n",
            16,
            "`baselines[1]` must be a published network or an architecture file "
            "relative to the experiment's, got `gone.yaml`.",
        ),
        (
            "- {network: x3d-s, frame: 4}\n",
            15,
            "unknown key `frame` in `baselines[0]`; it must be one of network, frames, "
            "resolution, name, within. Did you mean `frames`?",
        ),
        (
            "- {frames: 4}\n",
            15,
            "`baselines[0]` must have the key `network`.",
        ),
        (
            "- {network: x3d-s, frames: 0}\n",
            15,
            "`baselines[0].frames` must be a whole number of at least 1, got 0.",
        ),
        (
            "- x3d-s\n- {network: x3d-s, name: other}\n",
            16,
            "`baselines[1]` must be another network than `baselines[0]`, both are "
            f"{published('x3d-s').arch_id}.",
        ),
        (
            "- x3d-s\n- {network: x3d-s, frames: 4}\n",
            16,
            "`baselines[1]` must have a `name` of its own, `x3d-s` is that of "
            "`baselines[0]`.",
        ),
        ("  x3d-s\n", 14, "`baselines` must be a list, got `x3d-s`."),
    ],
)
def test_a_wrong_baseline_is_named_with_its_line(experiment_file, listed, line, says):
    with pytest.raises(InputError) as refused:
        written(experiment_file, listed)
    assert str(refused.value) == f"{experiment_file}, line {line}: {says}"


def test_baselines_are_not_part_of_the_identity(experiment):
    baseline = Baseline("s", "x3d-s", published("x3d-s"))
    compared = dataclasses.replace(experiment, baselines=(baseline,))
    assert compared.identity() == experiment.identity()
    assert compared.to_document()["baselines"] == [
        {
            "name": "s",
            "network": "x3d-s",
            "frames": 13,
            "resolution": 160,
            "arch_id": baseline.architecture.arch_id,
        }
    ]
