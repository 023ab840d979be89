"""One normal form of numbers, flags, words and kernels."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from vidnas.architecture import Kernel
from vidnas.architecture.plain_values import plain_options, plain_value, whole_number
from vidnas.errors import InputError

PLAIN = [
    (1, (1, np.int64(1), np.uint8(1), np.array(1))),
    (1.0, (1.0, np.float32(1), np.float64(1), Fraction(1), Decimal(1))),
    (0.1, (0.1, np.float32(0.1), np.float16(0.1), Fraction(1, 10), Decimal("0.1"))),
    (0.0, (-0.0, np.float64(-0.0))),
    (True, (True, np.bool_(True))),
    ("relu", ("relu", np.str_("relu"))),
    (Kernel(1, 3), (Kernel(1, 3), "1x3x3", (1, 3, 3), [1, 3, 3], np.array([1, 3, 3]))),
]


@pytest.mark.parametrize(("plain", "spelled"), PLAIN, ids=str)
def test_whoever_wrote_it_a_value_is_one_of_pythons_own(plain, spelled):
    for value in spelled:
        found = plain_value(value)
        assert repr(found) == repr(plain)
        assert type(found) is type(plain)


def test_what_is_no_value_is_refused():
    for wrong in (
        None,
        object(),
        (1, 2),
        {1},
        1e22,
        float("inf"),
        float("nan"),
        "2x3x3",
    ):
        with pytest.raises(InputError):
            plain_value(wrong)
    for unordered in ({1, 2}, {1: 2}, 1, "1x3x3"):
        with pytest.raises(InputError, match="must stand in an order"):
            plain_options(unordered)


def test_only_whole_numbers_become_integers():
    assert [whole_number(n) for n in (2.0, np.float32(2), Decimal(2))] == [2, 2, 2]
    for other in (2.5, "2", True, None, float("inf")):
        assert whole_number(other) is other
