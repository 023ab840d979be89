import pytest

from vidnas.documents.quantity import (
    format_bytes,
    format_cost,
    format_count,
    format_duration,
    parse_quantity,
    round_up,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("20 M", 20e6),
        ("20M", 20e6),
        (" 1.5 G ", 1.5e9),
        ("200 k", 200e3),
        ("2e7", 2e7),
        ("2.5e-1", 0.25),
        ("3 T", 3e12),
        ("64 MiB", 64 * 1024**2),
        ("1 GiB", 1024**3),
        ("8 KiB", 8192),
        ("12 B", 12),
        (7, 7),
        (0.5, 0.5),
    ],
)
def test_a_quantity_is_a_number_and_a_multiplier(text, number):
    assert parse_quantity(text) == number


@pytest.mark.parametrize(
    "text", ["", "M", "20 MB", "20 m", "-3", "1,000", "1 2", "nan", None, True, [1]]
)
def test_anything_else_is_no_quantity(text):
    assert parse_quantity(text) is None


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (7, "7"),
        (999, "999"),
        (999.6, "1.00 k"),  # 999.6 would read 1000
        (1000, "1 k"),
        (12345, "12.3 k"),
        (9994, "9.99 k"),
        (9996, "10.0 k"),  # not 10.00
        (2630733808, "2.63 G"),
        (20e6, "20 M"),
        (1.5e13, "15 T"),
    ],
)
def test_counts_have_three_digits(number, text):
    assert format_count(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (512, "512 B"),
        (1024, "1 KiB"),
        (8.12 * 1024**2, "8.12 MiB"),
        (3 * 1024**3, "3 GiB"),
    ],
)
def test_bytes_have_three_digits(number, text):
    assert format_bytes(number) == text


def test_a_cost_is_written_in_its_unit():
    assert format_cost("flops", 2048) == "2.05 k"
    assert format_cost("training_bytes", 2048) == "2 KiB"


@pytest.mark.parametrize("number", [1.0, 12e3, 345e6, 6.78e9])
def test_what_is_written_can_be_read_again(number):
    assert parse_quantity(format_count(number)) == pytest.approx(number, rel=5e-3)


def test_durations_are_said_in_two_units():
    assert format_duration(7800) == "2 h 10 min"
    assert format_duration(400.4) == "6 min 40 s"
    assert format_duration(12) == "12 s"


@pytest.mark.parametrize(
    ("value", "up"), [(11.5e6, 12e6), (12e6, 13e6), (99.5, 100.0), (287_123, 290_000)]
)
def test_rounding_up_gives_two_digits_and_always_more(value, up):
    assert round_up(value) == up
