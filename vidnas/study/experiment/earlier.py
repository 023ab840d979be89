"""Which earlier studies does an experiment name?"""

from dataclasses import dataclass
from pathlib import Path

from vidnas.documents.node import Node
from vidnas.files.place import is_address


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier study that an experiment names.

    Args:
        named: The folder as the experiment spells it, or an address in a store.
        folder: Absolute path of its folder, where it is on a disk.
        place: File and line that name it.
    """

    named: str
    folder: Path
    place: str


def read_earlier(node: Node, folder: Path) -> tuple[Earlier, ...]:
    """The studies under `known`; whether they are there is asked when they are needed.

    Args:
        node: A list of folders, which may be empty.
        folder: Folder that the paths are relative to.

    Raises:
        InputError: an item is no text.
    """
    if node.value == []:
        return ()
    return tuple(
        Earlier(
            item.text(),
            Path(item.text())
            if is_address(item.text())
            else (folder / Path(item.text()).expanduser()).resolve(),
            item.origin.place(item.path),
        )
        for item in node.items()
    )
