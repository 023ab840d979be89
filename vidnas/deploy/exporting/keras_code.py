"""How does a network become code that its reader owns? Plain Keras, in one file.

The functions of `plain_keras` that it needs, its layers as a table, and a `build` that
reads like a sentence; weights lie beside it in an `.npz` file. It needs `keras` and a
back end, and nothing of ours.
"""

import ast
import inspect
import io
import pprint
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.architecture.architecture import Architecture, Placed
from vidnas.architecture.block_rules import (
    Rules,
    convolution_of,
    factored_width,
    rules_of,
)
from vidnas.deploy.exported.about import About
from vidnas.deploy.exporting import plain_keras
from vidnas.deploy.exporting.step import Network
from vidnas.nets.stream_states import state_shapes
from vidnas.version import __version__
from vidnas.whole_file import write_whole

LOADS = "load_weights"  # the part that no `build` calls
ACTIVATION_RULES = (
    "expanded",
    "filtered",
    "excited",
    "summed",
    "hidden",
    "gate",
    "squeezed",
)


def write_code(network: Network, about: About, path: Path) -> list[Path]:
    """Writes the code of a network, and its weights beside it.

    Args:
        network: Network to export, as its weights are now.
        about: What is said of it.
        path: File of the code.

    Returns:
        The file of the code, and that of the weights.
    """
    weights = path.with_suffix(".npz")
    content, arrays = io.BytesIO(), dict[str, Any](_arrays(network))
    np.savez(content, **arrays)
    write_whole(weights, content.getvalue())
    write_whole(path, code_of(network.architecture, about, weights.name, path.stem))
    return [path, weights]


def _arrays(network: Network) -> Iterator[tuple[str, np.ndarray]]:
    """Every weight under the name that it has in the code."""
    for weight in network.weights:
        *layers, name = weight.path.split("/")
        place, value = ".".join(layers), weight.numpy()
        if name == "residual_scale":
            place, name = f"{place}.scale", "scale"
        elif name == "position_scale":
            place, name = f"{place}.position", "scale"
        elif name == "kernel" and value.ndim == 4:  # of one frame
            value = value[None]
        yield f"{place}.{name}", value


def code_of(architecture: Architecture, about: About, weights: str, module: str) -> str:
    """The code of a network.

    Args:
        architecture: Architecture of the network.
        about: What is said of it.
        weights: Name of the file with its weights.
        module: Name of the file of the code, without its suffix.
    """
    build = _build(architecture)
    opening = _docstring(architecture, about, weights, module)
    facts = _facts(architecture, about)
    return "\n".join([opening, *_imports(), _needed(build), facts, build])


def _docstring(
    architecture: Architecture, about: About, weights: str, module: str
) -> str:
    clip = architecture.clip
    lines = [
        f'"""A video network in plain Keras, of architecture {architecture.arch_id}.',
        "",
        f"    import {module}",
        "",
        f"    model = {module}.build()",
        f'    {module}.load_weights(model, "{weights}")',
        f"    logits = model(clips)  # [B, {clip.frames}, {clip.resolution}, "
        f"{clip.resolution}, {clip.channels}] in [0, 1] -> [B, {about.outputs}]",
    ]
    if architecture.causal:
        lines += [
            "",
            "It also runs frame by frame: `build(stream=True)` takes `image`",
            f"[B, {clip.resolution}, {clip.resolution}, {clip.channels}] and the "
            "states STATES, zeros at first, and gives",
            "`logits` and the states for the next frame, by name.",
        ]
    licence = f" Licence of the weights: {about.licence}." if about.licence else ""
    end = f"Written by vidnas {__version__}, which it does not need.{licence}"
    return "\n".join([*lines, "", end, '"""', ""])


def _imports() -> list[str]:
    return [
        "from typing import Any",
        "",
        "import keras",
        "import numpy as np",
        "from keras import layers, ops",
        "",
    ]


def _needed(build: str) -> str:
    """The parts of `plain_keras` that a `build` needs, in their order."""
    source = inspect.getsource(plain_keras)
    lines = source.splitlines()
    parts: dict[str, ast.stmt] = {}
    for part in ast.parse(source).body:
        if isinstance(part, ast.FunctionDef | ast.ClassDef):
            parts[part.name] = part
        elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            parts[part.target.id] = part
    wanted, waiting = {LOADS}, [ast.parse(build), ast.Module([parts[LOADS]], [])]
    while waiting:
        for node in ast.walk(waiting.pop()):
            name = node.id if isinstance(node, ast.Name) else ""
            if name in parts and name not in wanted:
                wanted.add(name)
                waiting.append(ast.Module([parts[name]], []))
    found = []
    for name, part in parts.items():
        if name in wanted:
            decorators = getattr(part, "decorator_list", [])
            first = min([part.lineno, *(d.lineno for d in decorators)])
            found.append("\n".join(lines[first - 1 : part.end_lineno]))
    return "\n\n\n".join(found) + "\n\n"


def _facts(architecture: Architecture, about: About) -> str:
    clip = architecture.clip
    side, classes = clip.resolution, about.outputs
    usual, layers = _layers(architecture)
    facts: dict[str, Any] = {
        "LABELS": list(about.classes),
        "CLASSES": classes,
        "FRAMES": clip.frames,
        "SIZE": side,
        "CHANNELS": clip.channels,
        "EPSILON": rules_of(architecture).epsilon,
        "LAYER": usual,
        "LAYERS": layers,
    }
    if architecture.causal:
        facts["STATES"] = state_shapes(architecture, classes, side, side)
    text = "\n".join(f"{name} = {_shown(facts[name])}" for name in facts)
    return f"{text}\n\n"


def _shown(value: Any) -> str:
    return pprint.pformat(value, width=84, sort_dicts=False)


