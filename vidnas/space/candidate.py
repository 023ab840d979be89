"""What is a candidate, and how does it change by one decision?"""

from collections.abc import Iterable

import numpy as np

from vidnas.space.compiling.program import Choice, Program

Candidate = tuple[int, ...]


def redraw(
    program: Program,
    stage_names: Iterable[str],
    candidate: Candidate,
    rng: np.random.Generator,
) -> Candidate:
    """The candidate with one active choice redrawn, canonical; rules aside.

    Layers that a new depth switches on copy the last layer of their stage.

    Args:
        program: The space's program.
        stage_names: Names of its stages.
        candidate: The candidate that changes.
        rng: The only source of randomness.
    """
    before, flags = program.values(candidate)
    at = int(rng.choice([i for i, on in enumerate(flags) if on]))
    others = [i for i in range(len(program.choices[at].options)) if i != candidate[at]]
    changed = list(candidate)
    changed[at] = int(rng.choice(others))
    after, _ = program.values(changed)
    for name in stage_names:
        was, now = before[f"{name}.depth"], after[f"{name}.depth"]
        if now > was > 0:
            _copy_last_layer(program, changed, name, int(was))
    return program.canonical(changed)


def _copy_last_layer(
    program: Program, indices: list[int], stage: str, before: int
) -> None:
    """Layers of a stage from `before` on take the options of the one before them."""
    for at, choice in enumerate(program.choices):
        if choice.gate == f"{stage}.depth" and choice.layer >= before:
            indices[at] = indices[_twin(program, choice, stage, before - 1)]


def _twin(program: Program, choice: Choice, stage: str, layer: int) -> int:
    kind = choice.name.rsplit(".", 1)[1]
    return program.positions[f"{stage}.layer{layer}.{kind}"]
