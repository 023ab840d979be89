import re
from collections import defaultdict
from dataclasses import fields, replace

import numpy as np
import pytest

from vidnas.architecture import Columns, Kernel, Layer, Stage
from vidnas.architecture.columns import LAYER_COLUMNS
from vidnas.architecture.published import published, published_names
from vidnas.costs import Cost, cost, cost_many
from vidnas.costs import network_cost as pricing
from vidnas.costs.layer_shapes import Layers
from vidnas.errors import ShapeError


def each_row(costs):
    return [costs.row(n) for n in range(len(costs))]


def by_block(architectures):
    groups = defaultdict(list)
    for architecture in architectures:
        groups[architecture.block].append(architecture)
    return groups.values()


def check(architectures, classes=7, batch=3, **step):
    for group in by_block(architectures):
        many = cost_many(Columns.of(group), classes, batch, **step)
        assert each_row(many) == [cost(a, classes, batch, **step) for a in group]


@pytest.fixture(scope="module")
def drawn(draw):
    """All of one block: clips and streams, of any form, 1 to 9 layers deep."""
    return [draw(4 * seed, causal) for seed in range(20) for causal in (False, True)]


def test_rows_of_any_block_and_form_cost_what_they_cost_alone(draw):
    check([draw(seed, causal) for seed in range(500) for causal in (False, True)])


def test_rows_of_rgb_and_grayscale_cost_what_they_cost_alone(draw):
    check([draw(seed, seed % 2 == 0, channels=c) for seed in range(60) for c in (1, 3)])


@pytest.mark.parametrize("rematerialise", [False, True])
@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_rows_are_trained_in_any_way_like_alone(draw, precision, rematerialise):
    drawn = [draw(seed, seed % 2 == 0) for seed in range(60)]
    check(drawn, precision=precision, rematerialise=rematerialise)


def test_rows_of_a_space_cost_what_they_cost_alone(space):
    rng = np.random.default_rng(0)
    architectures = [space.decode(space.sample(rng)) for _ in range(80)]
    check(architectures)
    check([architecture.streaming() for architecture in architectures[:20]])


def test_published_networks_cost_in_rows_what_they_cost_alone():
    architectures = [published(name) for name in published_names()]
    streams = [published(n, stream=True) for n in published_names() if "movinet" in n]
    check(architectures + streams, classes=600, batch=1)


def test_rows_are_priced_in_parts_like_at_once(drawn, monkeypatch):
    at_once = each_row(cost_many(Columns.of(drawn)))
    monkeypatch.setattr(pricing, "ROWS", 7)  # 40 rows: five parts of 7 and one of 5
    assert each_row(cost_many(Columns.of(drawn))) == at_once


def test_no_rows_cost_nothing(drawn):
    for empty in (Columns.of([]), Columns.of(drawn)[[]], Columns.of(drawn)[:0]):
        assert len(empty) == 0
        costs = cost_many(empty)
        assert len(costs) == 0
        for field in fields(Cost):
            assert costs[field.name].shape == (0,)
            assert costs[field.name].dtype == np.int64


def test_rows_are_selected_by_slice_number_and_flag(drawn):
    columns, alone = Columns.of(drawn), [cost(a) for a in drawn]
    causal = np.array([a.causal for a in drawn])
    assert each_row(cost_many(columns[3:9:2])) == alone[3:9:2]
    assert each_row(cost_many(columns[[5, 0, 5]])) == [alone[5], alone[0], alone[5]]
    assert each_row(cost_many(columns[causal])) == [
        price for price, on in zip(alone, causal, strict=True) if on
    ]


def test_costs_have_the_numbers_of_a_name(drawn):
    costs = cost_many(Columns.of(drawn), batch=5)
    assert costs["flops"].tolist() == [cost(a).flops for a in drawn]
    assert costs["batch"].tolist() == [5] * len(drawn)
    assert type(costs.row(0).flops) is int


def test_layers_that_are_not_active_do_not_exist(drawn):
    columns = Columns.of(drawn)
    N, L = columns.active.shape
    # Each layer goes to an odd place of 2 L + 1; between them stands rubbish.
    active = np.zeros((N, 2 * L + 1), bool)
    active[:, 1::2] = columns.active
    spread = {"active": active}
    for name in LAYER_COLUMNS:
        spread[name] = np.full((N, 2 * L + 1), 3)
        spread[name][:, 1::2] = getattr(columns, name)
    apart = replace(columns, **spread)
    assert each_row(cost_many(apart)) == each_row(cost_many(columns))


def test_layers_stand_where_the_architecture_places_them(drawn):
    columns = Columns.of(drawn)
    layers = Layers.of(columns)
    placed = [place for architecture in drawn for place in architecture.placed_layers()]
    assert len(layers.in_width) == len(placed) == columns.depth.sum()
    for name in ("in_width", "out_width", "in_side", "out_side", "out_frames"):
        assert getattr(layers, name).tolist() == [getattr(p, name) for p in placed]
    assert layers.keeps_shape.tolist() == [p.keeps_shape for p in placed]
    assert layers.pixels_in.tolist() == [p.in_frames * p.in_side**2 for p in placed]


def test_no_number_of_strides_is_too_many(small):
    # 2 ** 1100 is beyond every integer and float.
    halving = Layer(8, Kernel(1, 3), stride=2)
    deep = replace(small, stages=(Stage(8, (halving,) * 1100),))
    columns = Columns.of([deep.at(resolution=65)])
    sides = Layers.of(columns).out_side.tolist()
    # 65 -> 33 in the stem
    assert sides == [17, 9, 5, 3, 2, *[1] * 1095]


def test_columns_refuse_rows_of_two_blocks(small):
    with pytest.raises(ShapeError) as refused:
        Columns.of([small, replace(small, block="x3d"), small])
    assert str(refused.value) == (
        "Architectures in columns must share one `block`, got movinet and x3d."
    )


def test_columns_refuse_a_row_without_layers(small):
    columns = Columns.of([small, small])
    active = np.array([[False, True], [False, False]])
    with pytest.raises(ShapeError) as refused:
        replace(columns, active=active)
    assert str(refused.value) == (
        "Every row of columns must have an active layer, got none in row 1."
    )


@pytest.mark.slow
def test_the_example_of_the_cost_page_runs(root, monkeypatch):
    page = (root / "docs" / "costs.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"## Many at once.*```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(root)
    names = {}
    exec(example, names)
    flops = names["costs"]["flops"]
    assert len(names["cheap"]) == (flops <= 12e9).sum() > 0
