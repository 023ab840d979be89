import numpy as np

from vidnas.budgets import Pricing
from vidnas.costs import cost
from vidnas.files.loading import load_space


def drawn(count):
    """A space of streams and of networks that are none, and candidates of it."""
    space = load_space("movinet_a0")
    rng = np.random.default_rng(0)
    return space, np.array([space.sample(rng) for _ in range(count)])


def test_memory_of_causal_networks_is_that_of_a_sub_clip_with_states_and_sums():
    space, matrix = drawn(20)
    price = Pricing(8, 4, frames=20, resolution=64, subclip_frames=8)
    rows = price.rows(space, matrix)["training_bytes"]
    kinds = set()
    for candidate, row in zip(matrix, rows, strict=True):
        architecture = space.decode(tuple(map(int, candidate)))
        kinds.add(architecture.causal)
        # 20 frames in 7, 7 and 6.
        step = cost(architecture.at(7 if architecture.causal else 20, 64), 8, batch=4)
        more = 0
        if architecture.causal:
            more = 4 * (2 * 4 * step.stream_state_values + step.stored_parameters)
        assert (
            row == step.training_bytes + more == price.cost(architecture).training_bytes
        )
    assert kinds == {False, True}


def test_without_other_parts_a_clip_costs_what_it_did():
    space, matrix = drawn(10)
    usual = Pricing(8, 4, frames=8, resolution=64)
    whole = Pricing(8, 4, frames=8, resolution=64, subclip_frames=8)
    for name in ("training_bytes", "flops", "inference_bytes"):
        assert (
            usual.rows(space, matrix)[name] == whole.rows(space, matrix)[name]
        ).all()
