"""How does a space become a program? Places in order, names resolved, errors placed.

Order is that of reading: named choices, derived values, the network's words, clip and
stem, each behind what it names; then stages with their layers, and the head. There an
expression may name what stands before it.
"""

from vidnas.architecture.architecture import RATE_OR_STRIDE
from vidnas.errors import PlacedError
from vidnas.space.compiling.computed_values import check_demands
from vidnas.space.compiling.declared_values import check_given
from vidnas.space.compiling.program import Program
from vidnas.space.compiling.program_builder import FLAG, Compiler, Path
from vidnas.space.compiling.stages import StageCompiler
from vidnas.space.language.declaration import SpaceDeclaration
from vidnas.space.language.expression import Constant, Expression, Name, alike
from vidnas.space.language.names import FACTS
from vidnas.space.language.options import Spec, as_spec
from vidnas.space.language.places import PLACES


def compile_space(space: SpaceDeclaration) -> tuple[Program, dict[str, Expression]]:
    """The program of a space, and its rules in full names.

    Raises:
        PlacedError: an expression names what is not known there, or gives what cannot
            stand there; a declared choice is used nowhere.
    """
    check_given(space)
    compiler = Compiler()
    _add_declared(compiler, space)
    for number, stage in enumerate(space.stages):
        StageCompiler(compiler, space, stage, number).add()
    if len(compiler.optional) == len(space.stages):
        raise PlacedError(
            "A space must have a stage that no candidate leaves out, got none.",
            ("stages",),
        )
    for place in _places_of(space, "head"):
        compiler.place(*place)
    rules = _rules(compiler, space)
    program = compiler.program()
    check_demands(program, compiler.demands, list(rules.values()))
    compiler.check_use(space)
    return program, rules


def _rules(compiler: Compiler, space: SpaceDeclaration) -> dict[str, Expression]:
    """The rules in full names; those that need the network behind all others."""
    rules: dict[str, Expression] = {}
    for name, rule in space.rules.items():
        path = ("rules", name)
        rules[name] = compiler.resolve(rule, path, {}, FACTS)
        if isinstance(rules[name], Constant):
            compiler.demand(rules[name], FLAG, path)
        if not rule.names() or alike(rules[name], Constant(False)):
            always = str(not alike(rules[name], Constant(False))).lower()
            raise PlacedError(
                f"Rule `{name}` must depend on a choice, it is always {always}.", path
            )
        if rules[name].names().isdisjoint(FACTS):
            compiler.demand(rules[name], FLAG, path)
    return dict(
        sorted(rules.items(), key=lambda item: bool(item[1].names() & {*FACTS}))
    )


def _add_declared(compiler: Compiler, space: SpaceDeclaration) -> None:
    """Named choices, derived values, and the places of network, clip and stem.

    In the order written, but nothing before what it names.
    """
    waiting: list[tuple[str, Spec, str, Path]] = [
        (name, as_spec(given), "network", ("choices", name))
        for name, given in space.named.items()
    ]
    waiting += [
        (name, expression, "network", ("derived", name))
        for name, expression in space.derived.items()
    ]
    for part in ("network", "clip", "stem"):
        waiting += _places_of(space, part)
    while waiting:
        still = {name for name, *_ in waiting}
        ready = (place for place in waiting if still.isdisjoint(_named_in(place[1])))
        # Of names that wait for one another, the first says what is wrong.
        place = next(ready, waiting[0])
        waiting.remove(place)
        compiler.place(*place)
    _demand_rate(compiler)


def _demand_rate(compiler: Compiler) -> None:
    """Asks that frames of a clip follow one another by time or by number."""
    path = ("clip", "fps")
    either = (Name("clip.fps") <= 0) | (Name("clip.frame_stride") <= 1)
    either = compiler.resolve(either, path, {})
    if not alike(either, Constant(True)):
        remedy = "Offer a `frame_stride` `when: clip.fps == 0`."
        complaint = f"{RATE_OR_STRIDE}, got both"
        compiler.demand(either, FLAG, path, complaint=complaint, remedy=remedy)


def _places_of(space: SpaceDeclaration, part: str) -> list[tuple[str, Spec, str, Path]]:
    """Name, spec, group and path of every place of a part."""
    if part == "network":
        return [(key, spec, part, (key,)) for key, spec in space.specs().items()]
    specs = getattr(space, part).specs()
    return [(f"{part}.{key}", specs[key], part, (part, key)) for key in PLACES[part]]


def _named_in(spec: Spec) -> frozenset[str]:
    if isinstance(spec, Expression):
        return spec.names()
    return spec.when.names() if spec.when is not None else frozenset()
