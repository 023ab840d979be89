"""`vidnas search` with rungs and `vidnas proxy check`, trained by a stand-in."""

import csv
import json

import numpy as np
import pytest

from vidnas.costs import cost
from vidnas.study import Inline, load_history


@pytest.fixture
def stand_in(monkeypatch):
    """Trials in this process; what fewer epochs say is the truth but for `noise`."""

    def install(noise=0.0):
        def accuracy(architecture, *, fidelity, seed, **rest):
            flops = cost(architecture, classes=8).flops
            taste = 10 * np.sin(float(int(architecture.arch_id, 16) % 1000))
            luck = np.random.default_rng(seed).normal()
            short = 1.0 if fidelity.epochs < 4 else 0.0
            top1 = 40 + 5 * np.log(flops / 1e5) + taste * (1 - short * (noise > 0))
            return {
                "top1": float(np.clip(top1 + short * noise * luck, 0, 100)),
                "val_clips": 100.0,
                "seconds": float(fidelity.epochs),
            }

        monkeypatch.setattr("vidnas.cli.study_run._executor", lambda *given: Inline())
        monkeypatch.setattr("vidnas.cli.study_run.train_in_group", accuracy)

    return install


def with_rungs(folder, rungs):
    path = folder / "experiment.yaml"
    text = path.read_text().replace("{epochs: 1, batch", "{epochs: 4, batch")
    path.write_text(text.replace("{trials: 4}", "{trials: 12}") + rungs)


def test_a_search_says_what_was_compared_and_how_rungs_ranked(folder, vidnas, stand_in):
    stand_in()
    with_rungs(folder, "rungs: {epochs: [1, 2]}\n")
    code, out, err = vidnas("search", "experiment.yaml")
    assert code == 0
    history = load_history(folder / "runs" / "small")
    done = len(history.compared)
    assert f"at 4 epochs: {done} of 12 candidates were trained so far" in out
    assert f"{len(history.trials)} trials of 12 candidates: " in out
    assert "rung of 1 epoch: tau 1.00 at equal FLOPs\n" in out
    assert out.endswith("next    vidnas search experiment.yaml --trials 24\n")
    assert "rungs       1 epoch; 2 epochs; 4 epochs" in err
    assert "(2 epochs)" in err
    page = (folder / "runs" / "small" / "report.html").read_text()
    assert "of 12 candidates, compared at 4 epochs" in page
    assert "1 of 3 of its size goes on" in page
    assert "trained for" in page
    code, out, _ = vidnas("front", "runs/small", "--json")
    assert json.loads(out)["fidelity"] == {"epochs": 4}


def test_trials_frames_tell_fidelities(folder, vidnas, stand_in):
    from vidnas.views.notebook import open_study

    stand_in()
    with_rungs(folder, "rungs: {epochs: [1, 2], frames: [2, 4]}\n")
    assert vidnas("search", "experiment.yaml")[0] == 0
    study = open_study("runs/small")
    trials = study.trials()
    assert set(trials.epochs) == {1, 2, 4}
    assert set(trials[trials.epochs == 1].trained_frames) == {2}
    assert set(trials[trials.epochs == 1].frames) == {4}
    assert set(trials[trials.front].epochs) == {4}
    assert len(study.front()) == trials.front.sum()
    assert " at 4 epochs" in json.dumps(study.front().plot().to_dict())


def test_a_proxy_that_ranks_is_recommended_and_noise_is_not(folder, vidnas, stand_in):
    with_rungs(folder, "")
    check = ("proxy", "check", "experiment.yaml", "--sample", 24)
    for noise, verdict in ((0.0, "recommended"), (10.0, "not recommended: tau at eq")):
        stand_in(noise)
        run = ("--study", f"runs/noise-{noise:g}")
        code, out, _ = vidnas(*check, "--fidelity", "epochs=2", *run)
        assert code == 0
        assert f"2 epochs: {verdict}" in out
        assert "50 %  50 %  50 %" in out
        code, out, _ = vidnas(*check, "--fidelity", "epochs=2", *run, "--json")
        (told,) = json.loads(out)
        assert told["recommended"] == (verdict == "recommended")
        assert told["sample"] == 24
        assert (told["epochs_share"], told["seconds_share"]) == (0.5, 0.5)
    assert not (folder / "runs" / "small").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--fidelity", "epochs=9"), "cheaper than full training (1 epoch), got `ep"),
        (("--fidelity", "side=2"), "`--fidelity` must be such as epochs=2,frames=4"),
        (("--fidelity", "frames=8"), "at most the 4 frames of the smallest clips"),
        (("--fidelity", "frames=2", "--sample", 3), "`--sample` must be at least 6"),
    ],
)
def test_a_wrong_check_is_refused_in_a_line(folder, vidnas, arguments, message):
    code, out, err = vidnas("proxy", "check", "experiment.yaml", *arguments)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert err.startswith("error: ")
    assert message in err


def test_what_was_continued_is_said_everywhere(folder, vidnas, monkeypatch):
    def accuracy(architecture, *, fidelity, seed, watch, **rest):
        kept = watch.kept()
        watch.keep(fidelity.epochs, {"epoch": np.array(fidelity.epochs)})
        flops = cost(architecture, classes=8).flops
        continued = {"continued_epochs": float(kept.epoch)} if kept else {}
        taste = 5 * np.sin(float(int(architecture.arch_id, 16) % 1000))
        top1 = 5 * np.log(flops / 1e3) + taste + fidelity.epochs
        return {"top1": float(top1), "val_clips": 100.0, **continued}

    monkeypatch.setattr("vidnas.cli.study_run._executor", lambda *given: Inline())
    monkeypatch.setattr("vidnas.cli.study_run.train_in_group", accuracy)
    with_rungs(folder, "rungs: {epochs: [1, 2], continue: true}\n")
    code, out, err = vidnas("search", "experiment.yaml")
    assert code == 2
    assert "`rungs.continue` needs another `training.schedule`, got cosine" in err
    path = folder / "experiment.yaml"
    path.write_text(
        path.read_text().replace("{epochs: 4,", "{epochs: 4, schedule: constant,")
    )
    code, out, err = vidnas("search", "experiment.yaml")
    assert code == 0
    assert "rungs       1 epoch; 2 epochs; 4 epochs, each continued" in err
    history = load_history(folder / "runs" / "small")
    last = history.front().trials[-1]
    lower = last.continued_from
    assert history.trials[lower].arch_id == last.arch_id
    assert f"(4 epochs, continued from {lower})" in err
    page = (folder / "runs" / "small" / "report.html").read_text()
    assert f"continued from {lower}" in page
    assert "each training goes on from the rung below" in page
    _, out, _ = vidnas("front", "runs/small", "--json")
    assert json.loads(out)["front"][-1]["continued_from"] == lower
    _, out, _ = vidnas("front", "runs/small", "--csv")
    header, *rows = csv.reader(out.splitlines())
    assert rows[-1][header.index("continued_from")] == str(lower)
    family = (folder / "runs" / "small" / "family").glob("*.yaml")
    assert any(f"continued_from: {lower}\n" in file.read_text() for file in family)
