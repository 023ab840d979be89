"""What the documents show must work as shown."""

import re
from pathlib import Path
from typing import Any

import pytest

from vidnas.runs.documents import load_space

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
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_the_python_of_the_keras_tuner_page_runs(monkeypatch, tmp_path):
    (tmp_path / "search_spaces").symlink_to(ROOT / "search_spaces")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in blocks("docs/keras_tuner.md", "python"):
        exec(block, names)
    flops = names["vidnas"].cost(names["network"], classes=2).flops
    assert flops <= names["hypermodel"].budgets.limits[0].maximum
    assert len(names["oracle"].trials) == 3


@pytest.mark.parametrize("page", ["docs/spaces.md", "README.md"])
def test_every_space_that_is_shown_can_be_loaded(page, tmp_path):
    shown = [b for b in blocks(page, "yaml") if b.startswith("schema: vidnas.space")]
    assert shown
    for block in shown:
        (tmp_path / "space.yaml").write_text(block)
        assert load_space(tmp_path / "space.yaml").count() > 1


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


@pytest.mark.parametrize("page", ["README.md", "docs/training.md"])
def test_every_training_that_is_shown_can_be_typed(page):
    from vidnas.cli.main import parser

    shown = re.findall(
        r"^vidnas (train .*?)(?: *#.*)?$", "".join(blocks(page, "sh")), re.M
    )
    assert shown
    for line in shown:
        parser().parse_args(line.split())


def test_links_between_documents_lead_somewhere():
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"
