from dataclasses import replace
from pathlib import Path

import pytest

from vidnas.architecture import Clip
from vidnas.architecture.published.catalogue import published
from vidnas.costs import cost
from vidnas.costs.ensemble_cost import ensemble_cost
from vidnas.deploy.asking.named_network import NamedNetwork, temporal_ensemble
from vidnas.errors import InputError
from vidnas.trials.recipe import Evaluation

FULL = published("movinet-a0", stream=True)
HALF = replace(FULL, clip=replace(FULL.clip, frame_stride=4).at_half_rate())
MEMBER = NamedNetwork(
    "half", HALF, Path("half"), ("jump", "run"), evaluation=Evaluation(frames=30)
)
FILE = Path("two.yaml")


def test_a_clip_at_half_rate_is_as_long():
    assert Clip(9, 32, frame_stride=3).at_half_rate() == Clip(5, 32, frame_stride=6)
    assert Clip(8, 32, fps=10).at_half_rate() == Clip(4, 32, fps=5)


def test_an_ensemble_sees_all_frames_that_its_members_see():
    other = replace(MEMBER, name="other")
    found = temporal_ensemble("two", FILE, [MEMBER, other])
    assert found.architecture.clip == replace(FULL.clip, frame_stride=4)
    assert found.evaluation.frames == 60
    assert found.members == (MEMBER, other)
    assert found.takes_frames
    assert found.classes == ("jump", "run")


def test_members_that_do_not_go_together_are_refused():
    other = replace(MEMBER, name="other", classes=("jump", "sit"))
    with pytest.raises(InputError, match="share their classes, other has"):
        temporal_ensemble("two", FILE, [MEMBER, other])
    longer = replace(MEMBER, architecture=HALF.at(30))
    with pytest.raises(InputError, match="share their clips"):
        temporal_ensemble("two", FILE, [MEMBER, longer])
    with pytest.raises(InputError, match="at least 2 members"):
        temporal_ensemble("two", FILE, [MEMBER])
    full = replace(MEMBER, architecture=FULL)  # every fifth frame
    with pytest.raises(InputError, match="every 2-th frame, or a multiple, half has"):
        temporal_ensemble("two", FILE, [full, full])


def test_two_at_half_rate_cost_the_flops_of_one_at_full_rate():
    one, two = cost(FULL, 8), ensemble_cost([HALF, HALF], 8)
    # But for the dense layers of the head, which each computes once a clip: a frame and
    # they are cost(FULL.at(1)), 50 frames and they are one.flops.
    dense = (50 * cost(FULL.at(1), 8).flops - one.flops) // 49
    assert two["flops"] == one.flops + dense
    assert dense == 480 * 2048 + 2048 * 8
    assert two["parameters"] == 2 * one.parameters
    assert two["stream_state_values"] == 2 * one.stream_state_values
    assert two["flops_per_frame"] == two["flops"] // 50
