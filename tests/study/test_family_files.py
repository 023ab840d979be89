import numpy as np
import pytest

from vidnas.files.loading import load_architecture
from vidnas.files.yaml_file import load_document
from vidnas.study import Inline, Study, write_family
from vidnas.trials.family import FAMILY_SIZES


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
    sizes = history.family()
    written = write_family(history, sizes, tmp_path / "family")
    filled = [size for size in sizes if size.trial is not None]
    assert [path.stem for path in written] == [size.name for size in filled]
    for path, size in zip(written, filled, strict=True):
        assert load_architecture(str(path)) == size.trial.architecture
        document = load_document(path).value
        assert document["arch_id"] == size.trial.arch_id
        assert document["cost"]["flops"] == size.trial.costs["flops"]
        low, high = document["measured"]["top1_interval"]
        assert low < document["measured"]["top1"] < high
        assert document["found"]["trial"] == size.trial.number
        assert document["found"]["size"] == size.name


def test_a_rung_that_became_empty_loses_its_file(history, tmp_path):
    folder = tmp_path / "family"
    write_family(history, history.family(), folder)
    assert list(folder.iterdir())
    nothing = history.family([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert len(nothing) == FAMILY_SIZES
    assert write_family(history, nothing, folder) == []
    assert list(folder.iterdir()) == []


def test_an_edited_file_is_refused(history, tmp_path):
    (path, *_) = write_family(history, history.family(), tmp_path / "family")
    text = path.read_text()
    frames = history.family()[0].trial.architecture.clip.frames
    path.write_text(text.replace(f"frames: {frames}", f"frames: {frames + 1}", 1))
    with pytest.raises(ValueError, match=r"`arch_id` must be .* Was the file edited"):
        load_architecture(str(path))
