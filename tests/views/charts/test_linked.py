"""Panels that are brushed together, over costs and choices."""

import pytest

import vidnas
from vidnas.errors import InputError


def panels(spec):
    return [panel for row in spec["vconcat"] for panel in row["hconcat"]]


def test_every_panel_shows_all_networks_and_hears_of_every_brush(planted):
    study = vidnas.open_study(planted)
    spec = study.explore().to_dict()
    brushes = {param["name"]: param for param in spec["params"]}
    assert {b["select"]["resolve"] for b in brushes.values()} == {"intersect"}
    assert brushes["pick"]["select"]["encodings"] == ["x"]
    held = [view for b in brushes.values() for view in b["views"]]
    assert sorted(held) == sorted(panel["name"] for panel in panels(spec))
    for panel in panels(spec):
        for channel in ("color", "opacity"):
            told = panel["encoding"][channel]["condition"]["test"]
            assert told == {"and": [{"param": "brush"}, {"param": "pick"}]}
    (rows,) = spec["datasets"].values()
    assert len(rows) == sum(t.state == "done" for t in study.history.compared)
    # what matters comes first, and each network stands where it chose to
    first = panels(spec)[3]["encoding"]["x"]
    assert first["title"].startswith(study.why().why.influences[0].choice)
    chosen = {row["trial"]: row["choice stage3.squeeze_excite"] for row in rows}
    for trial in study.history.compared:
        if trial.state == "done":
            excited = bool(trial.architecture.stages[-1].layers[0].squeeze_excite)
            assert chosen[trial.number] == str(excited).lower()


def test_choices_may_be_named(study_folder):
    study = vidnas.open_study(study_folder)
    spec = study.explore("stage2.kernel", "clip.frames").to_dict()
    titles = [panel["encoding"]["x"]["title"] for panel in panels(spec)[3:]]
    assert titles == ["stage2.kernel, of most layers", "clip.frames"]
    with pytest.raises(InputError, match=r"got `stage2.kernels`. Did you mean"):
        study.explore("stage2.kernels")


def test_nothing_done_gives_no_panels(unfinished):
    with pytest.raises(InputError, match="needs a done trial"):
        vidnas.open_study(unfinished.folder).explore()