def _layers(
    architecture: Architecture,
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """What most layers share, and by name what each has besides."""
    layers = {
        place.name: _layer(architecture, place)
        for place in architecture.placed_layers()
    }
    usual = {}
    for key in next(iter(layers.values())):
        values = [layer[key] for layer in layers.values()]
        usual[key] = max(values, key=values.count)
    return usual, {
        name: {key: value for key, value in layer.items() if value != usual[key]}
        for name, layer in layers.items()
    }


def _layer(architecture: Architecture, place: Placed) -> dict[str, Any]:
    layer, rules = place.layer, rules_of(architecture, place.layer)
    split = convolution_of(architecture, layer) == "2plus1d"
    frames, side = layer.kernel
    return {
        "width": place.out_width,
        "expand_width": layer.expand_width,
        "kernel": (int(frames), int(side), int(side)),
        "stride": layer.stride,
        "temporal_stride": layer.temporal_stride,
        "squeeze_excite": layer.squeeze_excite,
        "positional": architecture.positional_encoding,
        "split": split,
        "middle": 0 if rules.bottleneck or not split else factored_width(place),
        "causal": architecture.causal,
        "expands": rules.expands(place),
        "adds": rules.adds(place),
        "projects": rules.projects(place),
        "pooled": rules.shortcut == "pooled",
        "scaled": rules.residual_scale,
        "shifts": architecture.temporal_shift and place.keeps_shape,
        "epsilon": rules.epsilon,
        "rules": {name: getattr(rules, name) for name in ACTIVATION_RULES},
    }


def _build(architecture: Architecture) -> str:
    rules = rules_of(architecture)
    causal = architecture.causal
    inside = "bottleneck" if rules.bottleneck else "pair"
    lines = [
        "",
        f"def build(classes: int = CLASSES, dropout: float = 0.0"
        f"{', stream: bool = False' if causal else ''}) -> Any:",
        '    """The network, with fresh weights."""',
    ]
    shape = "SIZE, SIZE, CHANNELS"
    if causal:
        lines += [
            "    states = Stream(STATES) if stream else None",
            "    if stream:",
            f'        inputs = keras.Input(({shape}), name="image")',
            f"        x = ops.reshape(inputs, (-1, 1, {shape}))",
            "    else:",
            f'        inputs = x = keras.Input((FRAMES, {shape}), name="clip")',
        ]
    else:
        lines += [
            "    states = None",
            f'    inputs = x = keras.Input((FRAMES, {shape}), name="clip")',
        ]
    lines += [
        *_stem(architecture, rules),
        "    for name, layer in LAYERS.items():",
        f"        x = residual(x, name, {inside}, {{**LAYER, **layer}}, states)",
        *_head(architecture, rules),
    ]
    if causal:
        lines += [
            "    if states is None:",
            "        return keras.Model(inputs, logits)",
            '    given = {"image": inputs, **states.past}',
            '    return keras.Model(given, {"logits": logits, **states.future})',
        ]
    else:
        lines.append("    return keras.Model(inputs, logits)")
    return "\n".join([*lines, ""])


def _stem(architecture: Architecture, rules: Rules) -> Iterator[str]:
    stem, middle = architecture.stem, architecture.stem.factored_width
    frames, side = stem.kernel
    time = f'causal={architecture.causal}, buffer="stem_conv_buffer", stream=states'
    activate = f'    x = ACTIVATIONS["{rules.stem}"]'
    if middle:
        spatial = f"(1, {side}, {side}), {stem.stride}"
        yield f'    x = dense(x, "stem.conv", {middle}, {spatial})'
        yield f'{activate}(norm(x, "stem.conv_norm", EPSILON))'
        yield (
            f'    x = dense(x, "stem.conv_temporal", {stem.width}, ({frames}, 1, 1), '
            f"{time})"
        )
    else:
        yield (
            f'    x = dense(x, "stem.conv", {stem.width}, ({frames}, {side}, {side}), '
            f"{stem.stride}, {time})"
        )
    if stem.temporal > 1:
        time = time.replace("stem_conv_buffer", "stem_buffer")
        yield f'    x = depthwise(x, "stem.temporal", ({stem.temporal}, 1, 1), {time})'
    yield f'{activate}(norm(x, "stem.norm", EPSILON))'


def _head(architecture: Architecture, rules: Rules) -> Iterator[str]:
    head = architecture.head
    if head.project_width:
        yield (
            f"    x = layers.Dense({head.project_width}, use_bias=False, "
            'name="head.project")(x)'
        )
        yield (f'    x = ACTIVATIONS["{rules.head}"](norm(x, "head.norm", EPSILON))')
    so_far = 'mean_so_far(x, "head_mean", states)[:, 0]'
    if head.per_frame:
        yield "    x = ops.mean(x, (2, 3))"
    elif architecture.causal:
        yield "    if states is None:"
        yield "        x = ops.mean(x, (1, 2, 3))"
        yield "    else:"
        yield "        x = ops.mean(x, (2, 3))"
        yield f"        x = {so_far}"
    else:
        yield "    x = ops.mean(x, (1, 2, 3))"
    if head.hidden_width:
        bias = "" if head.hidden_bias else ", use_bias=False"
        yield f'    x = layers.Dense({head.hidden_width}{bias}, name="head.hidden")(x)'
        yield f'    x = ACTIVATIONS["{rules.classifier}"](x)'
    yield "    x = layers.Dropout(dropout)(x)"
    yield '    x = layers.Dense(classes, name="head.classes")(x)'
    if head.per_frame and architecture.causal:
        yield f"    logits = ops.mean(x, 1) if states is None else {so_far}"
    elif head.per_frame:
        yield "    logits = ops.mean(x, 1)"
    else:
        yield "    logits = x"
