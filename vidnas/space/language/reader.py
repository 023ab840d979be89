"""How is a space written? A document to a `Space`, every error with its line.

In any place a list is a choice, a mapping with `options` a choice of which more is
said, text an expression (or a word or kernel that belongs there), and anything else a
value.
"""

import math
from collections.abc import Mapping
from typing import Any

from vidnas.architecture.plain_values import KERNEL_LOOKS, Value, whole_number
from vidnas.architecture.reader import kernel_of
from vidnas.documents.node import Node
from vidnas.errors import InputError
from vidnas.space.language.declaration import StageSpace
from vidnas.space.language.expression import Constant, Expression
from vidnas.space.language.expression_text import parse_expression
from vidnas.space.language.names import ANY, place_at
from vidnas.space.language.options import PER, Options, Spec, Width
from vidnas.space.language.places import FACTOR, PLACES
from vidnas.space.language.value_kinds import MOST_ANY, ValueKind

_OPTIONS = ("options", "per", "when")
_RANGE = ("from", "to", "step", "per", "when")
_WIDTH = ("base", "multiplier", "round_to")
MOST_STEPS = 1000  # of a range


class _Reader:
    """Reads places; knows the names of choices, so that no word becomes one."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.names: set[str] = set()
        self.named: dict[str, Options] = {}
        self.derived: dict[str, Expression] = {}
        for name, child in _entries(node, "choices"):
            self.named[name] = self._named_choice(child)
            self.names.add(name)
        for name, child in _entries(node, "derived"):
            self.derived[name] = self.expression(child)
            self.names.add(name)

    def network(self) -> dict[str, Spec]:
        """What is said of the network's own places."""
        return {
            key: self.spec(child, kind)
            for key, kind in PLACES["network"].items()
            if (child := self.node.get(key)) is not None
        }

    def part(self, part: str, needed: tuple[str, ...]) -> dict[str, Any]:
        """What is said of the places of clip, stem or head."""
        node = self.node.need(part).fields(*PLACES[part]).require(*needed)
        return {
            key: self._width(child) if key == "width" else self.spec(child, kind)
            for key, kind in PLACES[part].items()
            if (child := node.get(key)) is not None
        }

    def rules(self) -> dict[str, Expression]:
        """The rules by name."""
        return {n: self.expression(child) for n, child in _entries(self.node, "rules")}

    def stages(self) -> tuple[StageSpace, ...]:
        """The stages; each may begin as an earlier one."""
        earlier: dict[str, Mapping[str, Node]] = {}
        stages = []
        for number, node in enumerate(self.node.need("stages").items(), start=1):
            keys = tuple(PLACES["stage"])
            node.fields("name", "like", "choices", *keys)
            said: dict[str, Node] = {}
            like = node.get("like")
            if like is not None:
                said |= earlier[_earlier_stage(like, earlier)]
            own = {key: node.child(key) for key in node.value if key != "like"}
            if "expand" in own or "expand_width" in own:  # one replaces the other
                said.pop("expand", None)
                said.pop("expand_width", None)
            said |= own
            name = node.read("name", Node.text, f"stage{number}")
            if name in earlier:
                named = node.get("name") or node
                raise named.complaint(f"a stage `{name}` must stand once.")
            earlier[name] = {key: said[key] for key in said if key != "name"}
            stages.append(self._stage(node, said))
        return tuple(stages)

    def _stage(self, node: Node, said: Mapping[str, Node]) -> StageSpace:
        node.require(*(key for key in ("width", "depth", "kernel") if key not in said))
        if "expand" not in said and "expand_width" not in said:
            raise node.complaint(
                f"`{node.label}` must have the key `expand` or `expand_width`."
            )
        if "expand" in said and "expand_width" in said:
            raise said["expand_width"].complaint(
                "a stage must have `expand` or `expand_width`, got both."
            )
        found: dict[str, Any] = {
            key: self._width(said[key])
            if key == "width"
            else self.spec(said[key], kind)
            for key, kind in PLACES["stage"].items()
            if key in said
        }
        if "name" in node.value:
            found["name"] = _identifier(node.child("name"))
        if "choices" in said:
            entries = _entries_of(said["choices"])
            found["choices"] = {
                name: self._named_choice(child) for name, child in entries
            }
        return StageSpace(**found)

    def _named_choice(self, node: Node) -> Options:
        """A named choice: options of any kind, told by their looks."""
        if isinstance(node.value, dict):
            node.fields(*dict.fromkeys((*_OPTIONS, *_RANGE)))
        if isinstance(node.value, str) and not node.value.replace("_", "").isalnum():
            raise node.error(
                f"`{node.label}` must offer options",
                hint=" What is computed is `derived`.",
            )
        spec = self.spec(node, ANY)
        if isinstance(spec, Constant):
            return Options((spec.constant,))
        if isinstance(spec, Expression):
            raise node.error(f"`{node.label}` must offer options")
        return spec

    def _width(self, node: Node) -> "Width | Spec":
        if isinstance(node.value, dict) and "base" in node.value:
            node.fields(*_WIDTH)
            return Width(
                base=_of_kind(node.need("base"), ValueKind("whole")),
                multipliers=self.spec(node.need("multiplier"), FACTOR),
                round_to=node.read(
                    "round_to", lambda n: _of_kind(n, ValueKind("whole", most=1000)), 8
                ),
            )
        return self.spec(node, place_at(node.path))

    def spec(self, node: Node, kind: ValueKind) -> Spec:
        """What stands in a place."""
        if isinstance(node.value, dict):
            return self._mapping(node, kind)
        if isinstance(node.value, list):
            options = node.options(lambda option: _value(option, kind))
            return Options(options) if len(options) > 1 else Constant(options[0])
        if isinstance(node.value, str) and self._is_expression(node.value, kind):
            return self.expression(node)
        return Constant(_value(node, kind))

    def _mapping(self, node: Node, kind: ValueKind) -> Spec:
        node.fields(*(_RANGE if "from" in node.value else _OPTIONS))
        if "from" in node.value:
            options = _range(node, kind)
        else:
            options = node.need("options").options(lambda n: _value(n, kind))
        when = node.get("when")
        per = node.get("per")
        if per is not None and not kind.per:
            raise per.complaint(f"`{per.label}` must stand in a stage only.")
        how_often = per.one_of(*PER) if per is not None else ""
        return Options(
            options, how_often, self.expression(when) if when is not None else None
        )

    def expression(self, node: Node) -> Expression:
        """The expression that text spells."""
        if isinstance(node.value, bool | int | float):
            return Constant(_of_kind(node, ANY))
        text = node.text()
        try:
            return parse_expression(text)
        except InputError as wrong:
            raise node.complaint(str(wrong)) from wrong

    def _is_expression(self, text: str, kind: ValueKind) -> bool:
        if kind.name == "kernel":
            return not text[:1].isdigit()
        if kind.name == "word":
            return text not in kind.words and (
                text in self.names or not text.replace("_", "").isalnum()
            )
        return kind.name != "any"


