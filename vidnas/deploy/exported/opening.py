"""Which runtime runs an exported file? Its name tells."""

from pathlib import Path

from vidnas.deploy.exported.about import About, beside, read_about
from vidnas.deploy.running.runner import ClipRunner, StreamRunner
from vidnas.errors import InputError
from vidnas.nets.tensorflow_import import import_tensorflow

LITERT, ONNX, SAVED_MODEL = ".tflite", ".onnx", "saved_model"


def format_of(path: Path) -> str:
    """The format of an exported file that is there; "" where it is none."""
    if path.suffix in (LITERT, ONNX):
        return path.suffix
    is_saved = (path / "saved_model.pb").is_file() and beside(path).is_file()
    return SAVED_MODEL if is_saved else ""


def about_exported(path: Path) -> About:
    """What an exported file says that it is of.

    Raises:
        InputError: it says nothing, or cannot be read.
    """
    if format_of(path) == LITERT:
        from vidnas.deploy.exported.litert import about_of_file

        return about_of_file(path)
    if not path.exists():
        raise InputError(f"A network must be there to be run, there is no {path}.")
    return read_about(path)


def open_exported_clips(path: Path, threads: int = 1) -> ClipRunner:
    """An exported clip network, ready to run.

    Args:
        path: File that `vidnas export` wrote.
        threads: Threads that it runs on, where its runtime can be told.

    Raises:
        InputError: it is of a stream, or cannot be run.
    """
    if format_of(path) == LITERT:
        from vidnas.deploy.exported.litert import LiteRTClips

        return LiteRTClips(path, threads)
    about = read_about(path)
    if about.stream:
        raise InputError(f"{path} must be of a clip network, it is of a stream.")
    if format_of(path) == ONNX:
        from vidnas.deploy.exported.onnx import ONNXClips

        return ONNXClips(path, about, threads)
    import_tensorflow()
    from vidnas.deploy.exported.saved_model import SavedClips

    return SavedClips(path, about)


def open_exported_stream(
    path: Path, streams: int = 1, threads: int = 1
) -> StreamRunner:
    """An exported stream, ready to run.

    Args:
        path: File that `vidnas export` wrote.
        streams: Streams side by side, of a file that takes any number.
        threads: Threads that it runs on, where its runtime can be told.

    Raises:
        InputError: it is of a clip network, or cannot be run.
    """
    if format_of(path) == LITERT:
        from vidnas.deploy.exported.litert import LiteRTStream

        return LiteRTStream(path, threads)
    about = read_about(path)
    if not about.stream:
        raise InputError(f"{path} must be of a stream, it is of a clip network.")
    if format_of(path) == ONNX:
        from vidnas.deploy.exported.onnx import ONNXStream

        return ONNXStream(path, about, streams, threads)
    import_tensorflow()
    from vidnas.deploy.exported.saved_model import SavedStream

    return SavedStream(path, about, streams)
