import dataclasses

import numpy as np
import pytest

from vidnas.errors import StudyError
from vidnas.files.loading import load_architecture
from vidnas.files.yaml_file import dump_document, load_document
from vidnas.study import Inline, Study, write_family
from vidnas.study.experiment.stated_family import LADDER_COSTS
from vidnas.study.family.documents import family_document
from vidnas.study.family.files import FamilyFiles, stated_folder
from vidnas.trials.ladders.spread import FAMILY_SIZES
from vidnas.trials.ladders.stated import ladder_of


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
    written = write_family(history, sizes, tmp_path / "family").written
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


def test_a_size_that_became_empty_loses_its_file(history, tmp_path):
    folder = tmp_path / "family"
    before = write_family(history, history.family(), folder).written
    nothing = history.family([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert len(nothing) == FAMILY_SIZES
    assert write_family(history, nothing, folder) == FamilyFiles((), before)
    assert list(folder.iterdir()) == []


def test_a_shorter_ladder_leaves_no_old_sizes_beside_new_ones(history, tmp_path):
    folder = tmp_path / "family"
    before = write_family(history, history.family(), folder).written
    most = max(trial.value("flops") for trial in history.front().trials)
    after = write_family(history, history.family([most]), folder)
    assert [path.name for path in after.written] == ["a0.yaml"]
    assert set(after.removed) == set(before) - set(after.written)
    assert list(folder.iterdir()) == [folder / "a0.yaml"]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def somebodys(folder, history):
    (folder / "a1.yaml").write_text("schema: mine")


def of_another_study(folder, history):
    other = dataclasses.replace(history, study_id="0" * 16)
    (folder / "a1.yaml").write_text(
        dump_document(family_document(other, *filled(history)[-1]))
    )


def edited(folder, history):
    size, trial = filled(history)[0]
    document = family_document(history, size, trial)
    document["clip"]["frames"] += 1
    del document["arch_id"]
    (folder / "a1.yaml").write_text(dump_document(document))


def a_folder(folder, history):
    (folder / "a1.yaml").mkdir()
    (folder / "a1.yaml" / "kept").touch()


def filled(history):
    return [(size, size.trial) for size in history.family() if size.trial is not None]


@pytest.mark.parametrize("put", [somebodys, of_another_study, edited])
def test_other_peoples_files_are_named_before_anything_is_written(
    put, history, tmp_path
):
    folder = tmp_path / "mine"
    folder.mkdir()
    put(folder, history)
    before = contents(folder)
    with pytest.raises(StudyError, match=r"a1\.yaml must be free or a family file of"):
        write_family(history, history.family(), folder)
    assert contents(folder) == before


def test_a_folder_of_a_sizes_name_and_a_link_are_left_alone(history, tmp_path):
    for name, put in (("folder", a_folder), ("link", None)):
        folder = tmp_path / name
        folder.mkdir()
        if put is None:
            (tmp_path / "target").write_text("kept")
            (folder / "a1.yaml").symlink_to(tmp_path / "target")
        else:
            put(folder, history)
        with pytest.raises(StudyError, match=r"a1\.yaml must be free"):
            write_family(history, history.family(), folder)
    assert (tmp_path / "target").read_text() == "kept"


def test_a_link_in_the_study_is_not_written_through(history, tmp_path):
    target = tmp_path / "elsewhere"
    target.mkdir()
    (history.folder / "family").symlink_to(target)
    with pytest.raises(StudyError, match="own, it is a symbolic link"):
        write_family(history, history.family(), history.folder / "family")
    assert list(target.iterdir()) == []


def test_what_is_no_size_of_the_family_is_left_alone(history, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("a17.yaml", "b0.yaml", "notes.txt"):
        (folder / name).write_text("mine")
    files = write_family(history, history.family(), folder)
    assert files.removed == ()
    assert (folder / "a17.yaml").read_text() == "mine"


def test_files_of_before_count_as_own_inside_the_study_alone(history, tmp_path):
    size, trial = filled(history)[0]
    document = family_document(history, size, trial)
    del document["found"]["study_id"]
    inside, outside = history.folder / "family", tmp_path / "elsewhere"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "a0.yaml").write_text(dump_document(document))
    assert write_family(history, history.family(), inside).written
    with pytest.raises(StudyError, match=r"elsewhere/a0\.yaml must be free"):
        write_family(history, history.family(), outside)


def test_a_study_without_a_done_trial_has_no_family(history, tmp_path):
    nothing = dataclasses.replace(history, trials=())
    with pytest.raises(StudyError, match="A family needs a trial done at 2 epochs"):
        write_family(nothing, nothing.family(), tmp_path / "family")
    assert not (tmp_path / "family").exists()


FLOPS_ALONE = ("flops", LADDER_COSTS)


@pytest.mark.parametrize(
    ("ladder", "name"),
    [
        ([2e6, 5e6, 1e7], "family-2M-5M-10M"),
        ([1.5e6, 1234567], "family-1.5M-1234567"),
        ([999, 2.7e9, 3e12], "family-999-2.7G-3T"),
        ([0.5], "family-0.5"),
        ("movinet", "family-movinet"),
        ("spread", "family-spread"),
        ({"sizes": 4}, "family-spread-4"),
        (
            {"parameters": ["40k", "90k"], "flops": "spread"},
            "family-parameters-40k-90k-flops-spread-2",
        ),
    ],
)
def test_a_ladder_has_a_folder_of_its_name(ladder, name):
    assert stated_folder(ladder_of(ladder, *FLOPS_ALONE), "flops") == name


def test_a_long_ladder_has_a_short_name_of_its_own():
    ladders = [[1e6 + step * n for n in range(60)] for step in (1, 2, 3)]
    stated = [ladder_of(budgets, *FLOPS_ALONE) for budgets in ladders]
    names = {stated_folder(ladder, "flops") for ladder in stated}
    assert len(names) == 3
    assert max(map(len, names)) < 100


def test_an_edited_file_is_refused(history, tmp_path):
    (path, *_) = write_family(history, history.family(), tmp_path / "family").written
    text = path.read_text()
    frames = history.family()[0].trial.architecture.clip.frames
    path.write_text(text.replace(f"frames: {frames}", f"frames: {frames + 1}", 1))
    with pytest.raises(ValueError, match=r"`arch_id` must be .* Was the file edited"):
        load_architecture(str(path))
