"""What does a full training keep? A folder that goes on after any break.

`training.jsonl` holds a head and one record an epoch, appended as in a study's journal.
`checkpoint.npz` is the state after the last epoch, replaced whole and before the
epoch's record is written: whatever a SIGKILL leaves, at most one epoch is lost and none
is recorded twice. `weights.npz`, `architecture.yaml` and `classes.json`, the numbers
of each class, appear at the end.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from vidnas.errors import EvaluationError, JournalError, StudyError
from vidnas.files.journal import Journal, Record
from vidnas.files.same_clips import CLIPS, DIGESTS, new_digests, without_digests
from vidnas.files.same_facts import require_same
from vidnas.files.state_file import State, pack_state, unpack_state
from vidnas.files.yaml_file import dump_document
from vidnas.nets.weights.checkpoint_path import checkpoint_path, is_archive
from vidnas.training.training_records import TRAINING_SCHEMA, require_sound_records
from vidnas.trials.recipe import Recipe
from vidnas.version import __version__
from vidnas.whole_file import write_whole

TRAINING_FILE = "training.jsonl"
CHECKPOINT_FILE = "checkpoint.npz"
WEIGHTS_FILE = "weights.npz"
ARCHITECTURE_FILE = "architecture.yaml"
CLASSES_FILE = "classes.json"

_UNREADABLE = (OSError, ValueError, RecursionError)
Report = Mapping[str, float]


class TrainingFolder:
    """One training in one folder; a context manager that holds its records.

    Nothing is written before the first epoch is done, so a command that is refused, or
    fails at once, leaves no folder behind.

    Args:
        path: Folder of the training; made where absent, gone on with where it holds
            the training.
        identity: Facts that must not change while the training goes on, as plain data,
            with `epochs` among it.
        changes: Function that tells in words which clips changed since the training
            was begun; it may not know.
        clock: Function that gives the seconds since 1970.

    Raises:
        StudyError: the folder holds another training or a half one, or another process
            is writing to it.
        JournalError: its records are damaged, or of a later version.
    """

    def __init__(
        self,
        path: Path,
        identity: Mapping[str, Any],
        *,
        changes: Callable[[], str] = lambda: "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path = path
        self._changes = changes
        self._identity = dict(identity)
        self._clock = clock
        self._facts: dict[str, Any] = {}
        self._journal = Journal(path / TRAINING_FILE)
        try:
            require_sound_records(self._journal.records, self._journal.path)
            self._require_same_clips()
            self._require_same()
            self.state = self._restore_state()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "TrainingFolder":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Releases the folder, and removes it where nothing was kept in it."""
        if not self._journal.records:
            self._journal.discard()
        self._journal.close()
        if not self._journal.records:
            with suppress(OSError):
                self.path.rmdir()

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should hear of how the folder was found, a sentence each."""
        return tuple(self._journal.notices)

    @property
    def epochs(self) -> list[Record]:
        """Records of the epochs that are done, in order."""
        return [r for r in self._journal.records if r["event"] == "epoch"]

    @property
    def measured(self) -> dict[str, Any] | None:
        """What the finished training measured; None while it is not finished."""
        whole = all(
            (self.path / name).exists() for name in (WEIGHTS_FILE, ARCHITECTURE_FILE)
        )
        done = [r for r in self._journal.records if r["event"] == "done"]
        return dict(done[-1]["measured"]) if done and whole else None

    def begin(
        self, facts: Mapping[str, Any], found: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """Takes facts for the head, such as clips in use, which must not change.

        Args:
            facts: Facts by name.
            found: What was found about the clips, which may be other the next time.

        Raises:
            StudyError: they were others when the training began.
        """
        self._facts = {**facts, "found": [dict(one) for one in found]}
        if self._journal.records:
            before = {name: self._head.get(name) for name in facts}
            require_same(before, facts, self._refusal, self._remedy)

    def keep(self, epoch: int, report: Report, state: State) -> None:
        """Keeps an epoch: on return it survives anything.

        Raises:
            EvaluationError: the disk takes no more.
            JournalError: the folder was taken from under this process. One that was
                removed is made again with all that is needed to go on; in another
                training's nothing is touched.
        """
        try:
            self._journal.require_own()
        except JournalError:
            if not self._journal.path.exists():
                with suppress(OSError):
                    self._write(CHECKPOINT_FILE, _pack(epoch, report, state))
            raise
        try:
            self._write(CHECKPOINT_FILE, _pack(epoch, report, state))
            if not self._journal.records:
                self._append(
                    "training",
                    schema=TRAINING_SCHEMA,
                    vidnas=__version__,
                    identity=self._identity,
                    **self._facts,
                )
            self._append("epoch", epoch=epoch, **report)
        except OSError as wrong:
            raise EvaluationError(
                f"{self.path} cannot be written: {wrong.strerror}"
            ) from wrong

    def fail(self, reason: str) -> None:
        """Records why the training stopped, where an epoch of it is kept."""
        if self._journal.records:
            # The reason may be a full disk, or a folder that is gone.
            with suppress(OSError, JournalError):
                self._append("failed", reason=reason)

    def finish(
        self,
        weights: bytes,
        document: Mapping[str, Any],
        measured: Mapping[str, Any],
        classes: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Keeps the trained network.

        Args:
            weights: Content of the network's weights file.
            document: Content of the network's architecture file.
            measured: Numbers that the training measured.
            classes: Name and numbers of each class.

        Raises:
            EvaluationError: the disk takes no more.
            JournalError: the folder was taken from under this process.
        """
        self._journal.require_own()
        try:
            self._write(WEIGHTS_FILE, weights)
            self._write(ARCHITECTURE_FILE, dump_document(dict(document)))
            if classes:
                self._write(CLASSES_FILE, json.dumps(list(classes), indent=1))
            self._append("done", measured=dict(measured))
        except OSError as wrong:
            raise EvaluationError(
                f"{self.path} cannot be written: {wrong.strerror}"
            ) from wrong

    @property
    def _head(self) -> Record:
        return self._journal.records[0]

    @property
    def _refusal(self) -> str:
        return f"{self.path} holds another training"

    _remedy = "Give this one a folder of its own with --out."

    def _require_same(self) -> None:
        if not self._journal.records:
            return
        before = without_digests(self._head["identity"])
        now = without_digests(self._identity)
        if "recipe" in before:  # it may have been written before a field joined
            before["recipe"] = Recipe.from_document(before["recipe"]).to_document()
        epochs = {"epochs": before.pop("epochs")}, {"epochs": now.pop("epochs")}
        require_same(before, now, self._refusal, self._remedy)
        require_same(
            *epochs,
            self._refusal,
            "The learning rate follows all epochs from the first, so more of them are "
            "another training: give it --out, and --weights to start from this one's.",
        )

    def _require_same_clips(self) -> None:
        """Records digests that are new; raises where one is not what it was."""
        if not self._journal.records:
            return
        clips = self._identity.get("clips")
        now = {k: v for k, v in clips.items() if k in DIGESTS} if clips else {}
        new, notice = new_digests(
            self._journal.records, now, self._changes, str(self.path), self._remedy
        )
        if new:
            self._append(CLIPS, **new)
            self._journal.notices.append(notice)

    def _restore_state(self) -> State | None:
        """The state after the last epoch, whose record is written if it is missing."""
        if not self._journal.records:
            return None
        path = self.path / CHECKPOINT_FILE
        epoch, report, state = _unpack(path)
        last = len(self.epochs)
        if epoch == last + 1:
            self._append("epoch", epoch=epoch, **report)
        elif epoch != last:
            raise StudyError(
                f"{path} must be of epoch {last}, the last in {TRAINING_FILE}, got "
                f"epoch {epoch}."
            )
        return state

    def _append(self, event: str, **facts: Any) -> None:
        self._journal.append({"event": event, "time": self._clock(), **facts})

    def _write(self, name: str, content: str | bytes) -> None:
        write_whole(self.path / name, content)


