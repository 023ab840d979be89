"""How is a place on a disk said to people elsewhere? Seen from the study, or by name.

A page is handed on: who reads it has not the author's disk, and need not know it.
"""

import os
from pathlib import Path

from vidnas.study.history import History

# Shared by everybody on a machine: what meets only there is not near.
_SHARED_PARTS = 2  # `/home`, `/tmp`, `/mnt`


def place_in_words(place: str | Path, near: Path) -> str:
    """A path relative to a folder, or its last part alone where that leads far off.

    Args:
        place: File or folder, maybe of another machine.
        near: Folder that the reader knows.
    """
    path, near = Path(place), Path(os.path.abspath(near))  # noqa: PTH100
    if not path.is_absolute():
        return path.as_posix()
    try:
        common = Path(os.path.commonpath([path, near]))
    except ValueError:  # on another drive
        return path.name
    if len(common.parts) <= _SHARED_PARTS:
        return path.name or path.as_posix()
    return Path(os.path.relpath(path, near)).as_posix()


def without_places(text: str, history: History) -> str:
    """A text with the folders of a study and its clips as `place_in_words` says them.

    The home of whoever writes it becomes `~`.
    """
    if "/" not in text and os.sep not in text:  # most trials give no reason
        return text
    folder = Path(os.path.abspath(history.folder))  # noqa: PTH100
    clips = history.experiment.clips_place
    for place in sorted({clips, str(folder)}, key=len, reverse=True):
        if len(Path(place).parts) > 1:
            text = text.replace(place, place_in_words(place, folder))
    home = str(Path.home())
    return text.replace(f"{home}{os.sep}", f"~{os.sep}") if len(home) > 1 else text
