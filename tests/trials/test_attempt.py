import pytest

from vidnas.trials import Attempt
from vidnas.trials.attempt import equal_part


@pytest.mark.parametrize(
    ("batch", "most", "size"),
    [(16, 8, 8), (16, 7, 4), (6, 3, 3), (6, 1, 1), (7, 3, 1), (10, 0, 1), (4, 9, 4)],
)
def test_a_batch_is_taken_in_equal_parts(batch, most, size):
    assert equal_part(batch, most) == size


@pytest.mark.parametrize(
    ("batch", "most", "devices", "size"),
    [(16, 8, 4, 8), (16, 7, 4, 4), (16, 1, 4, 4), (12, 6, 4, 4), (24, 12, 4, 12)],
)
def test_devices_share_a_part_equally_and_have_a_clip_each(batch, most, devices, size):
    assert equal_part(batch, most, devices) == size


def tried(batch, *causes, devices=1):
    """Micro-batches of the tries; None at the end where nothing is left."""
    attempt = Attempt(batch)
    sizes = [attempt.micro_batch]
    for cause in causes:
        attempt = attempt.after(cause, batch, devices=devices)
        sizes.append(attempt and attempt.micro_batch)
    return sizes


def test_memory_that_ran_out_halves_the_micro_batch_down_to_one_clip():
    assert tried(16, *["memory"] * 5) == [16, 8, 4, 2, 1, None]
    assert tried(6, *["memory"] * 3) == [6, 3, 1, None]


def test_no_try_is_repeated_where_each_of_several_devices_has_one_clip_left():
    assert tried(16, *["memory"] * 3, devices=4) == [16, 8, 4, None]
    # Three clips of each device have no half, so the next part has one of each.
    assert tried(12, *["memory"] * 2, devices=4) == [12, 4, None]


def test_a_dead_worker_says_nothing_of_memory():
    assert tried(4, *["killed"] * 3) == [4, 4, 4, None]
    # What ran out of memory between deaths halves, and forgives none of them.
    assert tried(4, "killed", "memory", "killed", "killed") == [4, 4, 2, 2, None]


def test_a_failure_of_another_kind_is_not_tried_again():
    assert tried(16, "") == [16, None]


def test_what_was_not_tried_is_no_attempt():
    assert Attempt(16).after("surroundings", 16) is None
    assert Attempt(16).after("preempted", 16) is None


def test_the_first_try_says_nothing_of_itself():
    assert Attempt(8).measured == {}
    again = Attempt(8).after("memory", 8)
    assert again.measured == {"micro_batch": 4.0, "retries": 1.0}
