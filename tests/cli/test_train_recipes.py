"""`vidnas train` by published recipes, on sub-clips and in micro-batches."""

import argparse
import json
from dataclasses import replace

import pytest

from vidnas.cli.train_options import add_options, asked_for
from vidnas.trials.published_recipe import PUBLISHED_RECIPES


def asked(*flags):
    command = argparse.ArgumentParser()
    add_options(command)
    return asked_for(command.parse_args(["movinet-a3", "--clips", "clips", *flags]))


def test_a_named_recipe_brings_epochs_and_frames_and_flags_come_first(folder):
    published = PUBLISHED_RECIPES["movinet-a3"]
    training = asked("--recipe", "movinet-a3")
    assert (training.recipe, training.epochs) == (published.recipe, 240)
    assert training.architecture.clip.frames == 64
    training = asked(
        *("--recipe", "movinet-a3", "--epochs", "2", "--frames", "8", "--no-flip"),
        *("--l2", "0", "--clip-norm", "2", "--optimizer", "sgd", "--eval-frames", "9"),
    )
    assert training.epochs == 2
    assert training.architecture.clip.frames == 8
    assert training.recipe == replace(
        published.recipe,
        flip=False,
        l2=0.0,
        clip_norm=2.0,
        optimizer="sgd",
        evaluation=replace(published.recipe.evaluation, frames=9),
    )


def test_a_named_recipe_takes_the_place_of_an_experiment_s(folder):
    training = asked("--experiment", "experiment.yaml", "--recipe", "x3d-m")
    assert (training.epochs, training.recipe.evaluation.views) == (300, 30)


@pytest.mark.real
@pytest.mark.keras
def test_a_stream_trains_on_sub_clips_in_micro_batches(folder, tiny_file, vidnas):
    tiny_file(4)
    run = (
        *("train", "tiny.yaml", "--clips", "clips", "--stream", "--cpus", "1"),
        *("--recipe", "movinet-a0-stream", "--batch", "8", "--learning-rate", "0.02"),
        *("--subclip-frames", "2", "--eval-frames", "6", "--epochs", "2", "--json"),
    )
    code, out, err = vidnas(*run, "--micro-batch", "4")
    assert code == 0, err
    assert 0 <= json.loads(out)["top1"] <= 100
    # Norms went by four clips at once: by eight it is another training.
    code, _, err = vidnas(*run)
    assert code == 2
    assert "micro_batch" in err
