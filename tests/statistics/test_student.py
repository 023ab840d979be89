import pytest

from vidnas.statistics.student import exact_quantile, student_quantile


@pytest.mark.parametrize(
    ("share", "freedom", "value"),
    [(0.975, 4, 2.776), (0.99, 10, 2.764), (0.995, 20, 2.845), (0.9, 60, 1.296)],
)
def test_quantiles_are_those_of_tables(share, freedom, value):
    assert student_quantile(share, freedom) == pytest.approx(value, rel=0.001)


@pytest.mark.parametrize(
    ("share", "freedom", "value"),
    [
        (0.975, 1, 12.7062047),
        (0.975, 2, 4.30265273),
        (0.995, 3, 5.84090931),
        (0.9995, 4, 8.61030158),
        (0.975, 30, 2.04227246),
        (0.025, 2, -4.30265273),
    ],
)
def test_exact_quantiles_are_those_of_tables_for_few_samples_too(share, freedom, value):
    assert exact_quantile(share, freedom) == pytest.approx(value, rel=1e-8)
