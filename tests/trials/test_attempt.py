import pytest

from vidnas.trials import Attempt
from vidnas.trials.attempt import equal_part


@pytest.mark.parametrize(
    ("batch", "most", "size"),
    [(16, 8, 8), (16, 7, 4), (6, 3, 3), (6, 1, 1), (7, 3, 1), (10, 0, 1), (4, 9, 4)],
)
def test_a_batch_is_taken_in_equal_parts(batch, most, size):
    assert equal_part(batch, most) == size


def tried(batch, *causes):
    """Micro-batches of the tries; None at the end where nothing is left."""
    attempt = Attempt(batch)
    sizes = [attempt.micro_batch]
    for cause in causes:
        attempt = attempt.after(cause, batch)
        sizes.append(attempt and attempt.micro_batch)
    return sizes


def test_memory_that_ran_out_halves_the_micro_batch_down_to_one_clip():
    assert tried(16, *["memory"] * 5) == [16, 8, 4, 2, 1, None]
    assert tried(6, *["memory"] * 3) == [6, 3, 1, None]


def test_a_dead_worker_halves_it_the_second_time_only():
    assert tried(4, *["killed"] * 6) == [4, 4, 2, 2, 1, 1, None]
    # 4 clips ran out of memory; at 2 the count of deaths begins anew.
    assert tried(4, "killed", "memory", "killed", "killed") == [4, 4, 2, 2, 1]


def test_a_failure_of_another_kind_is_not_tried_again():
    assert tried(16, "") == [16, None]


def test_the_first_try_says_nothing_of_itself():
    assert Attempt(8).measured == {}
    again = Attempt(8).after("memory", 8)
    assert again.measured == {"micro_batch": 4.0, "retries": 1.0}
