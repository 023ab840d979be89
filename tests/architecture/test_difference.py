"""What differs from one network to another, by place."""

from dataclasses import replace

from vidnas.architecture.difference import differences
from vidnas.architecture.published.catalogue import published


def test_a_network_does_not_differ_from_itself():
    network = published("x3d-s")
    assert differences(network, network) == {}


def test_a_change_of_each_part_is_said_at_its_place():
    network = published("movinet-a0")
    stages = (*network.stages[:4], replace(network.stages[4], width=112))
    other = replace(
        network.at(frames=8),
        activation="relu",
        stages=stages,
        head=replace(network.head, hidden_bias=False),
    )
    assert differences(network, other) == {
        "network": "activation swish -> relu",
        "clip": "frames 50 -> 8",
        "stage5": "width 104 -> 112",
        "head": "hidden bias yes -> no",
    }


def test_stages_and_layers_that_come_or_go_are_said():
    network = published("movinet-a0")
    shorter = replace(network, stages=network.stages[:-1])
    assert differences(network, shorter) == {"stage5": "gone, 4 layers of width 104"}
    assert differences(shorter, network) == {"stage5": "new, 4 layers of width 104"}
    first = network.stages[1]
    fewer = replace(first, layers=first.layers[:2])
    other = replace(network, stages=(network.stages[0], fewer, *network.stages[2:]))
    assert differences(network, other) == {"stage2": "layers 3 -> 2"}


def test_a_change_of_all_layers_of_a_stage_is_said_once():
    network = published("x3d-s")
    stage = network.stages[1]
    plain = tuple(replace(layer, activation="relu6") for layer in stage.layers)
    stages = (network.stages[0], replace(stage, layers=plain), *network.stages[2:])
    found = differences(network, replace(network, stages=stages))
    assert found == {"stage2": "all layers: activation the network's -> relu6"}
