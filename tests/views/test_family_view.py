"""A family in a notebook: any ladder, and streams and fillings beside its sizes."""

import json
from dataclasses import replace

import pytest

from vidnas.study.family.networks import whole_family
from vidnas.study.family.reading import families_there
from vidnas.trials.noise.equal_budgets import baselines_within
from vidnas.views.notebook import StudyView
from vidnas.views.pages.family_section import family_section, shown_families


@pytest.fixture
def front(history):
    return StudyView(history).front()


def test_any_ladder_makes_a_family_that_shows_itself(front):
    family = front.family({"flops": "spread", "weights_bytes": ["64 KiB", "1 MiB"]})
    table = family.table()
    assert list(table["budget_weights_bytes"]) == [2.0**16, 2.0**20]
    filled = table[table["trial"].notna()]
    assert (filled["weights_bytes"] <= filled["budget_weights_bytes"]).all()
    assert (table["baseline"] == "").all()
    assert len(front.family("movinet")) == 6
    named = front.family([12e6, 50e6, 90e6], fill=True, stream=True)
    assert list(named.streams()["stream"]) == [
        f"{size.name}.stream" for size in named.sizes if size.network
    ]
    assert (named.streams()["found"] == False).all()  # noqa: E712
    shown = named._repr_html_()
    assert "a0.stream" in shown
    assert "a0 scaled (width x 1." in shown
    assert len(front.family("1M..8M")) == 6


def test_what_a_written_family_replaces_or_removes_is_warned_of(front, tmp_path):
    first = front.family([1e6, 4e6, 1e7], stream=True)
    written = first.write(tmp_path / "family")
    assert [path.name for path in written][:2] == ["a0.yaml", "a0.stream.yaml"]
    with pytest.warns(UserWarning, match="an earlier family of this study") as told:
        front.family([3e6]).write(tmp_path / "family")
    said = [str(one.message) for one in told]
    assert f"removed {tmp_path / 'family' / 'a2.yaml'}, of an earlier family" in (
        "\n".join(said)
    )
    held = [words for words in said if " held " in words]
    assert len(held) == 1  # a0 is another network now
    assert first.sizes[0].trial.arch_id in held[0]


def test_baselines_stand_beside_the_sizes_that_hold_them(compared):
    family = StudyView(compared).front().family([8e6, 2e7])
    table = family.table()
    # The baseline of 17 M FLOPs is better than all; the one of 10 M is in its budget.
    assert list(table["baseline"]) == ["", "small <b>tsm</b>"]
    (beside,) = baselines_within(
        family.sizes[1:], compared.baselines, compared.accuracy
    )
    assert table["ahead"][1] == beside.ahead
    assert "small &lt;b&gt;tsm&lt;/b&gt; 98.0, -" in family._repr_html_()


def test_a_brush_within_budgets_has_what_keeps_to_them_alone(compared):
    front = StudyView(compared).front().within(flops="5 M")
    document = front.explore().to_dict()
    drawn = rows_in(document)
    assert drawn
    assert all(row["flops"] <= 5e6 for row in drawn)
    assert {row["trial"] for row in front_rows(drawn)} == {t.number for t in front}
    assert "flops <= 5 M" in json.dumps(document)


def rows_in(document):
    """Rows of points, wherever they lie in a chart."""
    if isinstance(document, dict):
        found = [document] if {"trial", "kind", "flops"} <= document.keys() else []
        return found + [row for one in document.values() for row in rows_in(one)]
    if isinstance(document, list):
        return [row for one in document for row in rows_in(one)]
    return []


def front_rows(rows):
    return [row for row in rows if row["kind"] != "done trial"]


def test_the_page_shows_the_family_that_the_files_hold(history, tmp_path):
    here = replace(history, folder=tmp_path / "run")
    text = family_section(here, shown_families(here))
    own = here.family()
    assert all(size.trial.arch_id in text for size in own if size.trial)
    early = replace(here, trials=here.trials[:12])
    StudyView(early).front().family(stream=True).write(here.folder / "family")
    far = StudyView(here).front().family([12e6, 50e6, 90e6], fill=True)
    far.write(here.folder / "family-far")
    held, other = families_there(here)
    text = family_section(here, shown_families(here))
    for size in early.family():
        assert size.trial is None or size.trial.arch_id in text
    gone = {size.trial.arch_id for size in own if size.trial}
    gone -= {size.trial.arch_id for size in (*held.sizes, *other.sizes) if size.trial}
    assert gone
    assert not any(arch_id in text for arch_id in gone)
    assert "By what the study holds now it would be " in text
    assert all(change in text for change in held.changes)
    assert "Beside each network its streaming twin" in text
    assert "<h3>family-far</h3>" in text
    assert "2 empty sizes hold the network of another size" in text
    assert whole_family(here).sizes == own
