"""Every field of a network is in the table once; what lists fields follows it."""

from dataclasses import MISSING, fields, replace

import numpy as np
import pytest

from vidnas.architecture import (
    ARCHITECTURE_SCHEMA,
    Architecture,
    Clip,
    Columns,
    Head,
    Kernel,
    Layer,
    Stage,
    Stem,
    read_architecture,
)
from vidnas.architecture.columns import LAYER_COLUMNS, NETWORK_COLUMNS
from vidnas.architecture.fields import FIELDS, PARTS
from vidnas.documents.node import Node, Origin
from vidnas.space import (
    ClipSpace,
    HeadSpace,
    SpaceDeclaration,
    StageSpace,
    StemSpace,
)
from vidnas.space.identities import identities
from vidnas.space.language.json_schema import space_schema
from vidnas.space.language.places import PLACES

HOLDERS = {
    "network": Architecture,
    "clip": Clip,
    "stem": Stem,
    "stage": Stage,
    "layer": Layer,
    "head": Head,
}
HELD = {"clip", "stem", "stages", "head", "layers"}  # parts in a part
BESIDE = {"classes"}  # of the classifier, which is no part of an architecture
SPACES = {"clip": ClipSpace, "stem": StemSpace, "stage": StageSpace, "head": HeadSpace}
# What only a space has: how many layers, and widths inside them as ratios.
OF_SPACES = {"depth", "squeeze_ratio", "expand"}


def a_field(field):
    return f"{field.part}.{field.name}"


def another(field, value):
    """A value that may stand there, other than this and the default."""
    if field.kind == "flag":
        return not value
    if field.only:
        return next(number for number in field.only if number != value)
    if field.kind == "whole":
        return value + 1
    if field.kind == "number":
        return value + 12.5
    if field.kind == "kernel":
        return Kernel(value.frames + 2, value.side + 2)
    last, *_ = (word for word in reversed(field.words) if word != value)
    return last  # the first are the network's


def parts_of(network):
    stage = network.stages[0]
    return {
        "network": network,
        "clip": network.clip,
        "stem": network.stem,
        "stage": stage,
        "layer": stage.layers[0],
        "head": network.head,
    }


def changed(network, field):
    """The network with another value of one field, in its first stage and layer."""
    holder = parts_of(network)[field.part]
    value = another(field, getattr(holder, field.name))
    part = replace(holder, **{field.name: value})
    first, *others = network.stages
    if field.part == "network":
        return part
    if field.part == "layer":
        part = replace(first, layers=(part, *first.layers[1:]))
    if field.part in ("stage", "layer"):
        return replace(network, stages=(part, *others))
    return replace(network, **{field.part: part})


@pytest.mark.parametrize("part", HOLDERS)
def test_every_field_of_a_part_stands_in_the_table_once(part):
    own = {one.name: one.default for one in fields(HOLDERS[part])}
    told = [field.name for field in PARTS[part]]
    assert sorted(told) == sorted(own.keys() - HELD - BESIDE)
    for field in PARTS[part]:
        default = MISSING if field.default is None else field.default
        assert own[field.name] == default, a_field(field)


def test_the_table_has_the_parts_of_a_network_and_no_other():
    assert set(PARTS) == set(HOLDERS)
    assert sum(map(len, PARTS.values())) == len(FIELDS)


def test_columns_are_those_of_the_table():
    names = sorted(one.name for one in fields(Columns))
    assert names == sorted(["block", "active", *NETWORK_COLUMNS, *LAYER_COLUMNS])
    told = [name for field in FIELDS for name in field.columns]
    assert sorted(told) == sorted({*NETWORK_COLUMNS, *LAYER_COLUMNS})
    # One for all rows, and one that layers have.
    without = [a_field(field) for field in FIELDS if not field.columns]
    assert without == ["network.block", "network.convolution"]


def test_places_are_those_of_the_table():
    expected = {part: {f.place for f in PARTS[part] if f.place} for part in PARTS}
    expected["stage"] |= expected.pop("layer") | OF_SPACES
    assert {part: set(places) for part, places in PLACES.items()} == expected


def test_spaces_are_declared_with_those_places():
    for part, declared in SPACES.items():
        names = {one.name for one in fields(declared)}
        assert names - {"name", "choices"} == set(PLACES[part])
    assert PLACES["network"].keys() <= {one.name for one in fields(SpaceDeclaration)}


def test_the_schema_of_spaces_says_something_of_every_place():
    properties = space_schema()["properties"]
    assert all(properties[key]["description"] for key in PLACES["network"])
    for part in SPACES:
        found = properties["stages"]["items"] if part == "stage" else properties[part]
        assert all(found["properties"][key]["description"] for key in PLACES[part])


@pytest.fixture
def network(small):
    """Sees time, so that the form of its convolutions counts."""
    assert small.stages[0].layers[0].kernel.frames > 1
    return small


@pytest.mark.parametrize("field", FIELDS, ids=a_field)
def test_a_field_that_differs_makes_another_network(network, field):
    other = changed(network, field)
    assert other.arch_id != network.arch_id
    if field.columns:
        one, two = identities(Columns.of([network, other])).tolist()
        assert one != two


@pytest.mark.parametrize("field", FIELDS, ids=a_field)
def test_a_field_is_written_and_read_and_put_in_columns(network, field):
    other = changed(network, field)
    holder = parts_of(other)[field.part]
    value = getattr(holder, field.name)
    said = value if field.kind != "kernel" else str(value)
    assert holder.to_document()[field.key] == said
    document = {"schema": ARCHITECTURE_SCHEMA, **other.to_document()}
    assert read_architecture(Node(document, Origin("a test"))) == other
    # The first row, or its first layer.
    arrays = [getattr(Columns.of([other]), name) for name in field.columns]
    numbers = [array.flat[0] for array in arrays]
    if field.kind == "word" and field.columns:
        value = field.words.index(value)
    if field.columns:
        assert numbers == list(np.atleast_1d(value))
        assert all((array.dtype == bool) == (field.kind == "flag") for array in arrays)


@pytest.mark.parametrize("field", FIELDS, ids=a_field)
def test_a_default_is_written_where_the_table_says_so(network, field):
    if field.default is None or field.kind == "kernel":
        return  # must be said, and is
    holder = parts_of(network)[field.part]
    usual = replace(holder, **{field.name: field.default})
    assert (field.key in usual.to_document()) == (field.spelled != "unusual")