def read_classes(folder: Path) -> list[dict[str, Any]]:
    """Numbers of each class of a finished training; none where an older one left none.

    Args:
        folder: Folder of the training.
    """
    try:
        found = json.loads((folder / CLASSES_FILE).read_text(encoding="utf-8"))
    except _UNREADABLE:
        return []
    is_sound = isinstance(found, list) and all(isinstance(r, dict) for r in found)
    return found if is_sound else []


def weights_identity(path: Path) -> str:
    """What tells weights from others: 16 digits of a hash over their files.

    Args:
        path: Weights file or training folder, or an official checkpoint's archive,
            directory, name or file.

    Raises:
        InputError: there is none of these.
    """
    own = path / WEIGHTS_FILE if path.is_dir() else path
    if own.is_file() and (own.suffix == ".npz" or is_archive(own)):
        files = [own]
    else:
        found = checkpoint_path(path)
        inside = found.is_dir()
        names = (found, "*") if inside else (found.parent, found.name)
        files = _checkpoint_files(*names)
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()[:16]


def _checkpoint_files(folder: Path, name: str) -> list[Path]:
    return sorted([*folder.glob(f"{name}.index"), *folder.glob(f"{name}.data-*")])


def _pack(epoch: int, report: Report, state: State) -> bytes:
    about = {"schema": TRAINING_SCHEMA, "epoch": epoch, "report": dict(report)}
    return pack_state(about, state)


def _unpack(path: Path) -> tuple[int, Report, State]:
    try:
        about, state = unpack_state(path.read_bytes())
        return int(about["epoch"]), {**about["report"]}, state
    except FileNotFoundError as wrong:
        raise StudyError(
            f"{path.parent} must hold {path.name} to go on from, it is gone. Give the "
            "training a new folder with --out."
        ) from wrong
    except (OSError, ValueError, LookupError, TypeError) as wrong:
        raise StudyError(
            f"{path} is damaged and cannot be gone on from. Give the training a new "
            "folder with --out."
        ) from wrong
