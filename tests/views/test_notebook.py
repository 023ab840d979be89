import subprocess
import sys
from dataclasses import replace

import pytest

from vidnas.errors import InputError, StudyError
from vidnas.files.loading import load_architecture
from vidnas.views.notebook import StudyView, open_study


@pytest.fixture(scope="module")
def study(study_folder):
    return open_study(str(study_folder))


def test_the_usage_of_the_design_works(study, history, tmp_path):
    assert len(study.trials()) == len(history.trials)
    front = study.front("flops", "top1")
    volume = front.hypervolume(reference={"flops": 5e8, "top1": 0.0})
    assert volume == history.front().hypervolume({"flops": 5e8, "top1": 0.0})
    assert front.plot().to_dict()["layer"]
    family = front.family([3e6, 8e6, 2e7])
    written = family.write(tmp_path / "family")
    filled = [size for size in family.sizes if size.trial is not None]
    assert [path.name for path in written] == [f"{r.name}.yaml" for r in filled]
    for path, size in zip(written, filled, strict=True):
        assert load_architecture(str(path)).arch_id == size.trial.arch_id


def test_the_front_is_over_the_objectives_that_were_named(study):
    front = study.front("parameters", "top1")
    table = front.table()
    assert table["parameters"].is_monotonic_increasing
    assert table["top1"].is_monotonic_increasing
    assert len(front) == len(table)
    assert study.front("training_bytes", "top5").table()["training_bytes"].gt(0).all()


def test_an_unknown_objective_is_answered_with_the_nearest(study):
    with pytest.raises(InputError, match=r"got `flop`\. Did you mean `flops`\?"):
        study.front("flop", "top1")
    with pytest.raises(InputError, match=r"different objectives .* got top1, top1"):
        study.front("top1", "top1")


def test_a_number_that_was_not_measured_is_named(study):
    bare = [
        replace(t, measured={"top1": 50.0}) if t.state == "done" else t
        for t in study.history.trials
    ]
    view = StudyView(replace(study.history, trials=tuple(bare)))
    with pytest.raises(InputError, match=r"must have `seconds` .* has none"):
        view.front("seconds", "top1")


def test_a_family_comes_from_flops_and_accuracy_only(study):
    with pytest.raises(InputError, match="over flops and top1, got parameters, top1"):
        study.front("parameters", "top1").family()


def test_a_ladder_may_be_spelled_with_units(study):
    family = study.front("flops", "top1").family(["3 M", "20 M"])
    assert list(family.table()["budget"]) == [3e6, 20e6]
    with pytest.raises(InputError, match="or a published network, got `twenty`"):
        study.front("flops", "top1").family(["twenty"])


def test_a_family_by_default_is_the_experiments(study, history):
    assert study.front("flops", "top1").family().sizes == history.family()


def test_views_show_themselves_with_user_text_escaped(study):
    shown = study._repr_html_()
    assert "&lt;script&gt;alert" in shown
    assert "<script>" not in shown
    assert study.front().table()["arch_id"].iloc[0] in study.front()._repr_html_()
    family = study.front().family([1e3, 3e7])
    assert "a0 is empty" in family._repr_html_()
    assert repr(family) == "<family of 2 sizes: a1>"


def test_a_folder_without_a_journal_is_no_study(tmp_path):
    with pytest.raises(StudyError, match=r"must hold journal\.jsonl"):
        open_study(tmp_path)


def test_opening_a_study_loads_no_frames_and_no_pictures():
    code = (
        "import sys, vidnas.views.notebook;"
        "heavy = {'pandas', 'altair', 'tensorflow', 'keras', 'ray'} & set(sys.modules);"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
