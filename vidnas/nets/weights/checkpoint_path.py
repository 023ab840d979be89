"""Which checkpoint does a path mean? Its name, a file of it, its folder, an archive.

TensorFlow knows a checkpoint by a prefix, `FOLDER/ckpt-1`, that is no file: people give
what they see instead.
"""

import re
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vidnas.errors import InputError

ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")
_OF_KERAS = (".keras", ".h5", ".hdf5")
_SUFFIX = re.compile(r"\.(index|data-\d{5}-of-\d{5})$")
_MEMBER = re.compile(r"(^|/)(checkpoint|[^/]+\.(index|data-\d{5}-of-\d{5}))$")
_UNREADABLE = (OSError, EOFError, zlib.error, tarfile.TarError, zipfile.BadZipFile)


def is_archive(path: Path) -> bool:
    """Whether a file is one that checkpoints are downloaded as."""
    return path.is_file() and path.name.lower().endswith(ARCHIVES)


@contextmanager
def open_checkpoint(path: Path) -> Iterator[Path]:
    """What `checkpoint_path` finds, for as long as the scope lasts.

    An archive is unpacked for that time, but for what is no checkpoint in it.

    Raises:
        InputError: there is no checkpoint at `path`, or the archive is damaged.
    """
    if not is_archive(path):
        yield checkpoint_path(path)
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            _unpack(path, Path(folder))
        except _UNREADABLE as wrong:
            (reason, *_) = str(wrong).splitlines() or [type(wrong).__name__]
            raise InputError(
                f"{path} must be a whole archive, and cannot be unpacked: "
                f"{reason.rstrip('.:')}."
            ) from wrong
        if not any(Path(folder).rglob("*.index")):
            raise InputError(
                f"{path} must hold a TensorFlow checkpoint (`NAME.index` and its "
                "data), got none."
            )
        yield checkpoint_path(Path(folder))


def checkpoint_path(path: Path) -> Path:
    """The folder of checkpoints, or the prefix of one, that a path means.

    Args:
        path: Prefix of a checkpoint, one of its files, its folder or the one above.

    Raises:
        InputError: it is none of these, with the path that would do where there is one.
    """
    prefix = path.with_name(_SUFFIX.sub("", path.name))
    if prefix.with_name(f"{prefix.name}.index").is_file():
        _require_data(prefix)
        return prefix
    if path.is_file():
        if path.name == "checkpoint":
            return checkpoint_path(path.parent)
        raise InputError(f"{path} must be {_other_file(path, prefix)}")
    if path.is_dir():
        if any(path.glob("*.index")):
            return path
        below = {index.parent for index in path.glob("*/*.index")}
        below = below or {index.parent for index in path.glob("*/*/*.index")}
        if len(below) == 1:
            return below.pop()
        raise InputError(_no_folder(path, sorted(below)))
    beside = sorted(index.with_suffix("") for index in path.parent.glob("*.index"))
    told = f"; these would do: {_listed(beside)}." if beside else "."
    raise InputError(
        f"{path} must be a checkpoint, weights of `vidnas train` or a folder of "
        f"either, there is nothing{told}"
    )


def _require_data(prefix: Path) -> None:
    if not any(prefix.parent.glob(f"{prefix.name}.data-*")):
        raise InputError(
            f"{prefix}.index must lie beside `{prefix.name}.data-00000-of-00001`, "
            "which is not there: a checkpoint is both."
        )


def _other_file(path: Path, prefix: Path) -> str:
    if prefix != path:
        return (
            f"beside `{prefix.name}.index`, which is not there: a checkpoint is both."
        )
    remedy = ""
    if path.suffix in _OF_KERAS:
        remedy = " `keras.models.load_model` loads what Keras saved."
    return (
        "an official checkpoint or `weights.npz` of `vidnas train`, got another file."
        f"{remedy}"
    )


def _no_folder(path: Path, below: list[Path]) -> str:
    others = below or sorted(path.glob("*/weights.npz"))
    if not others:
        return (
            f"{path} must hold one TensorFlow checkpoint (`NAME.index` and its data), "
            "got none."
        )
    return (
        f"{path} must hold one TensorFlow checkpoint or `weights.npz` itself; these "
        f"would do: {_listed(others)}."
    )


def _listed(paths: list[Path]) -> str:
    more = ", ..." if len(paths) > 3 else ""
    return f"{', '.join(map(str, paths[:3]))}{more}"


def _unpack(archive: Path, folder: Path) -> None:
    if archive.name.lower().endswith(".zip"):
        with zipfile.ZipFile(archive) as content:
            for name in filter(_MEMBER.search, content.namelist()):
                content.extract(name, folder)
        return
    with tarfile.open(archive) as content:
        for member in content:
            if member.isfile() and _MEMBER.search(member.name):
                content.extract(member, folder, filter="data")
