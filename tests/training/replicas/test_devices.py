import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("two_devices.py")
SMALL = Path(__file__).with_name("two_small_devices.py")


def both(recipe, micro_batches=(1, 1), **options):
    job = {"recipe": recipe, "micro_batches": micro_batches, "options": options}
    command = [sys.executable, str(SCRIPT), json.dumps(job)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def require_alike(found):
    for one, two in zip(*found["outcomes"], strict=True):
        assert one == pytest.approx(two, abs=1e-5)
    # Float32 sums in another order, after two and three steps of rate 1e-3.
    for gaps in (found["gap"], found["resumed_gap"]):
        assert gaps["trained"] < 1e-5
        assert gaps["moving"] < 1e-4
    assert found["scored"] == [3, 3]
    assert found["loss"][0] == pytest.approx(found["loss"][1], abs=1e-4)


@pytest.mark.real
@pytest.mark.parametrize(
    ("recipe", "options"),
    [
        ({"label_smoothing": 0.1}, {"class_weights": [0.5, 1.0, 1.5]}),
        ({"rematerialise": True}, {"multi_label": True}),
    ],
)
def test_two_devices_with_norms_over_both_train_as_one(recipe, options):
    require_alike(both({"optimizer": "sgd", **recipe}, **options))


@pytest.mark.real
def test_two_devices_with_less_memory_train_as_one():
    """A retry in micro-batches, layers computed again, and norms over both devices."""
    options = {"class_weights": [0.5, 1.0, 1.5]}
    require_alike(both({"optimizer": "sgd", "rematerialise": True}, (2, 2), **options))


@pytest.mark.real
def test_devices_that_run_out_of_memory_say_so_and_train_in_parts_afterwards():
    """Layers computed again and norms over both devices, as in a study's retry."""
    command = [sys.executable, str(SMALL)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    said, measured = json.loads(done.stdout.splitlines()[-1])
    assert said == "out of memory at batch 256"
    assert (measured["gpus"], measured["val_clips"]) == (2, 256)
    assert measured["peak_bytes"] < 48 * 2**20


@pytest.mark.real
def test_two_devices_with_norms_of_their_own_train_as_two_micro_batches():
    require_alike(both({"optimizer": "sgd", "sync_norm": False}, (2, 1)))


@pytest.mark.real
def test_two_devices_carry_states_from_sub_clip_to_sub_clip_as_one():
    require_alike(both({"optimizer": "sgd"}, subclips=[2, 1]))


@pytest.mark.real
def test_adamw_on_two_devices_loses_as_on_one():
    found = both({"optimizer": "adamw"})
    for one, two in zip(*found["outcomes"], strict=True):
        assert one == pytest.approx(two, abs=1e-3)


@pytest.mark.real
def test_dropout_in_mixed_precision_trains_on_two_devices():
    found = both({"dropout": 0.5, "precision": "mixed_bfloat16"}, (1, 2))
    assert all(0 < loss < 10 for loss, _ in found["outcomes"][1])
