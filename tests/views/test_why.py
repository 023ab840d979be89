"""What choices are worth, as text, JSON, HTML and frames, of one study."""

import json
import re
from dataclasses import replace

import pytest

from vidnas.architecture.published import published
from vidnas.cli.main import main
from vidnas.errors import InputError, SpaceError
from vidnas.space.choice_space import ChoiceSpace
from vidnas.trials.objectives import STANDARD
from vidnas.views.notebook import StudyView, open_study
from vidnas.views.pages.report import write_report
from vidnas.views.pages.why_section import why_section

CHOICE = "stage3.squeeze_excite"


@pytest.fixture(scope="module")
def study(planted):
    return open_study(planted)


@pytest.fixture(scope="module")
def found(study):
    return study.why()


def test_the_planted_choice_comes_first_with_its_ten_points(found):
    importance, effects = found.importance(), found.effects()
    assert importance["choice"].iloc[0] == CHOICE
    first = importance.iloc[0]
    assert 0.0 < first.low < first.share < first.high < 1.0
    off, on = effects[effects["choice"] == CHOICE].itertuples()
    assert (off.option, on.option) == ("false", "true")
    assert on.points - off.points == pytest.approx(10.0, abs=2.0)
    assert on.low < on.points < on.high
    assert found.front_shares().columns.tolist() == [
        "choice",
        "option",
        "members",
        "near",
        "luck",
    ]


def test_the_command_prints_and_writes_the_same(planted, found, capsys):
    assert main(["why", str(planted)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"Top-1 at equal FLOPs depends on {CHOICE}")
    assert re.search(rf"{CHOICE} +\d+ % \(\d+ to \d+\) +false +-\d\.\d", said)
    assert "accuracies deviate by" in said
    assert main(["why", str(planted), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["at_equal"] == ["flops"]
    first, *_ = facts["choices"]
    assert first["choice"] == CHOICE
    assert first["share"] == found.importance()["share"].iloc[0]
    assert [one["option"] for one in first["options"]] == ["false", "true"]


def test_the_report_has_a_section_of_it_and_the_notebook_shows_the_same(
    planted, study, found, tmp_path
):
    write_report(study.history, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    shown = found._repr_html_()
    assert f"<h2>Why these networks</h2>{shown}</section>" in page
    assert re.search(rf">{CHOICE}: \d+ % \(\d+ to \d+\) of the variance</th>", shown)
    drawn = re.findall(r'<circle cx="([\d.]+)"', shown)[:2]
    assert float(drawn[0]) < 55.0 < float(drawn[1])  # to either side of nothing
    assert f"depends on {CHOICE}" in repr(found)


def test_a_study_in_which_nothing_matters_says_so(study):
    flat = [
        replace(t, measured={"top1": 50.0, "val_clips": 256.0})
        for t in study.history.trials
    ]
    view = StudyView(replace(study.history, trials=tuple(flat)))
    nothing = view.why()
    assert "No choice of 40 networks moves top-1 at equal FLOPs more" in repr(nothing)
    assert len(nothing.importance()) == len(nothing.effects()) == 0
    assert "<table>" not in nothing._repr_html_()
    few = StudyView(replace(study.history, trials=tuple(flat[:5]))).why()
    assert repr(few) == (
        "<why: 5 networks done at full fidelity say nothing of choices; at least 16 "
        "may.>"
    )


def test_names_that_a_user_gave_are_escaped(found):
    first, *_ = found.why.influences
    named = replace(first, choice="<b>wide</b>", alike=("<i>",), effects=())
    page = why_section(replace(found.why, influences=(named,)), STANDARD)
    assert "&lt;b&gt;wide&lt;/b&gt; (or &lt;i&gt;, which go along with it)" in page
    assert "cannot be told apart from what they cost" in page


def test_trials_have_a_column_per_choice_where_asked_for(study):
    plain, frame = study.trials(), study.trials(choices=True)
    space = study.history.experiment.read_space()
    assert list(frame.columns[: len(plain.columns)]) == list(plain.columns)
    assert list(frame.columns[len(plain.columns) :]) == [c.name for c in space.choices]
    assert len(frame) == len(plain)
    rows = frame.itertuples(index=False)
    for row, trial in zip(rows, study.history.trials, strict=True):
        values = dict(zip(frame.columns, row, strict=True))
        last = trial.architecture.stages[-1]
        assert values["stage3.depth"] == len(last.layers)
        assert values[CHOICE] == bool(last.layers[0].squeeze_excite)
        assert values["stage3.layer0.kernel"] == str(last.layers[0].kernel)
        absent = values["stage3.layer2.kernel"]
        assert (absent != absent) == (len(last.layers) < 3)
    assert str(frame["stage3.depth"].dtype) == "Int64"
    assert str(frame[CHOICE].dtype) == "boolean"


def test_a_choice_named_as_another_column_keeps_both(study, monkeypatch):
    space = ChoiceSpace.of("plain", {"depth": (1, 2), "rate": (0.5, 1.0)})
    trials = [replace(t, candidate=(1, 0)) for t in study.history.trials]
    history = replace(study.history, trials=tuple(trials))
    kind = type(history.experiment)
    monkeypatch.setattr(kind, "read_space", lambda facts: space)
    frame = StudyView(history).trials(choices=True)
    assert frame["choice.depth"].tolist() == [2] * len(frame)
    assert frame["rate"].tolist() == [0.5] * len(frame)
    assert frame["depth"].tolist() == [t.architecture.depth for t in trials]


def test_an_estimate_has_an_interval_and_knows_what_was_trained(study):
    trial = study.history.trials[3]
    one = study.estimate(trial.architecture)
    low, high = one.interval
    assert low < one.accuracy < high
    assert low <= trial.measured["top1"] <= high
    assert (one.trials, one.measured) == ((3,), trial.measured["top1"])
    assert one.knows_something
    assert re.fullmatch(
        r"<estimate [\d.]+ % top-1 \([\d.]+ to [\d.]+\) from 40 networks, \d+ % of "
        r"whose variance is foretold; trained as 3: [\d.]+ %>",
        repr(one),
    )


def test_an_estimate_of_a_network_that_nobody_trained_follows_the_planted_choice(study):
    space, trial = study.history.experiment.read_space(), study.history.trials[0]
    at = space.positions[CHOICE]
    pair = [
        space.decode((*trial.candidate[:at], option, *trial.candidate[at + 1 :]))
        for option in (0, 1)
    ]
    off, on = map(study.estimate, pair)
    assert on.accuracy > off.accuracy + 4.0
    assert {off.measured is None, on.measured is None} == {True, False}


def test_what_cannot_be_estimated_is_refused_with_its_reason(study):
    with pytest.raises(SpaceError, match="must have 3 stages, got 5"):
        study.estimate(published("movinet-a0"))
    few = replace(study.history, trials=study.history.trials[:4])
    with pytest.raises(InputError, match=r"at least 8 networks .*, got 4\."):
        StudyView(few).estimate(study.history.trials[0].architecture)
