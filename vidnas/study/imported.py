"""What may a study learn from trainings made elsewhere? Lines of a table, as trials.

They are taken over as trials of an earlier study are, and are marked: a front, a family
and a report name the file and the line, since nobody here has seen the training.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vidnas.architecture.architecture import Architecture
from vidnas.costs.network_cost import COSTS
from vidnas.costs.scores import SCORES
from vidnas.errors import EvaluationError, InputError, SpaceError, StudyError
from vidnas.files.loading import load_architecture
from vidnas.files.trial_table import TableRow, TrialTable
from vidnas.space.candidate import Candidate
from vidnas.space.candidate_text import read_candidate
from vidnas.space.named_options import candidate_named
from vidnas.space.space import Space
from vidnas.study.experiment.pricing import pricing_of
from vidnas.study.history import History
from vidnas.study.ledger import Ledger
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.measured import LEAST, checked_numbers, percentages
from vidnas.trials.trial import Trial

ARCHITECTURE, CANDIDATE = "architecture", "candidate"
_FIDELITY = ("epochs", "trained_frames", "trained_resolution")
# Of the tables that vidnas writes; priced, counted and judged anew.
_OURS = {
    *("trial", "arch_id", "above_chance", "seeds", "front_probability", "depth"),
    *("frames", "resolution", "fps", "channels", "front", "baseline", "known"),
    *("continued_from", "source", "reason", "stages", *COSTS, *SCORES),
}
IMPORTED = "imported"  # begins the label of such a trial
_MEASURED = {*LEAST, *percentages(), "val_loss", "loss"}


@dataclass(frozen=True, slots=True)
class Imported:
    """What a table gives a study.

    Args:
        trials: Trials that the study has not had, without numbers of their own.
        left_out: Number of the lines that give none, by reason.
        aside: Columns that say nothing a study keeps.
        notes: What else the user should hear, a sentence each.
    """

    trials: tuple[Trial, ...]
    left_out: Mapping[str, int]
    aside: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def imported_trials(history: History, table: TrialTable) -> Imported:
    """The trials of a table that a study can take over.

    Left out are lines of networks that the space does not hold, that break a budget,
    that have not ended well, or that the study has tried at that fidelity. Of a
    network that stands twice, the first line counts.

    Args:
        history: The study that asks.
        table: Table whose lines name a network by `architecture` (a file, relative to
            the table, or a published name), by `candidate` (its text), or by a column
            for each choice of the space, and hold the study's accuracy.

    Raises:
        InputError: a line is wrong; its message begins with file and line.
        StudyError: the study is one by a score.
    """
    if history.head.identity.score:
        raise StudyError(
            f"A study that imports trials must train, {history.folder} searches by "
            f"`{history.head.identity.score}`."
        )
    space = history.experiment.read_space()
    reader = _Reader(history, table, space, _priced(history))
    tried = {(trial.arch_id, trial.fidelity) for trial in history.trials}
    trials: list[Trial] = []
    left_out: Counter[str] = Counter()
    for row in table.rows:
        trial = reader.trial(row)
        if isinstance(trial, str):
            left_out[trial] += 1
        elif (trial.arch_id, trial.fidelity) in tried:
            left_out["tried already"] += 1
        else:
            tried.add((trial.arch_id, trial.fidelity))
            trials.append(trial)
    return Imported(
        tuple(trials), left_out, reader.aside(), _notes(trials, history.accuracy.name)
    )


def take_in(
    history: History, trials: Sequence[Trial], clock: Callable[[], float]
) -> None:
    """Writes trials into a study's journal, all of them or none that is damaged.

    Args:
        history: The study.
        trials: Trials to take over; they get the next numbers.
        clock: Seconds since the epoch.

    Raises:
        StudyError: a search is writing to the study.
    """
    recipe = history.head.identity.recipe
    ledger = Ledger(
        history.folder, clock, batch=recipe.batch, accuracy=history.accuracy.name
    )
    try:
        for trial in trials:
            ledger.take_over(replace(trial, number=ledger.log.next_number))
    finally:
        ledger.close()


def _priced(history: History) -> Callable[[Architecture], dict[str, float]]:
    identity = history.head.identity
    return pricing_of(len(history.classes), identity.recipe, identity.fidelity).one


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads lines of one table for one study."""

    history: History
    table: TrialTable
    space: Space
    price: Callable[[Architecture], dict[str, float]]

    def trial(self, row: TableRow) -> Trial | str:
        """The trial of a line; a reason where it gives none."""
        state = row.cells.get("state", "done")
        if state != "done":
            return state
        if row.cells.get("baseline"):
            return "a baseline"
        measured, costs = self._measured(row), self._stated_costs(row)
        found = self._network(row)
        if found is None:
            return "not in the space"
        candidate, architecture = found
        trial = Trial(
            number=0,
            candidate=candidate,
            architecture=architecture,
            fidelity=self._fidelity(row, architecture),
            seed=row.count("seed") or 0,
            costs={**self.price(architecture), **costs},
            state="done",
            measured=measured,
            taken_over_from=f"{IMPORTED} {self._label(row)}",
        )
        return "beyond a budget" if self._is_beyond(trial) else trial

    def _is_beyond(self, trial: Trial) -> bool:
        """Whether it breaks a hard budget on what is known of it."""
        return any(
            not limit.soft
            and trial.has(limit.name)
            and not limit.holds(trial.value(limit.name))
            for limit in self.history.experiment.limits
        )

    def aside(self) -> tuple[str, ...]:
        """Columns that nothing is read from."""
        read = {ARCHITECTURE, CANDIDATE, "state", "seed", *_FIDELITY, *_MEASURED}
        read |= _OURS | set(self._columns().values()) | set(self._unpriced())
        return tuple(name for name in self.table.columns if name and name not in read)

    def _label(self, row: TableRow) -> str:
        return f"{self.table.path.name}:{row.place.rpartition(' ')[2]}"

    def _network(self, row: TableRow) -> tuple[Candidate, Architecture] | None:
        """Candidate and architecture of a line; None where the space has no such."""
        try:
            if CANDIDATE in row.cells:
                candidate = read_candidate(self.space, row.cells[CANDIDATE])
                return candidate, self.space.decode(candidate)
            if ARCHITECTURE not in row.cells:
                candidate = candidate_named(self.space, self._options(row))
                return candidate, self.space.decode(candidate)
        except SpaceError as wrong:
            raise InputError(f"{row.place}: {wrong}") from wrong
        architecture = self._loaded(row)
        try:
            return self.space.encode(architecture), architecture
        except SpaceError:
            return None

    def _loaded(self, row: TableRow) -> Architecture:
        named = row.cells[ARCHITECTURE]
        beside = self.table.path.parent / Path(named).expanduser()
        try:
            return load_architecture(beside if beside.is_file() else named)
        except InputError as wrong:
            raise InputError(f"{row.place}: {wrong}") from wrong

    def _options(self, row: TableRow) -> dict[str, str]:
        named = {
            choice: row.cells[column]
            for choice, column in self._columns().items()
            if column in row.cells
        }
        if not named:
            raise InputError(
                f"{row.place}: a network must be named by `{ARCHITECTURE}`, by "
                f"`{CANDIDATE}`, or by choices such as "
                f"`{self.space.choices[0].name}`, got none of them."
            )
        return named

    def _columns(self) -> dict[str, str]:
        """Column of each choice; `choice.NAME` where another column has its name."""
        names = {choice.name for choice in self.space.choices}
        return {
            name: f"choice.{name}" if f"choice.{name}" in self.table.columns else name
            for name in names
        }

    def _fidelity(self, row: TableRow, architecture: Architecture) -> Fidelity:
        """What a line was trained at; what it leaves out is as in full training."""
        full, own = self.history.fidelity, architecture.clip

        def at(column: str, of_full: int | None, of_network: int) -> int | None:
            stated = row.count(column)
            if stated is None or stated == (of_full or of_network):
                return of_full
            return None if stated == of_network else stated

        epochs = row.count("epochs")
        return Fidelity(
            epochs=full.epochs if epochs is None else epochs,
            frames=at("trained_frames", full.frames, own.frames),
            resolution=at("trained_resolution", full.resolution, own.resolution),
        )

    def _unpriced(self) -> tuple[str, ...]:
        """Objectives that nothing here measures or prices, such as a latency."""
        known = {self.history.accuracy.name, *COSTS, *SCORES}
        return tuple(n for n in self.history.objectives.names if n not in known)

    def _stated_costs(self, row: TableRow) -> dict[str, float]:
        found = {}
        for name in self._unpriced():
            value = row.number(name)
            if value is None:
                raise InputError(
                    f"{row.place}: `{name}` must be stated, since the study trades it "
                    "off and it cannot be priced here; nothing is said of it."
                )
            found[name] = value
        return found

    def _measured(self, row: TableRow) -> dict[str, float]:
        accuracy = self.history.accuracy.name
        numbers = {
            name: value
            for name in self.table.columns
            if name in _MEASURED | {accuracy}
            if (value := row.number(name)) is not None
        }
        if accuracy not in numbers:
            raise InputError(
                f"{row.place}: the study's accuracy `{accuracy}` [%] must be stated, "
                "the cell is empty."
                if accuracy in self.table.columns
                else f"{row.place}: the study's accuracy `{accuracy}` [%] must be a "
                "column, the table has none."
            )
        # They are the study's own, unless the line says otherwise; without their number
        # an accuracy would seem to have no doubt.
        numbers.setdefault("val_clips", float(self.history.head.identity.clips.val))
        try:
            return checked_numbers(numbers, accuracy)
        except EvaluationError as wrong:
            raise InputError(f"{row.place}: {wrong}") from wrong


def _notes(trials: Sequence[Trial], accuracy: str) -> tuple[str, ...]:
    """What is likely to be another unit than percents."""
    if len(trials) > 1 and all(trial.measured[accuracy] <= 1 for trial in trials):
        return (
            f"`{accuracy}` is at most 1 on every line, as shares are; it is read as %.",
        )
    return ()
