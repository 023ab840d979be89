"""Which candidate decodes to a given architecture, or which choice excludes it?

The steps of the program are gone through with the values that the architecture needs:
a choice that is a place has one option left, another is tried option by option.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vidnas.errors import SpaceError
from vidnas.space.candidate import Candidate
from vidnas.space.compiling.program import Program

TRIED = 200_000  # steps before the search gives up


@dataclass
class _Search:
    program: Program
    wanted: Mapping[str, Any]
    where: str  # "in space 'movinet'"
    steps: int = 0
    farthest: int = -1
    refusal: str = ""
    indices: dict[int, int] = field(default_factory=dict)

    def finds(self) -> bool:
        """Whether some candidate gives what is wanted; `refusal` says why not."""
        for constant, value in self.program.constants.items():
            if not self._fits(constant, value):
                got = _text(self.wanted[constant])
                self.refusal = f"`{constant}` must be {value} {self.where}, got {got}."
                return False
        return self.from_step(0, dict(self.program.constants))

    def from_step(self, at: int, known: dict[str, Any]) -> bool:
        """Whether the steps from `at` on can give what is wanted."""
        for n in range(at, len(self.program.steps)):
            self.steps += 1
            if self.steps > TRIED:
                raise SpaceError(
                    f"The architecture was neither found nor excluded {self.where} in "
                    f"{TRIED} steps."
                )
            step = self.program.steps[n]
            if step.layer >= 0 and step.layer >= known[step.gate]:
                continue
            if step.choice >= 0:
                choice = self.program.choices[step.choice]
                on = choice.when is None or bool(choice.when.value(known))
                return self._try(n, choice.options if on else choice.options[:1], known)
            value = step.expression.value(known)  # type: ignore[union-attr]
            if not self._fits(step.name, value):
                self._refuse(n, f"be {value}")
                return False
            known[step.name] = value
        return True

    def _try(self, n: int, options: tuple[Any, ...], known: dict[str, Any]) -> bool:
        step = self.program.steps[n]
        fitting = [
            (index, option)
            for index, option in enumerate(options)
            if self._fits(step.name, option)
        ]
        if not fitting:
            self._refuse(n, f"be one of {', '.join(map(str, options))}")
        for index, option in fitting:
            self.indices[step.choice] = index
            # Only what comes behind this step may be tried again.
            branch = known if len(fitting) == 1 else dict(known)
            branch[step.name] = option
            if self.from_step(n + 1, branch):
                return True
            self.indices.pop(step.choice)
        return False

    def _fits(self, name: str, value: Any) -> bool:
        return fits(self.wanted.get(name, value), value)

    def _refuse(self, n: int, must: str) -> None:
        if n > self.farthest:
            name = self.program.steps[n].name
            self.farthest = n
            got = _text(self.wanted[name])
            self.refusal = f"`{name}` must {must} {self.where}, got {got}."


def fits(wanted: Any, value: Any) -> bool:
    """Whether a value is the one wanted, or one of a set of them."""
    if isinstance(wanted, frozenset):
        return value in wanted
    return bool(wanted == value)


def _text(wanted: Any) -> str:
    if isinstance(wanted, frozenset):
        return " or ".join(sorted(word for word in wanted if word)) or "several"
    return str(wanted)


def find_candidate(
    program: Program, ways: Sequence[Mapping[str, Any]], name: str
) -> Candidate:
    """The candidate whose values are those wanted.

    Args:
        program: Program of the space.
        ways: Values, or sets of them, by name; names that are not there may give
            anything. The first way that succeeds counts.
        name: Name of the space, for messages.

    Raises:
        SpaceError: there is none; says which choice or place excludes it.
    """
    refusals: list[tuple[int, str]] = []
    for wanted in ways:
        search = _Search(program, wanted, f"in space '{name}'")
        if search.finds():
            return tuple(search.indices.get(i, 0) for i in range(len(program.choices)))
        refusals.append((search.farthest, search.refusal))
    raise SpaceError(max(refusals)[1])
