"""How is a network written, in the format that the name of its file says?"""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vidnas.deploy.exported.about import About, State, write_about
from vidnas.deploy.exported.formats import CODE, KERAS, LITERT, ONNX, format_name
from vidnas.deploy.exported.litert import states_of, with_about
from vidnas.deploy.exporting.keras_code import write_code
from vidnas.deploy.exporting.litert import litert_model
from vidnas.deploy.exporting.onnx import onnx_model
from vidnas.deploy.exporting.ranges import Ranges
from vidnas.deploy.exporting.saved_model import save_network
from vidnas.deploy.exporting.step import Network
from vidnas.errors import InputError
from vidnas.nets.stream import StreamNetwork
from vidnas.whole_file import unfinished, write_whole


def write_network(
    network: Network, about: About, path: Path, ranges: Ranges | None = None
) -> list[Path]:
    """Writes a network in the format that the name of a file asks for.

    Args:
        network: Network to export, as its weights are now.
        about: What is said of it.
        path: File, or folder of a SavedModel, to write.
        ranges: Ranges of its sites, for `int8`.

    Returns:
        Every file and folder that was written, the network's first.

    Raises:
        InputError: there is no such format, or something else is in the way.
        EvaluationError: the format has no operator for a part of the network.
    """
    kind = format_name(path)
    if kind == CODE:
        return write_code(network, about, path)
    if kind == LITERT:
        model = litert_model(network, about.batch, about.quantize, ranges)
        about = replace(about, states=states_of(model))
        write_whole(path, with_about(model, about))
        return [path, write_about(about, path)]
    about = replace(about, batch=0, states=_states(network))
    if kind == ONNX:
        write_whole(path, onnx_model(network, about))
    elif kind == KERAS:
        with unfinished(path) as partial:
            _save_keras(network, partial)
    else:
        _write_folder(lambda folder: save_network(network, folder), path)
    return [path, write_about(about, path)]


def _states(network: Network) -> tuple[State, ...]:
    if not isinstance(network, StreamNetwork):
        return ()
    return tuple(
        State(name, (0, *(int(side) for side in state.shape[1:])))
        for name, state in network.initial_states(1).items()
    )


def _save_keras(network: Network, partial: Path) -> None:
    """Saves a network; Keras wants a name that ends in `.keras`."""
    with tempfile.TemporaryDirectory(dir=partial.parent) as folder:
        saved = Path(folder) / "network.keras"
        network.save(saved)
        saved.replace(partial)


def _write_folder(write: Callable[[Path], None], path: Path) -> None:
    """Writes a folder aside, and puts it in the place of an older SavedModel."""
    if path.exists() and not (path / "saved_model.pb").is_file():
        raise InputError(f"{path} must be new or a SavedModel, it is something else.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        made = Path(folder) / "network"
        write(made)
        if path.exists():
            shutil.rmtree(path)
        made.replace(path)
