"""What is kept of a training that runs? Its state after an epoch, whole or not at all.

A state says what it is of. One of another study, network, seed, fidelity, recipe or
micro-batch is passed over, and so is a damaged one: the training then begins anew.
"""

import errno
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vidnas.files.place import Place
from vidnas.files.state_file import pack_state, unpack_state
from vidnas.study.workers.assignment import Assignment
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.watch import Kept, State
from vidnas.whole_file import write_whole

CHECKPOINT_SCHEMA = "vidnas.checkpoint/v1"
STATE_FILE = "state.npz"
WEIGHTS_FILE = "weights.npz"  # the name that a training folder has it by


class Checkpoint:
    """The folder in which one trial is kept.

    Args:
        assignment: Trial, which names the folder: a path, or an address in a store.
    """

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment

    @property
    def is_wanted(self) -> bool:
        """Whether the study keeps states at all."""
        return bool(self._assignment.checkpoint)

    @property
    def place(self) -> str:
        """The folder of all checkpoints of the study."""
        return self._assignment.checkpoint.rpartition("/")[0]

    def write(self, epoch: int, state: State) -> None:
        """Keeps the state after an epoch, in place of the one before.

        Raises:
            OSError: the storage takes no more, or this machine does not see it.
        """
        about = {**_about(self._assignment), "epoch": epoch}
        self._write(STATE_FILE, pack_state(about, state))

    def write_weights(self, content: bytes) -> None:
        """Keeps the content of a weights file.

        Raises:
            OSError: as in `write`.
        """
        self._write(WEIGHTS_FILE, content)

    def read(self) -> Kept | None:
        """The last state of this trial, else that of the trial it is to continue."""
        assignment = self._assignment
        own = _read(assignment.checkpoint, _about(assignment))
        if own is not None and own.epoch <= assignment.fidelity.epochs:
            return own
        lower = _read(assignment.continues, _about(assignment), lower=True)
        if lower is not None and lower.epoch < assignment.fidelity.epochs:
            return replace(lower, is_of_lower_rung=True)
        return None

    def _write(self, name: str, content: bytes) -> None:
        place = Place.of(self._assignment.checkpoint)
        if place.path is None:
            place.write(name, content)
            return
        if place.path.is_symlink():
            raise OSError(errno.ELOOP, "it is a symbolic link", str(place))
        # The study made the folder above: where it is not, this machine sees another
        # disk, on which nobody would look.
        place.path.mkdir(exist_ok=True)
        write_whole(place.path / name, content)


def _about(assignment: Assignment) -> dict[str, Any]:
    """What a state is of, without which it is none to go on from."""
    full = assignment.full_epochs or assignment.fidelity.epochs
    return {
        "schema": CHECKPOINT_SCHEMA,
        "study": assignment.study,
        "arch_id": assignment.architecture.arch_id,
        "seed": assignment.seed,
        "fidelity": assignment.fidelity.to_document(),
        "full_epochs": full,
        "recipe": assignment.recipe.to_document(),
        "micro_batch": assignment.micro_batch,
    }


def _read(
    folder: str, expected: Mapping[str, Any], *, lower: bool = False
) -> Kept | None:
    """The state in a folder, if it is what is expected.

    Args:
        folder: Folder of a trial; empty where there is none.
        expected: What the state must be of.
        lower: Whether it must be that after all epochs of a cheaper fidelity.
    """
    if not folder:
        return None
    try:
        about, state = unpack_state(Place.of(folder).read(STATE_FILE))
        epoch = int(about.pop("epoch"))
        if lower:
            fidelity = Fidelity(**about.pop("fidelity"))
            wanted = Fidelity(**expected["fidelity"])
            expected = {k: v for k, v in expected.items() if k != "fidelity"}
            if replace(wanted, epochs=epoch) != fidelity:
                return None
    except (OSError, ValueError, LookupError, TypeError):
        return None  # absent, damaged or something else
    return Kept(epoch, state) if about == expected and epoch > 0 else None
