"""A folder goes on with what it was begun with, and says what differs."""

import pytest

from vidnas.errors import StudyError
from vidnas.files.same_facts import require_same

REFUSAL, REMEDY = "runs/a belongs to another experiment", "Use another folder."


@pytest.mark.parametrize(
    ("before", "now", "says"),
    [
        ({"seed": 1}, {"seed": 2}, "its `seed` was 1, here it is 2."),
        (
            {"clips": {"train": 5, "val": 2}},
            {"clips": {"train": 5, "val": 3}},
            "its `clips.val` was 2, here it is 3.",
        ),
        ({"weights": None}, {"weights": "ab"}, "its `weights` was None, here it is ab"),
    ],
)
def test_the_first_fact_that_differs_is_named_with_both_values(before, now, says):
    with pytest.raises(StudyError) as refused:
        require_same(before, now, REFUSAL, REMEDY)
    assert says in str(refused.value)
    assert str(refused.value).startswith(f"{REFUSAL}: ")
    assert str(refused.value).endswith(f". {REMEDY}")
