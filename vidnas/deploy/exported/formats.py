"""Which formats are there, and which one does the name of a file ask for?"""

import sys
from pathlib import Path

from vidnas.errors import InputError

KERAS, LITERT, ONNX = "Keras", "LiteRT", "ONNX"
CODE, SAVED_MODEL = "Keras code", "SavedModel"
FORMATS = {
    ".keras": KERAS,
    ".tflite": LITERT,
    ".onnx": ONNX,
    ".py": CODE,
    "": SAVED_MODEL,
}


def format_name(path: Path) -> str:
    """The format that the name of a file asks for.

    Args:
        path: File or folder that is to be written.

    Raises:
        InputError: it asks for none, or code would hide a module of Python's.
    """
    if path.suffix not in FORMATS:
        raise InputError(
            "`--to` must be NAME.keras, NAME.tflite, NAME.onnx, NAME.py or a folder "
            f"without a suffix for a SavedModel, got {path}."
        )
    if path.suffix == ".py" and not path.stem.isidentifier():
        raise InputError(f"`--to` must be a name that Python can import, got {path}.")
    return FORMATS[path.suffix]


def hides_a_module(path: Path) -> bool:
    """Whether Python would find that file in the place of one of its own modules."""
    return path.suffix == ".py" and path.stem in sys.stdlib_module_names
