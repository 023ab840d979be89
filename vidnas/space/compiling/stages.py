"""How does a stage become steps? Its own places, then those of each layer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vidnas.errors import PlacedError
from vidnas.space.compiling.program_builder import FLAG, Compiler, Path
from vidnas.space.language.declaration import SpaceDeclaration, StageSpace
from vidnas.space.language.expression import (
    Constant,
    Expression,
    Name,
    alike,
    call,
    fold,
    round_to,
)
from vidnas.space.language.names import LAYERED, label_of, place_at
from vidnas.space.language.options import Options, Spec, Width, as_spec
from vidnas.space.language.places import PLACES
from vidnas.space.language.value_kinds import ValueKind


class StageCompiler:
    """One stage, added to a compiler: its own places, then those of each layer."""

    def __init__(
        self,
        compiler: Compiler,
        space: SpaceDeclaration,
        stage: StageSpace,
        number: int,
    ) -> None:
        self.compiler, self.space, self.stage = compiler, space, stage
        self.name = space.stage_names[number]
        self.path: Path = ("stages", number)
        self.specs = stage.specs()
        self.aliases: dict[str, Expression] = {}
        self.layered: list[str] = []  # places of the layers, beyond the usual ones
        # Layers that say nothing of their number are checked once.
        self.alike = not any(
            "layer" in spec.names()
            for spec in self.specs.values()
            if isinstance(spec, Expression)
        )

    def add(self) -> None:
        """Adds everything."""
        spec: Spec | None
        for name, given in self.stage.choices.items():
            self.set_stage(name, as_spec(given), (*self.path, "choices", name))
        self._demand_factor()
        for key, kind in PLACES["stage"].items():
            spec = self.specs.get(key)
            if spec is None or kind.per == "layer":
                continue
            if self._is_layered(key, spec, kind):
                self.layered.append(key)
            else:
                self.set_stage(key, spec, (*self.path, key))
        depth = f"{self.name}.depth"
        depths = self.compiler.depths(depth, (*self.path, "depth"))
        if min(depths) == 0:
            self._leave_out()
        self.compiler.add_layers(max(depths), (*self.path, "depth"))
        for layer in range(max(depths)):
            before = len(self.compiler.demands)
            self._add_layer(layer)
            if layer and self.alike:
                del self.compiler.demands[before:]

    def _demand_factor(self) -> None:
        width = self.stage.width
        if isinstance(width, Width) and isinstance(width.multipliers, Expression):
            path = (*self.path, "width", "multiplier")
            factor = self.compiler.resolve(width.multipliers, path, self.aliases)
            self.compiler.demand(factor, place_at(path), path)

    def _leave_out(self) -> None:
        """Notes that a depth may be 0; what else is chosen must then be inactive."""
        deciding = self.compiler.program().support[f"{self.name}.depth"]
        for at, choice in enumerate(self.compiler.choices):
            own = choice.name.startswith(f"{self.name}.") and at not in deciding
            if own and choice.when is None:
                raise PlacedError(
                    f"`{choice.name}` must have a `when`, since some candidates leave "
                    "its stage out.",
                    choice.path,
                )
        self.compiler.optional.add(self.name)

    def set_stage(self, key: str, spec: Spec, path: Path) -> None:
        """Adds a place of the stage."""
        name = f"{self.name}.{key}"
        demands = self.compiler.demands
        before = len(demands)
        self.compiler.place(name, spec, self.name, path, aliases=self.aliases)
        # Where the stage is left out, nothing is asked of it.
        demands[before:] = [
            replace(demand, gate=f"{self.name}.depth") for demand in demands[before:]
        ]
        self.aliases[key] = Name(name)

    def _is_layered(self, key: str, spec: Spec, kind: ValueKind) -> bool:
        """Whether a place of the stage is one of each layer."""
        if isinstance(spec, Options):
            return spec.per == "layer"
        named = spec.names() & {*LAYERED, *self.layered}
        if named and not kind.layered:
            path = (*self.path, key)
            raise PlacedError(
                f"`{label_of(path)}` must be the same for all layers, got "
                f"`{min(named)}`, which is of one layer.",
                path,
            )
        return bool(named)

    def _add_layer(self, layer: int) -> None:
        prefix = f"{self.name}.layer{layer}"
        aliases: dict[str, Expression] = {**self.aliases, "layer": Constant(layer)}
        gated: dict[str, Any] = {"gate": f"{self.name}.depth", "layer": layer}

        def add(key: str, spec: Spec) -> None:
            path = (*self.path, key)
            shared = isinstance(spec, Options) and spec.per == "stage"
            name = f"{self.name}.{key}" if shared else f"{prefix}.{key}"
            if not shared:
                self.compiler.place(
                    name, spec, self.name, path, aliases=aliases, **gated
                )
            elif layer == 0:
                self.compiler.place(name, spec, self.name, path, aliases=self.aliases)
            aliases[key] = Name(name)

        add("kernel", self.specs["kernel"])
        if "expand" in self.specs:
            add("expand", self._expand_spec(self.specs["expand"]))
        if "expand_width" in self.specs:
            add("expand_width", self.specs["expand_width"])
        for key in self.layered:
            add(key, self.specs[key])
        self._demand_frames(aliases, **gated)
        path = (*self.path, "expand")
        for key, expression in self._computed(aliases).items():
            self.compiler.compute(
                f"{prefix}.{key}", expression, path, aliases=aliases, **gated
            )
            aliases[key] = Name(f"{prefix}.{key}")

    def _demand_frames(
        self, aliases: Mapping[str, Expression], gate: str, layer: int
    ) -> None:
        """Asks that no causal network skips frames."""
        stride = aliases["temporal_stride"]
        if layer and "temporal_stride" not in self.layered:
            return  # of the first layer only
        path = (*self.path, "temporal_stride")
        keeps = ~Name("causal") | (stride <= 1)
        keeps = self.compiler.resolve(keeps, path, {})
        if not alike(keeps, Constant(True)):
            complaint = (
                "A causal network must keep every frame, got `temporal_stride` above 1"
            )
            remedy = "Offer it `when: not causal`."
            self.compiler.demand(keeps, FLAG, path, gate, layer, complaint, remedy)

    def _expand_spec(self, spec: Spec) -> Spec:
        """Ratios to a base are widths; equal ones are one option."""
        if isinstance(spec, Options) and self.stage.base is not None:
            widths = dict.fromkeys(
                fold(self._rounded(Constant(ratio), self.stage.base)).constant  # type: ignore[attr-defined]
                for ratio in spec.options
            )
            return Options(tuple(widths), spec.per, spec.when)
        return spec

    def _rounded(self, ratio: Expression, base: Expression) -> Expression:
        return round_to(ratio * base, self.stage.round_to)

    def _computed(self, aliases: Mapping[str, Expression]) -> dict[str, Expression]:
        """What a layer is built of, where it is not chosen itself."""
        computed: dict[str, Expression] = {}
        if "expand_width" not in self.specs:
            spec = self.specs["expand"]
            if isinstance(spec, Options) and self.stage.base is not None:
                computed["inner"] = Name("expand")
            else:
                base = self.stage.base
                relative = Name("width") if base is None else base
                computed["inner"] = self._rounded(Name("expand"), relative)
        else:
            computed["inner"] = Name("expand_width")
        excited = Name("width") if self.space.block == "resnet" else Name("inner")
        if "squeeze_ratio" in self.specs:
            ratio: Expression = Name("squeeze_ratio")
        elif self.space.block == "mobilenet":
            ratio = Constant(0.25)
        else:
            ratio = call("if", Name("causal"), 0.5, 0.25)
        hidden = call("round8", ratio * excited)
        computed["excited"] = call("if", Name("squeeze_excite"), hidden, 0)
        return computed
