"""How a ladder may be stated, and what it is in numbers."""

import pytest

from vidnas.architecture.published import published
from vidnas.costs import cost
from vidnas.errors import InputError
from vidnas.trials.ladders.ladder import Ladder
from vidnas.trials.ladders.stated import ladder_of

COSTS = ("flops", "parameters", "weights_bytes", "latency_ms")


def stated(value):
    return ladder_of(value, "flops", COSTS)


def laid(value):
    """In numbers; `spread` is 1, 2, 3 ..., and a network costs as published."""
    priced = stated(value).with_numbers(
        lambda network, name: float(getattr(cost(network), name))
    )
    return priced.laid(lambda name, sizes: [float(n) for n in range(1, sizes + 1)])


@pytest.mark.parametrize(
    ("value", "columns"),
    [
        (["1 M", 2e6, "4.5M"], {"flops": [1e6, 2e6, 4.5e6]}),
        ("1M,2M", {"flops": [1e6, 2e6]}),
        # Each the same multiple of the one before: times 2.
        ({"from": "1 M", "to": "8 M", "sizes": 4}, {"flops": [1e6, 2e6, 4e6, 8e6]}),
        ("1k..32k", {"flops": [1e3, 2e3, 4e3, 8e3, 16e3, 32e3]}),
        ("spread", {"flops": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]}),
        ({"sizes": 2}, {"flops": [1.0, 2.0]}),
        ({"latency_ms": "2..8"}, None),
        (
            {"weights_bytes": ["1 MiB", "2 MiB"], "parameters": "spread"},
            {"weights_bytes": [2.0**20, 2.0**21], "parameters": [1.0, 2.0]},
        ),
    ],
)
def test_a_ladder_is_stated_in_many_ways(value, columns):
    found = laid(value)
    if columns is None:  # 2 x 4^(n/5), in three digits
        columns = {"latency_ms": [2, 2.64, 3.48, 4.59, 6.06, 8]}
    assert found.costs == tuple(columns)
    for name, budgets in columns.items():
        assert found.columns()[name] == pytest.approx(budgets)
    assert found.names == tuple(f"a{n}" for n in range(len(found)))


def test_a_published_family_is_the_ladder_of_what_its_networks_cost():
    found = laid("movinet")
    names = [f"movinet-a{n}" for n in range(6)]
    assert found.columns()["flops"] == [cost(published(n)).flops for n in names]
    assert stated("movinet").to_document("flops") == "movinet"
    priced = stated("movinet").with_numbers(lambda network, name: network.clip.frames)
    with pytest.raises(InputError, match="must rise from budget to budget, got 50, 50"):
        priced.laid(lambda name, sizes: [])
    mixed = laid([1e9, "movinet-a0", "x3d-m"])
    assert mixed.columns()["flops"][1:] == [
        cost(published("movinet-a0")).flops,
        cost(published("x3d-m")).flops,
    ]


@pytest.mark.parametrize(
    "value",
    ["spread", {"sizes": 4}, [1e6, 2e6], {"parameters": [1.0, 2.0], "flops": "spread"}],
)
def test_a_ladder_is_read_back_from_a_journal(value):
    ladder = stated(value)
    assert stated(ladder.to_document("flops")) == ladder
    priced = stated("x3d").with_numbers(lambda network, name: 7.0)
    document = priced.to_document("flops")
    assert document == {"of": "x3d", "budgets": [7.0] * 5}
    assert stated(document) == priced


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("8M..1M", "must be at least two, and rise, got 6 from 8e+06 to 1e+06"),
        ({"from": 1e6}, "must have the key `to`"),
        ({"flop": [1]}, "unknown key `flop` in `ladder`; it must be one of flops"),
        ("movinet-a9", "published network, got `movinet-a9`. Did you mean"),
        (["1 MiB"], "A budget of FLOPs must be a positive quantity such as `20 M`"),
        ([], "must offer at least one option"),
    ],
)
def test_a_wrong_ladder_is_answered_in_a_line(value, said):
    with pytest.raises(InputError) as refused:
        stated(value)
    assert said in str(refused.value)


def test_over_several_costs_one_rises_and_none_falls():
    Ladder(("flops", "parameters"), ((1.0, 5.0), (2.0, 5.0), (2.0, 6.0)))
    with pytest.raises(InputError) as refused:
        Ladder(("flops", "parameters"), ((1e6, 5e3), (2e6, 4e3)))
    assert str(refused.value) == (
        "A ladder over several costs must rise in one from size to size, and fall in "
        "none, got 1 M FLOPs and 5 k parameters, 2 M FLOPs and 4 k parameters."
    )
    with pytest.raises(InputError, match="got 1 of flops and 2 of parameters"):
        Ladder.together({"flops": [1.0], "parameters": [1.0, 2.0]})


def test_bands_of_a_cost_are_its_budgets_where_they_rise():
    both = stated({"flops": [1e6, 1e6], "parameters": [5, 6]})
    assert both.of_cost("parameters") == (5, 6)
    assert [both.of_cost(name) for name in ("flops", "latency_ms")] == [None, None]
    assert stated("spread").of_cost("flops") is None
    assert stated("movinet").of_cost("flops") is None  # until it is priced
