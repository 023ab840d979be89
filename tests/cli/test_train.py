"""`vidnas train`: whole trainings of a tiny network, kills, fine-tuning, refusals."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.files.journal import read_journal
from vidnas.files.loading import load_architecture

pytestmark = pytest.mark.keras
ROOT = Path(__file__).parents[2]
ORACLES = Path(os.environ.get("VIDNAS_SHARED", ROOT.parent / "shared")) / "oracle"

TRAIN = ("train", "tiny.yaml", "--clips", "clips", "--batch", "8", "--cpus", "1")


@pytest.fixture
def place(folder, tiny_file) -> Path:
    """A working directory with clips and a tiny network."""
    tiny_file()
    return folder


def refused(answer: tuple[int, str, str], code: int = 2) -> str:
    """The one line of a refusal."""
    got, out, err = answer
    assert (got, out) == (code, ""), err
    lines = err.splitlines()
    if code == 2:
        assert len(lines) == 1, err
    assert lines[-1].startswith("error: ")
    return lines[-1].removeprefix("error: ")


def command(place: Path, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "vidnas", *arguments],
        cwd=place,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def events(place: Path, name: str) -> list[dict]:
    path = place / "runs" / "train" / "tiny" / "training.jsonl"
    records = read_journal(path) if path.exists() else []
    return [record for record in records if record["event"] == name]


def arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as stored:
        return {name: stored[name] for name in stored.files}


def test_a_training_ends_in_a_network_that_loads_as_clip_and_as_stream(place, vidnas):
    from vidnas.nets import build, load_weights

    run = (*TRAIN, "--epochs", "2", "--stream", "--json")
    code, out, err = vidnas(*run)
    assert code == 0, err
    told = json.loads(out)
    folder = place / "runs" / "train" / "tiny-stream"
    assert told["weights"] == str(Path("runs/train/tiny-stream/weights.npz"))
    assert told["val_clips"] == 8
    low, high = told["top1_interval"]
    assert low <= told["top1"] <= high
    assert told["chance"] == 12.5
    assert told["above_chance"] == (low > 12.5)
    assert "8 validation clips: 95 % intervals are about 57 points wide" in err
    assert [line[:5] for line in err.splitlines()[-2:]] == ["[1/2]", "[2/2]"]

    architecture = load_architecture(told["architecture"])
    assert architecture.arch_id == told["arch_id"]
    assert architecture == load_architecture("tiny.yaml", stream=True)
    assert architecture.classes == 8
    for stream in (False, True):
        load_weights(build(architecture, classes=8, stream=stream), told["weights"])

    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(before) == {
        "architecture.yaml",
        "checkpoint.npz",
        "classes.json",
        "clips.parquet",
        "training.jsonl",
        "weights.npz",
    }
    code, again, err = vidnas(*run)
    assert (code, json.loads(again)) == (0, told)
    assert err == "runs/train/tiny-stream is finished: all 2 epochs are trained.\n"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_killed_training_goes_on_and_ends_like_an_unbroken_one(place):
    run = (*TRAIN, "--epochs", "100", "--dropout", "0.3")
    with command(place, *run) as training:
        until = time.monotonic() + 120
        while not events(place, "epoch") and time.monotonic() < until:
            assert training.poll() is None, training.stderr.read()[-3000:]
            time.sleep(0.005)
        training.kill()
    kept = len(events(place, "epoch"))
    assert 0 < kept < 100

    with command(place, *run) as training:
        out, err = training.communicate(timeout=120)
    assert training.returncode == 0, err
    assert f"resume      after {kept} of 100 epochs" in err
    assert "Warning" not in err
    assert "oneDNN" not in err
    assert [record["epoch"] for record in events(place, "epoch")] == [*range(1, 101)]
    assert "weights  runs/train/tiny/weights.npz" in out

    # One thread computes in either process, so the weights are equal to the byte.
    with command(place, *run, "--out", "whole") as training:
        _, err = training.communicate(timeout=120)
    assert training.returncode == 0, err
    broken = place / "runs" / "train" / "tiny" / "weights.npz"
    assert broken.read_bytes() == (place / "whole" / "weights.npz").read_bytes()


def test_an_interrupted_training_says_what_is_kept(place, vidnas, monkeypatch):
    from vidnas.cli.epoch_progress import EpochProgress

    def interrupt(progress, number, report):
        raise KeyboardInterrupt

    with monkeypatch.context() as pressed:
        pressed.setattr(EpochProgress, "epoch", interrupt)
        code, out, err = vidnas(*TRAIN, "--epochs", "2")
    assert (code, out) == (130, "")
    assert err.splitlines()[-2:] == [
        "1 finished epoch is kept; the same command goes on.",
        "interrupted",
    ]
    code, _, err = vidnas(*TRAIN, "--epochs", "2", "--resume", "must")
    assert code == 0
    assert "resume      after 1 of 2 epochs" in err


def test_a_training_starts_from_an_earlier_one(place, vidnas):
    from vidnas.datasets.motion.generate import write_motion

    assert vidnas(*TRAIN, "--epochs", "1")[0] == 0
    other = write_motion(
        place / "m", seed=1, train_per_class=1, val_per_class=1, size=16
    )
    for gone in ("clockwise", "anticlockwise"):
        for split in ("train", "val"):
            for file in (other / split / gone).iterdir():
                file.unlink()
    run = [*TRAIN, "--epochs", "1", "--weights", "runs/train/tiny", "--out", "b"]
    run[3] = "m"
    code, _, err = vidnas(*run)
    assert code == 0, err
    assert "weights     runs/train/tiny, classifier fresh, for other classes\n" in err
    assert arrays(place / "b" / "weights.npz")["head/classes/bias"].shape == (6,)
    found = load_document(place / "b" / "architecture.yaml")["found"]
    assert found["trained"]["weights"] == "runs/train/tiny"
    assert found["classes"] == 6

    run[3] = "clips"
    run[-1] = "c"
    assert "tiny, classifier loaded too\n" in vidnas(*run)[2]
    answer = vidnas(*run[:-1], "d", "--stream")
    assert answer[2].splitlines()[-1] == (
        "error: runs/train/tiny/weights.npz must hold weights of the architecture "
        "asked for, got another's: they differ in activation, causal, convolution."
    )
    assert answer[0] == 2
    assert not (place / "d").exists()


def load_document(path: Path) -> dict:
    from vidnas.files.yaml_file import load_document

    return load_document(path).value


@pytest.mark.parametrize(
    ("name", "flags"),
    [("a0_base_3d_checkpoint", ()), ("a0_stream_2plus1d_checkpoint", ("--stream",))],
)
def test_an_official_checkpoint_is_fine_tuned(place, vidnas, name, flags):
    weights = ORACLES / name
    if not weights.is_dir():
        pytest.skip(f"{weights} is not there; set VIDNAS_SHARED to the folder above it")
    code, out, err = vidnas(
        *("train", "movinet-a0", "--clips", "clips", "--epochs", "1", "--out", "a0"),
        *("--weights", weights, "--frames", "3", "--resolution", "32", "--batch", "8"),
        *("--learning-rate", "0", *flags),
    )
    assert code == 0, err
    assert f"weights     {weights}, classifier fresh, for other classes\n" in err
    assert "top-1" in out
    # Nothing was learnt at rate 0, so what is kept is what was loaded.
    from vidnas.nets import load_pretrained

    architecture = load_architecture("movinet-a0", stream=bool(flags))
    official = load_pretrained(weights, architecture)
    kept = arrays(place / "a0" / "weights.npz")
    for weight in official.weights:
        if weight.trainable and not weight.path.startswith("head/classes/"):
            np.testing.assert_array_equal(weight.numpy(), kept[weight.path])


def test_a_published_network_takes_the_form_of_its_weights(place, capsys):
    from vidnas.cli.main import parser
    from vidnas.cli.train_options import asked_for
    from vidnas.nets import build
    from vidnas.nets.weights.weights_file import pack_weights

    split = replace(load_architecture("movinet-t0").at(3, 32), convolution="2plus1d")
    (place / "split.npz").write_bytes(pack_weights(build(split, 8)))
    run = ("train", "movinet-t0", *TRAIN[2:], "--epochs", "1", "--weights", "split.npz")
    run = (*run, "--frames", "3", "--resolution", "32")
    assert asked_for(parser().parse_args(run)).architecture == split
    assert capsys.readouterr().err == (
        "network     movinet-t0 with `convolution` 2plus1d, as in split.npz\n"
    )
    # Asked for, it is taken at its word.
    asked = asked_for(parser().parse_args((*run, "--convolution", "3d")))
    assert asked.architecture.convolution == "3d"
    assert capsys.readouterr().err == ""


def test_a_loss_that_is_not_a_number_ends_with_exit_code_1(place, vidnas):
    run = (*TRAIN, "--warmup", "0", "--learning-rate", "1e30", "--epochs", "3")
    line = refused(vidnas(*run), code=1)
    assert line.startswith("loss became ")
    assert line.endswith(
        "with learning rate 1e+30. No epoch was finished, so nothing is kept."
    )
    assert not (place / "runs" / "train" / "tiny").exists()


def test_an_experiment_gives_clips_recipe_and_epochs(place, vidnas):
    from vidnas.training.folder import TRAINING_FILE

    code, _, err = vidnas(
        "train", "tiny.yaml", "--experiment", "experiment.yaml", "--dropout", "0.1"
    )
    assert code == 0, err
    head = read_journal(place / "runs" / "train" / "tiny" / TRAINING_FILE)[0]
    assert head["identity"]["epochs"] == 1
    recipe = head["identity"]["recipe"]
    assert (recipe["batch"], recipe["dropout"]) == (8, 0.1)


def test_a_changed_training_is_refused(place, vidnas):
    file = place / "runs" / "train" / "tiny" / "training.jsonl"
    assert vidnas(*TRAIN, "--epochs", "1")[0] == 0
    before = file.read_bytes()
    other = "error: runs/train/tiny holds another training: its"
    for change, says in (
        (
            ["--epochs", "5"],
            f"{other} `epochs` was 1, here it is 5. The learning rate follows "
            "all epochs from the first, so more of them are another training: give it "
            "--out, and --weights to start from this one's.\n",
        ),
        (
            ["--label-smoothing", "0.2"],
            f"{other} `recipe.label_smoothing` was 0.1, here it is 0.2. Give this one "
            "a folder of its own with --out.\n",
        ),
        (["--seed", "1"], f"{other} `seed` was 0, here it is 1. Give this one "),
        (["--frames", "3"], f"{other} `architecture` was "),
        (
            ["--resume", "never"],
            "error: `--resume never` needs a new folder, runs/train/tiny holds a "
            "training already.\n",
        ),
    ):
        code, out, err = vidnas(*TRAIN, "--epochs", "1", *change)
        assert (code, out) == (2, "")
        assert err.startswith(says)
        assert err.count("\n") == 1
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ("train", "tiny.yaml", "--epochs", "1"),
            "A training needs --clips CLIPS, or --experiment FILE.",
        ),
        (TRAIN, "A training needs --epochs N, or --experiment FILE."),
        (
            (*TRAIN, "--epochs", "1", "--resume", "must"),
            "`--resume must` needs a training in runs/train/tiny, there is none.",
        ),
        (
            (*TRAIN, "--epochs", "1", "--weights", "nowhere"),
            "nowhere must be a checkpoint, weights of `vidnas train` or a folder of "
            "either, there is nothing.",
        ),
        (
            (*TRAIN[:1], "movinet-a0", *TRAIN[2:], "--epochs", "1", "--weights", "no"),
            "no must be a checkpoint, weights of `vidnas train` or a folder of "
            "either, there is nothing.",
        ),
        (
            (*TRAIN, "--epochs", "1", "--dropout", "1.5"),
            "argument --dropout: must be a number from 0 to 0.99, got `1.5`. See "
            "`vidnas train --help`.",
        ),
        (
            (*TRAIN, "--epochs", "1", "--learning-rate", "fast"),
            "argument --learning-rate: must be a number of at least 0, got `fast`. See "
            "`vidnas train --help`.",
        ),
        (
            ("train", "tiny.yaml", "--clips", "nowhere", "--epochs", "1"),
            "The clip folder must exist, found nothing there: nowhere.",
        ),
        (
            ("train", "gone.yaml", "--clips", "clips", "--epochs", "1"),
            "gone.yaml cannot be read: No such file or directory.",
        ),
    ],
)
def test_a_wrong_word_is_answered_with_one_line(place, vidnas, arguments, says):
    assert refused(vidnas(*arguments)) == says
    assert not (place / "runs").exists()
