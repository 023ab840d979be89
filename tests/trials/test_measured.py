"""What users' evaluations return, and what a journal can hold."""

from fractions import Fraction

import numpy as np
import pytest

from vidnas.errors import EvaluationError
from vidnas.trials.measured import checked_numbers


def test_every_real_number_becomes_a_float():
    given = {
        "top1": np.float32(50.5),
        "top5": np.int64(90),
        "loss": 1,
        "val_clips": np.array(10),
        "share": Fraction(1, 4),
        "half": np.float16(0.5),
    }
    numbers = checked_numbers(given)
    assert numbers == {
        "top1": 50.5,
        "top5": 90.0,
        "loss": 1.0,
        "val_clips": 10.0,
        "share": 0.25,
        "half": 0.5,
    }
    assert {type(number) for number in numbers.values()} == {float}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (None, "must return a mapping of names to numbers, such as .*, got None"),
        ([50.0], r"got \[50\.0\] of type list"),
        (50.0, r"got 50\.0 of type float"),
        ({}, "measured `top1` must be among what `evaluate` returns, got nothing"),
        ({"accuracy": 50.0}, "must be among what `evaluate` returns, got accuracy"),
        ({"top1": "50"}, "measured `top1` must be a number, got '50' of type str"),
        ({"top1": True}, "measured `top1` must be a number, got True of type bool"),
        ({"top1": np.bool_(True)}, "must be a number, got True of type bool"),
        ({"top1": 1j}, "must be a number"),
        ({"top1": None}, "measured `top1` must be a number, got None"),
        ({"top1": [50.0]}, "must be a number, got .* of type list"),
        ({"top1": np.array([50.0])}, "must be a number, got .* of type ndarray"),
        ({"top1": float("nan")}, "measured `top1` must be finite, got nan"),
        ({"top1": 50.0, "loss": np.inf}, "measured `loss` must be finite, got inf"),
        ({"top1": 50.0, "big": 10**400}, "measured `big` must be finite"),
        ({"top1": 101.0}, "measured `top1` must be within 0 and 100 %, got 101"),
        ({"top1": -0.5}, r"within 0 and 100 %, got -0\.5"),
        ({"top1": 50.0, "top5": 500}, "`top5` must be within 0 and 100 %, got 500"),
        ({"top1": 50.0, "val_clips": 0.5}, "`val_clips` must be a whole number"),
        ({"top1": 50.0, "train_clips": 0}, "`train_clips` .* at least 1, got 0"),
        ({"top1": 50.0, "micro_batch": 0.5}, "`micro_batch` .* at least 1, got 0"),
        ({"top1": 50.0, "peak_bytes": -5}, "`peak_bytes` .* at least 0, got -5"),
        ({"top1": 50.0, "seconds": -1.0}, "`seconds` .* at least 0, got -1"),
        ({"top1": 50.0, 3: 1.0}, "names of measured numbers must be text, got 3"),
        ({"top1": 50.0, "a\x1b[2J": 1.0}, r"must be text, got 'a\\\\x1b\[2J'"),
        ({"top1": 50.0, "flops": 1.0}, "measured `flops` must have another name"),
        ({"top1": 50.0, "entropy_score": 1.0}, "must have another name"),
    ],
    ids=repr,
)
def test_what_no_journal_can_hold_is_refused_with_what_came(given, says):
    with pytest.raises(EvaluationError, match=says):
        checked_numbers(given)


def test_an_object_without_words_is_refused_too():
    class Dumb:
        def __repr__(self):
            raise ValueError("no words")

    with pytest.raises(EvaluationError, match=r"got \.\.\. of type Dumb"):
        checked_numbers(Dumb())
