"""Which choices are asked whether they matter? Each, layers of a stage together.

A network of a hundred choices is one of ninety in layers, which no study can tell apart
one by one. So the same choice of every layer of a stage is one factor: how many of the
layers that exist took which option.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from vidnas.architecture.kernel import Kernel
from vidnas.arrays import Bools, Floats, Indices
from vidnas.space.compiling.program import Choice
from vidnas.space.searchable import Searchable

FEW = 4  # options, each of which gets a column; more numbers make a curve
FOR_EACH = 40  # networks, for each of which times more options get columns


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """A choice, or the same choice of every layer of a stage.

    Args:
        name: Name of the choice; of layers, of the stage and the kind of choice.
        options: Options that it has.
        layers: Number of the layers that choose; 0 where no layer does.
        shares: `[N, O]`: share of each option in each candidate: of its layers, or of
            the one choice; all 0 where nothing is chosen.
        table: `[O, K]`: numbers that stand for each option.
    """

    name: str
    options: tuple[Any, ...]
    layers: int
    shares: Floats
    table: Floats

    @property
    def made(self) -> Bools:
        """[N]. Which candidates make the choice."""
        return np.asarray(self.shares.any(axis=1), np.bool_)

    @property
    def tried(self) -> Bools:
        """[O]. Which options some candidate took."""
        return np.asarray(self.shares.any(axis=0), np.bool_)

    @property
    def traits(self) -> tuple[tuple[str, Floats], ...]:
        """What candidates may share, in words, and how much of it each has, `[N]`.

        Of many numbers it is to have at least one of them, or at most.
        """
        if len(self.options) <= FEW or not all(map(_is_number, self.options)):
            return tuple(
                (option_text(option), share)
                for option, share in zip(self.options, self.shares.T, strict=True)
            )
        order = np.argsort(np.array(self.options, np.float64))
        below = np.cumsum(self.shares[:, order], axis=1).T
        made = self.made.astype(np.float64)
        told = [option_text(self.options[at]) for at in order]
        least = zip(told[1:], made - below[:-1], strict=True)
        most = zip(told[:-1], below[:-1], strict=True)
        return (
            *((f"at least {word}", share) for word, share in least),
            *((f"at most {word}", share) for word, share in most),
        )

    @property
    def columns(self) -> Floats:
        """`[N, K]`: mean numbers of each candidate; of all, where none is made."""
        made, columns = self.made, self.shares @ self.table
        columns[~made] = columns[made].mean(axis=0) if made.any() else 0.0
        return columns


def option_text(option: Any) -> str:
    """An option as a space file spells it."""
    if isinstance(option, bool):
        return str(option).lower()
    return f"{option:g}" if isinstance(option, float) else str(option)


def _is_number(option: Any) -> bool:
    return isinstance(option, int | float) and not isinstance(option, bool)


def factors_of(space: Searchable, rows: Indices) -> tuple[Factor, ...]:
    """The factors of candidates, in the order of the space's choices.

    Args:
        space: Space of the candidates.
        rows: `[N, C]`.
    """
    active = space.many.active(rows)
    few = max(FEW, len(rows) // FOR_EACH)
    return tuple(
        _factor(space.choices, name, at, rows, active, few)
        for name, at in _groups(space.choices)
    )


def _groups(choices: tuple[Choice, ...]) -> Iterator[tuple[str, list[int]]]:
    """Name and columns of each factor; layers of other options are factors alone."""
    found: dict[tuple[str, Any], list[int]] = {}
    for at, choice in enumerate(choices):
        name, options = choice.name, choice.options
        if choice.layer >= 0:
            stage, _, kind = choice.name.partition(".layer")
            name = f"{stage}.{kind.partition('.')[2]}"
        found.setdefault((name, tuple(map(str, options))), []).append(at)
    names = [name for name, _ in found]
    for (name, _), columns in found.items():
        unique = names.count(name) == 1
        yield name if unique else choices[columns[0]].name, columns


def _factor(
    choices: tuple[Choice, ...],
    name: str,
    columns: list[int],
    rows: Indices,
    active: Bools,
    few: int,
) -> Factor:
    options = choices[columns[0]].options
    taken, on = rows[:, columns], active[:, columns]
    each = [((taken == at) & on).sum(axis=1) for at in range(len(options))]
    shares = np.stack(each, axis=1) / np.maximum(on.sum(axis=1), 1)[:, None]
    layers = len(columns) if choices[columns[0]].layer >= 0 else 0
    return Factor(name, options, layers, shares, _table(options, few))


def _table(options: tuple[Any, ...], few: int) -> Floats:
    """`[O, K]`: a column per option but the first, or numbers and their squares."""
    if len(options) <= few or any(isinstance(one, bool | str) for one in options):
        return np.eye(len(options))[:, 1:]
    if all(isinstance(one, Kernel) for one in options):
        sizes = np.log([[one.frames, one.side] for one in options])
        return np.asarray(sizes[:, np.ptp(sizes, axis=0) > 0.0], np.float64)
    values = np.array(options, np.float64)
    values = np.log(values) if (values > 0.0).all() else values
    values = (values - values.mean()) / values.std()
    return np.stack([values, values**2], axis=1)
