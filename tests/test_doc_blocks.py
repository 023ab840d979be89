"""Every code block of the documents runs, is read, or is understood, as it stands."""

import math
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vidnas
from vidnas.cli.main import parser
from vidnas.cli.study_folder import seeded
from vidnas.costs import cost
from vidnas.datasets.motion.generate import write_video
from vidnas.files.yaml_file import dump_document, load_document
from vidnas.study import Dataset, Inline, Study, load_experiment, write_family
from vidnas.study.experiment.baselines import read_baselines

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]
# Pages whose Python has a test of its own, which looks at what it computed.
OWN_TEST = {"docs/spaces.md", "docs/keras_tuner.md", "docs/strategies.md"}
CLASSES = tuple("abcdefgh")
# A file that a page shows in whole, and tells its reader to save.
SAVED = re.compile(r"Save this as `(\S+\.yaml)`[^`]*\n\n```yaml\n(.*?)```", re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def formula(architecture: Any, **_: Any) -> dict[str, float]:
    """A stand-in for training."""
    priced = cost(architecture, classes=len(CLASSES))
    top1 = 90.0 * (1 - math.exp(-((priced.flops / 3e6) ** 0.7)))
    return {
        "top1": top1,
        "val_clips": 384.0,
        "peak_bytes": float(priced.training_bytes),
    }


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of somebody who has run the quickstart; trainings by a formula."""
    folder = tmp_path_factory.mktemp("documents")
    for name in ("search_spaces", "experiments"):
        shutil.copytree(ROOT / name, folder / name)
    experiment = load_experiment(folder / "experiments" / "quickstart.yaml")
    dataset = Dataset("clips", CLASSES, train_clips=800, val_clips=384)
    with Study(experiment, dataset, folder / "runs" / "quickstart") as study:
        history = study.run(Inline(), formula, lambda trial: None)
    for page in PAGES:
        for name, text in SAVED.findall((ROOT / page).read_text(encoding="utf-8")):
            (folder / "experiments" / name).write_text(text)
    for other in ("quickstart", "other", "wider"):
        target = folder / "runs" / other
        if not target.exists():
            shutil.copytree(folder / "runs" / "quickstart", target)
        write_family(history, history.family(), target / "family")
    # The experiment that one page shows and another line of it runs.
    (scored,) = (b for b in blocks("docs/live.md", "yaml") if "scored.yaml" in b)
    (folder / "scored.yaml").write_text(scored)
    for seed in (1, 2):
        one = seeded(experiment, seed)
        with Study(one, dataset, folder / "runs" / one.name, trials=4) as study:
            study.run(Inline(), formula, lambda trial: None)
    return folder


@pytest.fixture
def trained(studied: Path) -> Path:
    """The same with a video, and a network trained in full; its weights are fresh."""
    from vidnas.nets import build
    from vidnas.nets.weights.weights_file import pack_weights

    # A network that can stream: the causal twin of the smallest published one.
    network = vidnas.published("movinet-t0", stream=True).at(4, 32)
    folder = studied / "runs" / "train" / "a2"
    folder.mkdir(parents=True, exist_ok=True)
    document = {"schema": "vidnas.architecture/v1", **network.to_document()}
    (folder / "architecture.yaml").write_text(dump_document(document))
    (folder / "weights.npz").write_bytes(pack_weights(build(network, 8), CLASSES))
    write_video(studied / "video.mp4", np.zeros([8, 32, 32, 3], np.uint8), fps=8)
    return folder


@pytest.mark.keras
@pytest.mark.parametrize("page", [p for p in PAGES if p not in OWN_TEST])
def test_the_python_of_a_page_runs(page, studied, trained, monkeypatch):
    import tensorflow as tf

    monkeypatch.chdir(studied)
    side = 32 if page == "docs/training.md" else 172
    names: dict[str, Any] = {"video": [tf.zeros([1, 1, side, side, 3])] * 2}
    for block in blocks(page, "python"):
        exec(block, names)
    if "logits" in names:
        assert np.isfinite(np.asarray(names["logits"])).all()


def commands() -> list[Any]:
    shown = []
    for page in PAGES:
        for line in "".join(blocks(page, "sh")).splitlines():
            typed, _, _ = line.partition("#")
            if typed.startswith("vidnas "):
                shown.append(pytest.param(typed.split()[1:], id=f"{page}: {typed}"))
    return list({param.id: param for param in shown}.values())


@pytest.mark.parametrize("words", commands())
def test_every_command_that_is_shown_is_understood(words):
    assert callable(parser().parse_args(words).run)


@pytest.mark.parametrize("page", PAGES)
def test_every_script_that_is_shown_is_there(page):
    for line in "".join(blocks(page, "sh")).splitlines():
        for script in re.findall(r"^python (\S+\.py)", line):
            assert (ROOT / script).exists(), script


def fragments() -> list[Any]:
    """YAML of experiments, whole or in part; spaces have tests of their own."""
    shown = []
    for page in PAGES:
        if page == "docs/spaces.md":
            continue
        for number, block in enumerate(blocks(page, "yaml")):
            for part in block.split("---\n"):
                if not part.startswith("schema: vidnas.space"):
                    name = f"{page} {number} {part.split(':')[0]} {len(shown)}"
                    shown.append(pytest.param(part, id=name))
    return shown


@pytest.mark.parametrize("text", fragments())
def test_every_fragment_of_an_experiment_that_is_shown_can_be_read(text, studied):
    whole = load_document(studied / "experiments" / "quickstart.yaml").value
    (studied / "experiments" / "fragment.yaml").write_text(text)
    said = load_document(studied / "experiments" / "fragment.yaml").value
    if "clips" in said:
        (studied / "my_videos").mkdir(exist_ok=True)
    if "latency" in said:
        table = ROOT / "tests" / "golden" / "before" / "latency.json"
        shutil.copy(table, studied / "experiments" / said["latency"])
    if "score" in said:  # nothing is trained
        trained = ("clips", "training", "front")
        whole = {k: v for k, v in whole.items() if k not in trained}
    if "seeds" in said:  # networks of two spaces, neither of them the quickstart's
        listed = load_document(studied / "experiments" / "fragment.yaml").need("seeds")
        assert len(read_baselines(listed, studied / "experiments")) == 2
        return
    (studied / "experiments" / "mine.yaml").write_text(dump_document({**whole, **said}))
    assert load_experiment(studied / "experiments" / "mine.yaml").name == "quickstart"
