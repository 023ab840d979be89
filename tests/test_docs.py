"""What the documents show must work as shown."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vidnas.budgets import Budget, Budgets, Pricing
from vidnas.documents.node import Node, Origin
from vidnas.files.loading import load_space
from vidnas.files.yaml_file import load_document
from vidnas.integrations.optuna import OptunaStrategy
from vidnas.space import read_space
from vidnas.space.language.functions import FUNCTIONS
from vidnas.space.language.places import PLACES
from vidnas.strategies import STRATEGIES, SearchState
from vidnas.study import load_experiment
from vidnas.study.experiment.named_strategy import read_strategy

ROOT = Path(__file__).parents[1]


def blocks(name: str, language: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_python_of_the_space_page_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    for block in blocks("docs/spaces.md", "python"):
        exec(block, names)
    assert names["small"].count() == 160


@pytest.mark.keras
# Keras 3.15 hands its variables to h5py by the protocol of NumPy 1.
def test_the_python_of_the_keras_tuner_page_runs(monkeypatch, tmp_path):
    (tmp_path / "search_spaces").symlink_to(ROOT / "search_spaces")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in blocks("docs/keras_tuner.md", "python"):
        exec(block, names)
    flops = names["vidnas"].cost(names["network"], classes=2).flops
    assert flops <= names["hypermodel"].budgets.limits[0].maximum
    assert len(names["oracle"].trials) == 3


def test_the_python_of_the_strategy_page_runs():
    names: dict[str, Any] = {}
    strategy, line, problem = blocks("docs/strategies.md", "python")
    exec(strategy, names)
    assert line.endswith('STRATEGIES["novelty"] = Novelty\n')
    exec(problem, names)
    flops = [trial.value("flops") for trial in names["trials"]]
    assert len(names["front"]) > 2
    assert len(flops) == 24
    assert max(flops) <= 5000


def test_the_strategy_of_the_page_is_one_line_away_from_an_experiment(monkeypatch):
    names: dict[str, Any] = {}
    exec(blocks("docs/strategies.md", "python")[0], names)
    monkeypatch.setitem(STRATEGIES, "novelty", names["Novelty"])
    node = Node({"name": "novelty", "drawn": 32}, Origin("shown"))
    space = load_space(ROOT / "search_spaces" / "quickstart.yaml")
    strategy, document = read_strategy(node, space)
    assert strategy == names["Novelty"](drawn=32)
    assert document == {"name": "novelty", "drawn": 32}


def test_the_strategy_of_the_page_keeps_what_strategies_promise(make_space):
    names: dict[str, Any] = {}
    exec(blocks("docs/strategies.md", "python")[0], names)
    space = make_space(depth=(1, 2), kernel=("1x3x3", "3x3x3"))
    propose, rng = names["Novelty"]().propose, np.random.default_rng
    six = propose(SearchState(space, Budgets((), Pricing()), []), rng(0), 50)
    assert len(set(six.candidates)) == len(six.candidates) == 6
    assert propose(SearchState(space, Budgets((), Pricing()), []), rng(0), 50) == six
    none = propose(
        SearchState(space, Budgets((Budget("flops", 1.0),), Pricing()), []), rng(0), 1
    )
    assert none.candidates == ()
    assert none.refused["flops"] > 0


def test_every_strategy_has_a_line_on_its_page():
    page = (ROOT / "docs" / "strategies.md").read_text(encoding="utf-8")
    for name, kind in {**STRATEGIES, "optuna": OptunaStrategy}.items():
        assert f"| `{name}` |" in page, name
        for option in dataclasses.fields(kind):
            assert f"`{option.name}`" in page, f"{name}: {option.name}"


# What a fragment is shown within.
AROUND = """\
schema: vidnas.space/v1
name: around
clip: {frames: 8, resolution: 32}
stem: {width: 16}
stages: [{width: 16, depth: 1, kernel: 3x3x3, expand: 2}]
head: {width: 32, hidden: 0}
"""


@pytest.mark.parametrize("page", ["docs/spaces.md", "README.md"])
def test_every_space_that_is_shown_can_be_loaded(page, tmp_path):
    shown = [b for b in blocks(page, "yaml") if b.startswith("schema: vidnas.space")]
    assert shown
    for block in shown:
        (tmp_path / "space.yaml").write_text(block)
        assert load_space(tmp_path / "space.yaml").count() > 0


def test_every_fragment_of_a_space_that_is_shown_can_be_loaded(write):
    shown = [b for b in blocks("docs/spaces.md", "yaml") if "schema:" not in b]
    assert shown
    for block in shown:
        document = load_document(write(AROUND)).value
        fragment = load_document(write(block)).value
        whole = Node({**document, **fragment}, Origin("shown"))
        assert read_space(whole).count() > 1


def test_the_experiment_of_the_space_page_can_be_read(tmp_path):
    *_, space, experiment = [
        b for b in blocks("docs/spaces.md", "yaml") if b.startswith("schema: ")
    ]
    (tmp_path / "slim.yaml").write_text(space)
    (tmp_path / "slim_search.yaml").write_text(experiment)
    assert load_experiment(tmp_path / "slim_search.yaml").space.name == "slim"


def test_every_place_has_a_line_on_the_space_page():
    page = (ROOT / "docs" / "spaces.md").read_text(encoding="utf-8")
    table = page[page.index("## Places") : page.index("## Names")]
    for part, places in PLACES.items():
        for key in places:
            told = key if part in ("network", "stage") else f"{part}.{key}"
            assert f"`{told}`" in table, told


def test_every_function_has_a_line_on_the_space_page():
    page = (ROOT / "docs" / "spaces.md").read_text(encoding="utf-8")
    table = page[page.index("## Expressions") : page.index("## Rules")]
    for word in FUNCTIONS:
        assert re.search(rf"[` ]{re.escape(word)}[` (]", table), word


def test_every_command_of_the_readme_is_a_command():
    import argparse

    from vidnas.cli.main import parser

    def verbs(grammar: argparse.ArgumentParser) -> set[str]:
        actions = [
            a for a in grammar._actions if isinstance(a, argparse._SubParsersAction)
        ]
        return set(actions[0].choices) if actions else set()

    text = "".join(blocks("README.md", "sh"))
    shown = set(re.findall(r"^vidnas ([a-z]+)", text, re.MULTILINE))
    assert shown <= verbs(parser())
    assert {"space", "cost", "search", "front", "family", "report", "data"} <= shown


def test_links_between_documents_lead_somewhere():
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_path_that_contributors_are_sent_to_exists():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+/[\w.]*)`( \(to come\))?", page)
    assert len(named) > 15
    assert [p for p, coming in named if not coming and not (ROOT / p).exists()] == []


def test_the_map_for_contributors_shows_every_room():
    (drawn,) = blocks("CONTRIBUTING.md", "text")
    rooms = {path.parent.name for path in (ROOT / "vidnas").glob("*/__init__.py")}
    assert set(re.findall(r"\b(\w+)/", drawn)) == rooms


def test_contributors_get_ten_answers_of_one_file_each():
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+\?) \| (.+) \|$", page, re.MULTILINE)
    assert len(rows) == 10
    assert all("`vidnas/" in answer for _, answer in rows)
