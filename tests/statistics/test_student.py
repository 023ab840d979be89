import pytest

from vidnas.statistics.student import student_quantile


@pytest.mark.parametrize(
    ("share", "freedom", "value"),
    [(0.975, 4, 2.776), (0.99, 10, 2.764), (0.995, 20, 2.845), (0.9, 60, 1.296)],
)
def test_quantiles_are_those_of_tables(share, freedom, value):
    assert student_quantile(share, freedom) == pytest.approx(value, rel=0.001)
