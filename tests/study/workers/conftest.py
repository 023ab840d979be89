"""A trial as a worker receives it."""

import pytest

from vidnas.study.workers.assignment import Assignment
from vidnas.trials import Fidelity, Recipe


@pytest.fixture
def assignment(small, tmp_path):
    return Assignment(
        number=3,
        architecture=small,
        fidelity=Fidelity(4),
        recipe=Recipe(),
        dataset="clips",
        seed=7,
        outbox="outbox",
        checkpoint=str(tmp_path / "00003"),
        study="0123456789abcdef",
    )
