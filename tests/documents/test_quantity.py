import math

import pytest

from vidnas.documents.quantity import (
    BYTES,
    COUNT,
    MILLISECONDS,
    format_bytes,
    format_cost,
    format_count,
    format_duration,
    parse_quantity,
    round_up,
    unit_of,
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
        (7, 7),
        (0.5, 0.5),
    ],
)
def test_a_quantity_is_a_number_and_a_multiplier(text, number):
    assert parse_quantity(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("64 MiB", 64 * 1024**2),
        ("1 GiB", 1024**3),
        ("8 KiB", 8192),
        ("2 TiB", 2 * 1024**4),
        ("2 kB", 2e3),
        ("2 KB", 2e3),
        ("1.5 GB", 1.5e9),
        ("12 B", 12),
        (2e7, 2e7),
    ],
)
def test_bytes_have_units_of_their_own(text, number):
    assert parse_quantity(text, BYTES) == number


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        *((text, COUNT) for text in ("64 MiB", "20 MB", "12 B", "3 ms")),
        *((text, BYTES) for text in ("4 G", "20 M", "3 ms", "2 kiB")),
        *((text, MILLISECONDS) for text in ("3 MiB", "3 M", "3 s")),
    ],
)
def test_a_unit_of_another_quantity_is_none(text, unit):
    assert parse_quantity(text, unit) is None


def test_a_cost_is_counted_in_what_its_name_ends_with():
    assert unit_of("training_bytes") is BYTES
    assert unit_of("latency_ms") is MILLISECONDS
    assert unit_of("flops") is unit_of("entropy_score") is COUNT


@pytest.mark.parametrize("unit", [COUNT, BYTES, MILLISECONDS])
@pytest.mark.parametrize(
    "text",
    [
        "", "M", "20 m", "-3", "1,000", "1 2", "nan", None, True, [1],
        pytest.param(math.nan, id="NaN"), math.inf, "1e400", "1e308 T",
        pytest.param(10**400, id="401 digits"),
    ],
)  # fmt: skip
def test_anything_else_is_no_quantity(text, unit):
    assert parse_quantity(text, unit) is None


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
