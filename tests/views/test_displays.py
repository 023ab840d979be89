"""What pure values look like in a notebook: drawn, escaped, and nothing else loaded."""

import vidnas
from vidnas.documents.rich_display import Displayed
from vidnas.study import load_history


def test_an_architecture_shows_itself_drawn():
    network = vidnas.published("movinet-a0")
    assert network._repr_svg_().startswith("<svg ")
    assert network._repr_svg_() in network._repr_html_()
    assert 'tabindex="0"' in network._repr_html_()  # it scrolls, by keyboard too


def test_a_cost_shows_its_numbers_in_units():
    html = vidnas.cost(vidnas.published("movinet-a0"))._repr_html_()
    assert "2.63" in html
    assert "stream state" not in html
    stream = vidnas.cost(vidnas.published("movinet-a0", stream=True))
    assert "stream state" in stream._repr_html_()
    assert stream._repr_svg_() is None


def test_a_space_shows_its_size_three_networks_and_its_choices():
    space = vidnas.load_space("quickstart")
    html = space._repr_html_()
    assert "4.31e+12 different" in html
    assert html.count("of 200 sampled, ") >= 3
    assert "while below the depth" in html
    assert html == space._repr_html_()  # the same sample every time


def test_a_trial_shows_what_became_of_it_and_its_network(study_folder):
    history = load_history(study_folder)
    done = next(trial for trial in history.trials if trial.state == "done")
    html = done._repr_html_()
    assert f"trial {done.number}" in html
    assert f"{done.value('top1'):.1f} (" in html
    assert "<svg " in html
    # Its parameters are those of the study's classes: said once, by its costs.
    assert html.count("parameters") == 1
    failed = next(trial for trial in history.trials if trial.state == "failed")
    assert "&lt;script&gt;" in failed._repr_html_()
    assert "<script>" not in failed._repr_html_()


def test_the_sizes_of_a_family_are_drawn_on_one_scale(study_folder):
    study = vidnas.open_study(study_folder)
    family = study.front().family()
    filled = [size for size in family.sizes if size.trial]
    names = [f"{size.name.upper()}, trial {size.trial.number}" for size in filled]
    assert list(family.draw().networks) == names


def test_what_no_view_registered_shows_its_text():
    assert Displayed()._repr_html_() is None
    assert Displayed()._repr_svg_() is None
