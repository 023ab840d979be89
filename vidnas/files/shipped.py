"""Where are the spaces, experiments and notebooks that vidnas ships?

In a clone they are the folders of its top level; a wheel carries the same folders
inside the package.
"""

from pathlib import Path

from vidnas.documents.suggestion import nearest
from vidnas.errors import InputError

SPACES = "search_spaces"
EXPERIMENTS = "experiments"
NOTEBOOKS = "experiments/notebooks"
_SUFFIXES = {SPACES: ".yaml", EXPERIMENTS: ".yaml", NOTEBOOKS: ".ipynb"}
_PACKAGE = Path(__file__).parents[1]


def shipped(kind: str) -> dict[str, Path]:
    """The files of one kind by name.

    Args:
        kind: Folder that they ship in, such as `SPACES`.
    """
    inside = _PACKAGE / "shipped"
    folder = (inside if inside.is_dir() else _PACKAGE.parent) / kind
    return {file.stem: file for file in sorted(folder.glob(f"*{_SUFFIXES[kind]}"))}


def shipped_file(kind: str, text: str) -> Path | None:
    """The file that a name without a path stands for; None where none does."""
    return shipped(kind).get(text)


def require_no_name(
    kind: str, text: str, word: str, error: type[InputError] = InputError
) -> None:
    """Raises where `text` can only be meant as the name of a shipped file.

    Args:
        kind: Folder of the shipped files.
        text: What a user typed, of which there is no file.
        word: What it should be, such as `space`.
        error: Error class to raise.
    """
    path = Path(text)
    if path.suffix or path.name != text:
        return
    spelled = [text + suffix for suffix in (".yaml", ".yml")]
    here = [name for name in spelled if Path(name).is_file()]
    names = shipped(kind)
    hint = f" Did you mean `{here[0]}`?" if here else nearest(text, names)
    raise error(
        f"`{text}` must be a file, or one of the {word}s that vidnas ships: "
        f"{', '.join(names)}.{hint}"
    )