def _value(node: Node, kind: ValueKind) -> Value:
    """A value of a kind as the document holds it; words and kernels are read."""
    if kind.name == "kernel" and isinstance(node.value, str) and len(node.value) < 20:
        return kernel_of(node)
    if kind.name == "word":
        return node.one_of(*(word for word in kind.words if word))
    if kind.name == "any" and isinstance(node.value, str):
        looks = KERNEL_LOOKS.fullmatch(node.value)
        return kernel_of(node) if looks else node.text()
    value: Value = _of_kind(node, kind)
    return value


def _of_kind(node: Node, kind: ValueKind) -> Any:
    """A number, a flag or a kernel as the document holds it."""
    value = node.value
    fault = kind.fault(value)
    if fault:
        raise node.error(f"`{node.label}` must be {fault}")
    return whole_number(value) if kind.name == "whole" else value


def _range(node: Node, kind: ValueKind) -> tuple[Value, ...]:
    """`from` to `to`, both included, in steps of `step`."""
    if kind.name not in ("whole", "number", "any"):
        raise node.complaint(
            f"`{node.label}` must list its `options`, a range is of numbers."
        )
    ends = node.value.get("from"), node.value.get("to"), node.value.get("step", 1)
    whole = kind.name == "whole"
    if kind.name == "any":
        whole = not any(isinstance(number, float) for number in ends)
        kind = ValueKind("any", least=-MOST_ANY, most=MOST_ANY)

    def bound(key: str, least: float) -> Any:
        child = node.need(key)
        if not whole:
            return child.number(least, kind.most)
        if isinstance(child.value, int) and child.value > kind.most:
            raise child.error(
                f"`{child.label}` must be a whole number of at most {kind.most}"
            )
        return child.integer(int(least))

    above = kind.name == "number" and kind.least > 0
    first = bound("from", 1e-6 if above else kind.least)
    last = bound("to", first)
    step = bound("step", 1 if whole else 1e-6) if "step" in node.value else 1
    return tuple(
        first + n * step if whole else round(first + n * step, 9)
        for n in range(_steps(node, first, last, step) + 1)
    )


def _steps(node: Node, first: float, last: float, step: float) -> int:
    """How many steps lead from one end of a range to the other."""
    if "step" not in node.value and (first % 1 or last % 1):
        raise node.complaint(
            f"`{node.label}` must say its `step`, from {first} to {last} it is no "
            "range of whole numbers."
        )
    steps = math.floor((last - first) / step + 1e-9)
    if steps >= MOST_STEPS:
        raise node.complaint(
            f"`{node.label}` must offer at most {MOST_STEPS} options, got {steps + 1}."
        )
    reached = round(first + steps * step, 9)
    if not math.isclose(reached, last, abs_tol=1e-9):
        raise node.complaint(
            f"`{node.label}` must reach `to`, both ends are included, but steps of "
            f"{step} from {first} go to {reached} and not to {last}."
        )
    return steps


def _earlier_stage(like: Node, earlier: Mapping[str, Any]) -> str:
    if not earlier:
        raise like.error(f"`{like.label}` must be an earlier stage, there is none")
    return like.one_of(*earlier)


def _entries(node: Node, key: str) -> list[tuple[str, Node]]:
    found = node.get(key)
    return [] if found is None else _entries_of(found)


def _entries_of(node: Node) -> list[tuple[str, Node]]:
    if not isinstance(node.value, dict):
        raise node.error(f"`{node.label}` must be a mapping from names")
    entries = [(name, node.child(name)) for name in node.value]
    for name, child in entries:
        if not isinstance(name, str) or not name.isidentifier():
            raise child.complaint(
                f"a name must be letters, digits and `_`, not first a digit, got "
                f"`{name}`."
            )
    return [(str(name), child) for name, child in entries]


def _identifier(node: Node) -> str:
    if not node.text().isidentifier():
        raise node.error(
            f"`{node.label}` must be letters, digits and `_`, not first a digit"
        )
    return node.text()
