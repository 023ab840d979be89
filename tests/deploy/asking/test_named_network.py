"""What NET may be: a training, its files, a family file, a checkpoint; or one line."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from vidnas.architecture.published import published
from vidnas.deploy.asking.named_network import find_network
from vidnas.errors import InputError
from vidnas.files.yaml_file import dump_document
from vidnas.trials import Recipe
from vidnas.trials.recipe import Evaluation

ROOT = Path(__file__).parents[3]
ORACLES = Path(os.environ.get("VIDNAS_SHARED", ROOT.parent / "shared")) / "oracle"
CLASSES = ("jump", "run")


def architecture_file(path, architecture, **more):
    schema = {"schema": "vidnas.architecture/v1"}
    document = {**schema, **architecture.to_document(), **more}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dump_document(document))
    return path


def a_study(folder, architecture, trial):
    """A study folder with a family of one, and no weights."""
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "journal.jsonl").write_text("{}\n")
    (folder / "experiment.yaml").write_text(
        "schema: vidnas.experiment/v1\ntraining: {crop: 0.25, evaluation: {clips: 3}}\n"
    )
    found = {"trial": trial, "classes": 2}
    measured = {"map": 50.0, "val_clips": 9}
    return architecture_file(
        folder / "family" / "a0.yaml", architecture, found=found, measured=measured
    )


def test_what_is_no_network_is_answered_by_one_line(tmp_path, small):
    study = tmp_path / "study"
    family = a_study(study, small, 7)
    running = tmp_path / "running"
    running.mkdir()
    (running / "training.jsonl").write_text("{}\n")
    alone = architecture_file(tmp_path / "net.yaml", small)
    cases = {
        str(tmp_path / "gone"): "there is no",
        "movinet-a0": "no weights of its own: name them with --weights",
        str(alone): "no weights of its own",
        str(study): f"holds many networks: name one, such as {family}",
        str(family): "trial 7, whose weights the study does not hold",
        str(running): "must hold a finished training",
        str(tmp_path): "must hold one TensorFlow checkpoint",
    }
    for net, words in cases.items():
        with pytest.raises(InputError) as refused:
            find_network(net)
        assert words in str(refused.value)
        assert "\n" not in str(refused.value)
    with pytest.raises(InputError, match="has weights of its own"):
        find_network(str(running), alone)


@pytest.mark.keras
def test_a_training_and_its_files_are_one_network(tmp_path, small):
    from vidnas.nets import build
    from vidnas.nets.weights.weights_file import pack_weights

    recipe = Recipe(crop=0.5, evaluation=Evaluation(clips=10, crops=3))
    found = {
        "classes": 2,
        "class_names": list(CLASSES),
        "trained": {"recipe": recipe.to_document()},
    }
    folder = tmp_path / "training"
    measured = {"top1": 50.0, "map": 40.0}
    architecture_file(
        folder / "architecture.yaml", small, found=found, measured=measured
    )
    weights = folder / "weights.npz"
    weights.write_bytes(pack_weights(build(small, 2), CLASSES))
    names = [folder, folder / "architecture.yaml", weights]
    for network in map(find_network, map(str, names)):
        assert network.architecture == small
        assert network.classes == CLASSES
        assert network.file == weights
        assert (network.margin, network.evaluation) == (0.5, recipe.evaluation)
        assert network.multi_label is False
    # Alone, a weights file tells the network and its classes.
    lonely = tmp_path / "lonely.npz"
    weights.rename(lonely)
    network = find_network(str(lonely))
    assert (network.architecture, network.classes) == (small, CLASSES)
    assert (network.margin, network.multi_label) == (0.0, None)
    # A family file finds the weights of its trial, and sees as its study did.
    family = a_study(tmp_path / "study", small, 7)
    kept = tmp_path / "study" / "checkpoints" / "00007" / "weights.npz"
    kept.parent.mkdir()
    kept.write_bytes(lonely.read_bytes())
    network = find_network(str(family))
    assert (network.file, network.classes) == (kept, CLASSES)
    assert (network.margin, network.evaluation.clips) == (0.25, 3)
    assert network.multi_label is True
    moved = architecture_file(tmp_path / "sizes" / "a0.yaml", small)
    assert find_network(str(moved), lonely).file == lonely
    lonely.write_bytes(pack_weights(build(small, 2)))  # of nobody's classes
    assert find_network(str(lonely)).classes == ()
    with pytest.raises(InputError, match=r"must hold weights of movinet-a0, they are"):
        find_network("movinet-a0", lonely)
    lonely.write_bytes(b"no weights")
    with pytest.raises(InputError, match="cannot be read as one"):
        find_network(str(lonely))


@pytest.mark.keras
@pytest.mark.parametrize(
    ("folder", "stream"),
    [("a0_base_3d_checkpoint", False), ("a0_stream_2plus1d_checkpoint", True)],
)
def test_an_official_checkpoint_is_told_by_its_tensors(folder, stream):
    checkpoint = ORACLES / folder
    if not checkpoint.is_dir():
        pytest.skip(f"{checkpoint} is not there; set VIDNAS_SHARED")
    form = "2plus1d" if stream else "3d"
    official = replace(published("movinet-a0", stream=stream), convolution=form)
    assert find_network(str(checkpoint)).architecture == official
    named = find_network("movinet-a0", checkpoint)
    assert (named.architecture, named.file) == (official, checkpoint)
    assert named.classes == ()
    with pytest.raises(InputError, match="weights of movinet-a1 as released"):
        find_network("movinet-a1", checkpoint)
