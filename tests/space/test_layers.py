"""Layers are seen as layers, however a space spells them."""

import pytest

from vidnas.errors import SpaceError
from vidnas.space import ChoiceSpace
from vidnas.space.compiling.layers import same_choices

WIDE = {"depth": (1, 2, 3), "rate": (0.1, 0.2)}


def columns(space):
    names = [choice.name for choice in space.choices]
    return {
        tuple(names[at] for at in same.columns)
        for same in same_choices(space.choices)
        if same.layered
    }


def test_layers_under_a_condition_are_one_decision():
    units = {f"units_{n}": (8, 16, 32) for n in range(3)}
    when = {f"units_{n}": f"depth > {n}" for n in (1, 2)}
    space = ChoiceSpace.of("plain", WIDE | units, when)
    assert columns(space) == {("units_0", "units_1", "units_2")}
    assert space.canonical([0, 1, 2, 2, 2]) == (0, 1, 2, 0, 0)


def test_layers_of_two_stages_are_two_decisions():
    options, when = {}, {}
    for stage in "01":
        options[f"stage{stage}.depth"] = (1, 2)
        for layer in (0, 1):
            options[f"stage{stage}.layer{layer}.kernel"] = ("a", "b")
        when[f"stage{stage}.layer1.kernel"] = f"stage{stage}.depth > 1"
    space = ChoiceSpace.of("stages", options, when)
    assert columns(space) == {
        tuple(f"stage{stage}.layer{layer}.kernel" for layer in (0, 1)) for stage in "01"
    }


def test_numbered_choices_without_a_condition_are_not_layers():
    space = ChoiceSpace.of("row", {f"x{n}": (1, 2, 3) for n in range(4)})
    assert columns(space) == set()
    assert "when" not in space.hyperparameters


def test_gated_layers_are_found_by_their_gate(make_space):
    space = make_space(depth=(1, 2, 3), expand=(1.0, 2.0))
    assert {len(found) for found in columns(space)} == {3}
    assert all(same.gated for same in same_choices(space.choices) if same.layered)


@pytest.mark.parametrize("when", [{"rate": "depht > 1"}, {"depth": "rate > 0.1"}])
def test_a_condition_is_over_choices_before(when):
    with pytest.raises(SpaceError, match=r"over choices before it, got `.*` for `"):
        ChoiceSpace.of("plain", WIDE, when)
