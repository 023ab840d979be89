"""What stands beside the networks that a study found: scaled ones and streams."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from vidnas.costs import cost
from vidnas.errors import InputError
from vidnas.files.loading import load_architecture
from vidnas.files.yaml_file import load_document
from vidnas.study import Inline, Study, load_experiment, load_history, write_family
from vidnas.study.family.networks import whole_family
from vidnas.study.family.reading import families_there
from vidnas.trials.ladders.stated import ladder_of

LADDER = ("flops", ("flops", "parameters"))


def luck(architecture, *, seed, **rest):
    top1 = 20.0 + architecture.depth + np.random.default_rng(seed).random()
    return {"top1": top1, "val_clips": 10.0}


@pytest.fixture
def searched(experiment_file, dataset, tmp_path):
    """A study of the experiment with more lines, after so many trials."""

    def search(lines="", trials=10):
        text = experiment_file.read_text().replace("family: {ladder: spread}\n", "")
        file = experiment_file.with_name("more.yaml")
        file.write_text(text + lines)
        experiment = load_experiment(file)
        with Study(experiment, dataset, tmp_path / "run", trials=trials) as study:
            return study.run(Inline(), luck, lambda trial: None)

    return search


def test_a_gap_is_filled_only_when_asked_and_marked_as_never_trained(
    searched, tmp_path
):
    history = searched()
    most = max(trial.value("flops") for trial in history.front())
    ladder = ladder_of([most, 4 * most, 8 * most], *LADDER)
    plain = whole_family(history, ladder)
    assert [size.network is None for size in plain.sizes] == [False, True, True]
    assert plain.sizes == history.family(ladder)
    filled = whole_family(history, ladder, fills=True)
    a0, a1, a2 = filled.sizes
    for size, growth in ((a1, 4), (a2, 8)):
        assert size.trial is None
        assert size.filling.of == "a0"
        network = size.filling.architecture
        assert growth / 2 * most < cost(network, 2).flops <= growth * most
        assert size.filling.costs["flops"] == cost(network).flops
        assert f"{size.filling}".startswith("a0 scaled (width x ")
        assert size.emptiness.endswith("; filled by " + str(size.filling))
    written = write_family(history, filled.sizes, tmp_path / "family").written
    document = load_document(written[1]).value
    assert "measured" not in document
    assert document["found"]["scaled"]["of"] == "a0"
    assert document["found"]["scaled"]["trial"] == a0.trial.number
    assert load_architecture(written[1]).classes == 2
    assert load_architecture(written[1]).arch_id == a1.filling.architecture.arch_id
    # It is the study's own, and goes when it is not asked for any more.
    files = write_family(history, plain.sizes, tmp_path / "family")
    assert [path.name for path in files.removed] == ["a1.yaml", "a2.yaml"]


def test_a_twin_beside_each_size_is_the_causal_network_and_its_price(
    searched, tmp_path
):
    history = searched("family: {stream: true, ladder: spread}\n")
    family = whole_family(history)
    filled = [size for size in family.sizes if size.trial]
    assert [twin.name for twin in family.twins] == [f"{s.name}.stream" for s in filled]
    folder = tmp_path / "family"
    files = write_family(history, family.sizes, folder, family.twins)
    assert len(files.written) == 2 * len(filled)
    for twin, size in zip(family.twins, filled, strict=True):
        network = load_architecture(folder / f"{twin.name}.yaml")
        assert network == size.trial.architecture.streaming()
        document = load_document(folder / f"{twin.name}.yaml").value
        assert document["cost"] == cost(network, 2, batch=8).to_document()
        assert document["cost"]["stream_state_values"] > 0 or network.depth < 2
        assert document["found"]["twin_of"]["arch_id"] == size.trial.arch_id
    # A folder of a family names its networks, and no network twice.
    text = (tmp_path / "more.yaml").read_text() + f"baselines: [{folder}]\n"
    (tmp_path / "more.yaml").write_text(text)
    named = load_experiment(tmp_path / "more.yaml").baselines
    assert {one.architecture.arch_id for one in named} == {
        size.trial.arch_id for size in filled
    }


def test_files_are_read_back_as_they_were_written(searched):
    history = searched("family: {fill: true, stream: true, ladder: 200k..3M}\n")
    family = whole_family(history)
    write_family(history, family.sizes, history.folder / "family", family.twins)
    ladder = ladder_of({"flops": [1e6, 2e6], "parameters": [2e3, 9e5]}, *LADDER)
    both = whole_family(history, ladder)
    write_family(history, both.sizes, history.folder / "family-both")
    own, other = families_there(history)
    assert own.folder.name == "family"
    assert own.changes == other.changes == ()
    assert other.sizes == both.sizes
    assert [size.trial for size in own.sizes] == [size.trial for size in family.sizes]
    networks = [size.network for size in family.sizes]
    assert [size.network for size in own.sizes] == networks
    assert {twin.name for twin in own.twins} == {twin.name for twin in family.twins}


def test_what_a_longer_study_would_take_is_told_beside_the_files(searched):
    before = searched()
    sizes = before.family()
    write_family(before, sizes, before.folder / "family")
    after = searched(trials=30)
    (there,) = families_there(after)
    assert [s.trial for s in there.sizes if s.trial] == [
        s.trial for s in sizes if s.trial
    ]
    now = after.family()
    told = dict(change.split(": ") for change in there.changes)
    for was, size in zip(there.sizes, now, strict=True):
        if (was.trial and was.trial.number) != (size.trial and size.trial.number):
            label = f"trial {size.trial.label}" if size.trial else "empty"
            assert told.pop(size.name) == label
    assert told == {}
    assert there.changes  # thirty trials are not ten
    files = write_family(after, now, after.folder / "family")
    assert {path.stem for path, _ in files.replaced} <= {s.name for s in now if s.trial}
    assert files.replaced
    path, arch_id = files.replaced[0]
    assert arch_id == there.sizes[int(path.stem[1:])].trial.arch_id
    assert families_there(after)[0].changes == ()


def test_files_of_before_have_the_sizes_that_they_name(searched):
    history = searched()
    folder = history.folder / "family"
    written = write_family(history, history.family(), folder).written
    for path in written:  # as versions wrote them that knew no ladder there
        lines = path.read_text().splitlines(keepends=True)
        begin = next(n for n, line in enumerate(lines) if "ladder:" in line)
        end = next(n for n, line in enumerate(lines) if line.startswith("  classes"))
        path.write_text("".join(lines[:begin] + lines[end:]))
    (there,) = families_there(history)
    named = [(size.name, size.trial.number) for size in there.sizes]
    assert named == [(s.name, s.trial.number) for s in history.family() if s.trial]


def test_published_networks_are_trained_at_the_budgets_of_the_ladder(searched, dataset):
    lines = (
        "family: {ladder: [400k, 1M]}\n"
        "baselines:\n"
        "- {network: x3d-s, frames: 4, resolution: 8, within: ladder}\n"
        "- {network: movinet-a0, frames: 4, resolution: 8, within: {flops: 900k}}\n"
    )
    history = searched(lines)
    names = [trial.baseline for trial in history.baselines]
    assert names == ["x3d-s-at-a0", "x3d-s-at-a1", "movinet-a0-scaled"]
    budgets = (4e5, 1e6, 9e5)
    for trial, most in zip(history.baselines, budgets, strict=True):
        assert most / 2 < trial.value("flops") <= most
        assert trial.state == "done"
        assert (trial.architecture.clip.frames, trial.architecture.clip.resolution) == (
            4,
            8,
        )
    stated = history.experiment.document["baselines"][0]
    assert set(stated["scaled"]) == {"width", "depth"}
    assert load_history(history.folder).baselines == history.baselines


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            "baselines: [{network: x3d-s, within: ladder}]\n",
            "more.yaml: `within: ladder` of x3d-s needs a `family.ladder` of budgets, "
            "it is spread over the front.",
        ),
        (
            "baselines: [{network: x3d-s, within: {flops: 1 k}}]\n",
            "No width and depth of x3d-s is within 1 k FLOPs; as stated it has ",
        ),
        (
            "baselines: [{network: x3d-s, within: small}]\n",
            "`baselines[0].within` must be `ladder` or budgets such as {flops: 8 M}, "
            "got `small`.",
        ),
        (
            "family: {ladder: {latency_ms: [1, 2]}}\n",
            "a ladder of `latency_ms` needs `latency`, the table of a device",
        ),
        (
            "family: {ladder: {parameters: x3d}}\n",
            "A ladder must rise from budget to budget, got ",
        ),
        ("family: {ladder: spread, fill: 1}\n", "`family.fill` must be true or false"),
    ],
)
def test_what_cannot_be_is_answered_in_a_line(searched, lines, said):
    with pytest.raises(InputError) as refused:
        searched(lines)
    assert said in str(refused.value)


def test_an_experiment_that_asks_for_nothing_is_recorded_as_before(experiment):
    assert experiment.to_document()["family"] == {"ladder": "spread"}
    both = dataclasses.replace(experiment.family, fills=True, streams=True)
    asked = dataclasses.replace(experiment, family=both)
    assert asked.to_document()["family"] == {
        "ladder": "spread",
        "fill": True,
        "stream": True,
    }
    assert isinstance(experiment.path, Path)
