"""Workers that never begin, on a clock that the test turns."""

import pytest


@pytest.fixture
def ray_creation():
    from vidnas.study.workers import ray_creation

    return ray_creation


def test_a_worker_that_never_begins_is_killed_and_a_slow_one_is_not(ray_creation):
    clock, ended, looks = [0.0], [], []

    def beginning():
        looks.append(clock[0])
        return ["never", *(["slow"] if clock[0] < 890 else [])]

    creations = ray_creation.Creations(beginning, ended.append, lambda: clock[0])
    creations.end_overdue(are_awaited=False)
    assert not looks
    while not ended:
        creations.end_overdue(are_awaited=True)
        clock[0] += 1
    assert ended == ["never"]
    assert ray_creation.MAKING_SECONDS < clock[0] < ray_creation.MAKING_SECONDS + 12
    assert len(looks) == 92
