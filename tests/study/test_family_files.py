import numpy as np
import pytest

from vidnas.files.loading import load_architecture
from vidnas.files.yaml_file import load_document
from vidnas.study.family_files import write_family
from vidnas.study.study import Study
from vidnas.study.workers.executor import Inline
from vidnas.trials.family import RUNGS


@pytest.fixture
def history(experiment, dataset, tmp_path):
    def accuracy(architecture, *, seed, **rest):
        luck = np.random.default_rng(seed).random()
        return {"top1": 20.0 + architecture.depth + luck, "val_clips": 10.0}

    with Study(experiment, dataset, tmp_path / "run") as study:
        return study.run(Inline(), accuracy, lambda trial: None)


def test_every_file_rebuilds_to_its_network_and_says_where_it_came_from(
    history, tmp_path
):
    rungs = history.family()
    written = write_family(history, rungs, tmp_path / "family")
    filled = [rung for rung in rungs if rung.trial is not None]
    assert [path.stem for path in written] == [rung.name for rung in filled]
    for path, rung in zip(written, filled, strict=True):
        assert load_architecture(str(path)) == rung.trial.architecture
        document = load_document(path).value
        assert document["arch_id"] == rung.trial.arch_id
        assert document["cost"]["flops"] == rung.trial.costs["flops"]
        low, high = document["measured"]["top1_interval"]
        assert low < document["measured"]["top1"] < high
        assert document["found"]["trial"] == rung.trial.number
        assert document["found"]["rung"] == rung.name


def test_a_rung_that_became_empty_loses_its_file(history, tmp_path):
    folder = tmp_path / "family"
    write_family(history, history.family(), folder)
    assert list(folder.iterdir())
    nothing = history.family([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert len(nothing) == RUNGS
    assert write_family(history, nothing, folder) == []
    assert list(folder.iterdir()) == []


def test_an_edited_file_is_refused(history, tmp_path):
    (path, *_) = write_family(history, history.family(), tmp_path / "family")
    text = path.read_text()
    frames = history.family()[0].trial.architecture.clip.frames
    path.write_text(text.replace(f"frames: {frames}", f"frames: {frames + 1}", 1))
    with pytest.raises(ValueError, match=r"`arch_id` must be .* Was the file edited"):
        load_architecture(str(path))
