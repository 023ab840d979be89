"""How does a candidate change by one decision?"""

from typing import TYPE_CHECKING

import numpy as np

from vidnas.space.compiling.program import Choice

if TYPE_CHECKING:
    from vidnas.space.space import Space

Candidate = tuple[int, ...]


def redraw(space: "Space", candidate: Candidate, rng: np.random.Generator) -> Candidate:
    """The candidate with one active choice redrawn, canonical; rules aside.

    Layers that a new depth switches on copy the last layer of their stage.
    """
    before, flags = space.program.values(candidate)
    at = int(rng.choice([i for i, on in enumerate(flags) if on]))
    others = [i for i in range(len(space.choices[at].options)) if i != candidate[at]]
    changed = list(candidate)
    changed[at] = int(rng.choice(others))
    after, _ = space.program.values(changed)
    for name in space.stage_names:
        was, now = before[f"{name}.depth"], after[f"{name}.depth"]
        if now > was > 0:
            _copy_last_layer(space, changed, name, int(was))
    return space.canonical(changed)


def _copy_last_layer(
    space: "Space", indices: list[int], stage: str, before: int
) -> None:
    """Layers of a stage from `before` on take the options of the one before them."""
    for at, choice in enumerate(space.choices):
        if choice.gate == f"{stage}.depth" and choice.layer >= before:
            indices[at] = indices[_twin(space, choice, stage, before - 1)]


def _twin(space: "Space", choice: Choice, stage: str, layer: int) -> int:
    kind = choice.name.rsplit(".", 1)[1]
    return space.positions[f"{stage}.layer{layer}.{kind}"]
