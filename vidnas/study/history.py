"""What does a journal tell? Its records back to a head and trials, and nothing else."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from vidnas.errors import JournalError, StudyError
from vidnas.files.attendance import has_writer
from vidnas.files.file_kind import STUDY_FOLDER, wrong_kind
from vidnas.files.journal import Record, read_journal
from vidnas.study.accounts import Accounts, Try
from vidnas.study.collector import collector_off
from vidnas.study.experiment.record_lines import RecordLines
from vidnas.study.experiment.recorded import ExperimentFacts, Head, read_head
from vidnas.study.experiment.recorded_trials import Curve, recorded_trials
from vidnas.study.sessions import is_exhausted, study_id
from vidnas.trials.chance import Chance
from vidnas.trials.effort import Spent, limit_text
from vidnas.trials.family import Size, family_of
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.front import Front
from vidnas.trials.ladders.stated import StatedBudgets, StatedLadder
from vidnas.trials.noise.family_doubt import SizeDoubt, family_doubt
from vidnas.trials.noise.membership import Doubt
from vidnas.trials.noise.repeats import with_repeats
from vidnas.trials.objectives import Accuracy, Objectives
from vidnas.trials.trial import Objective, Source, Trial

JOURNAL_FILE = "journal.jsonl"


@dataclass(frozen=True)  # no slots: what is derived is derived once
class History:
    """A study as its journal tells it.

    Args:
        folder: Study folder.
        head: Name, identity, experiment and classes, from the first record.
        trials: Trials of candidates, at any fidelity, by number; those that
            earlier studies have done among them. Accuracies of repeated ones are the
            means over their seeds.
        refused: Candidates that each budget refused before anything was built.
        seconds: Time that drivers worked on the study, breaks left out.
        broken: Numbers of the trials that run because broken surroundings ended them,
            so that they are tried again.
        baselines: Trials of the experiment's baselines as last run, in its order, each
            with its name; one that has not begun is left out, and one that was searched
            too is the candidate's trial.
        study_id: Hash of the journal's first record, which tells studies apart that
            have a name in common.
        is_exhausted: Whether the strategy found no new candidate when last asked.
        curves: Reports of the epochs that each trial has told, by number of the trial
            and of the epoch, from 1: `loss`, `train_top1`, and what is measured after
            each epoch. A continued trial tells those that it trained itself.
        is_attended: Whether a driver may be running the trials that have not ended.
        spent: What the study spent up to its last record.
        repeats: Trials that train a network again under another seed, by number.
        tries: Tries of trials on workers as they ended, then those that run.
    """

    folder: Path
    head: Head
    trials: tuple[Trial, ...]
    refused: Counter[str]
    seconds: float
    baselines: tuple[Trial, ...] = ()
    broken: frozenset[int] = frozenset()
    study_id: str = ""
    is_exhausted: bool = False
    curves: Mapping[int, Curve] = field(default_factory=dict)
    is_attended: bool = True
    spent: Spent = field(default_factory=Spent)
    repeats: tuple[Trial, ...] = ()
    tries: tuple[Try, ...] = ()

    @property
    def experiment(self) -> ExperimentFacts:
        """The experiment as last run."""
        return self.head.experiment

    @property
    def objectives(self) -> Objectives:
        """What the study improves, as last run."""
        return self.head.experiment.objectives

    @property
    def accuracy(self) -> Accuracy:
        """The accuracy among its objectives."""
        return self.objectives.accuracy

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in label order."""
        return self.head.classes

    @property
    def reference(self) -> dict[str, float]:
        """The hypervolume's reference point by objective name."""
        return dict(self.head.experiment.reference)

    @property
    def fidelity(self) -> Fidelity:
        """Full training, the one fidelity whose accuracies are compared."""
        return self.head.identity.fidelity

    @cached_property
    def chance(self) -> Chance:
        """What guessing reaches on the validation clips, by the study's accuracy."""
        return self.chance_of(self.accuracy)

    def chance_of(self, accuracy: Accuracy) -> Chance:
        """What guessing reaches on the validation clips, by another accuracy."""
        counts = self.head.val_counts
        clips = self.head.identity.clips.val if self.head.multi_label else 0
        return Chance(len(self.classes), counts, accuracy, clips)

    @cached_property
    def compared(self) -> tuple[Trial, ...]:
        """Trials of candidates at full training."""
        return tuple(t for t in self._full if t.source == self.source)

    @property
    def source(self) -> Source:
        """Source of what is compared: trainings, or scores in their place."""
        return "estimated" if self.head.identity.score else "trained"

    @cached_property
    def _full(self) -> tuple[Trial, ...]:
        """Trials of candidates at the highest fidelity, whatever their source."""
        return tuple(t for t in self.trials if t.fidelity == self.fidelity)

    @cached_property
    def own(self) -> tuple[Trial, ...]:
        """Trials of candidates that this study trained, or trains."""
        return tuple(trial for trial in self.trials if not trial.taken_over_from)

    @cached_property
    def taken_over(self) -> tuple[Trial, ...]:
        """Trials that were taken over from earlier studies."""
        return tuple(trial for trial in self.trials if trial.taken_over_from)

    @property
    def has_rungs(self) -> bool:
        """Whether candidates were trained at cheaper fidelities too."""
        return len(self._full) < len(self.trials)

    @cached_property
    def candidates(self) -> int:
        """How many different candidates were tried here, at any fidelity."""
        return len({trial.arch_id for trial in self.own})

    @property
    def reached(self) -> str:
        """Name of the limit of the effort that is reached; empty while none is."""
        return self.experiment.effort.reached(self.spent)

    @property
    def doubled(self) -> tuple[str, float]:
        """The limit to raise for more: its name, and twice what it allowed."""
        stated = self.experiment.effort.stated
        name = self.reached or next(iter(stated))
        spent = self.candidates if name == "trials" else 0
        return name, 2 * max(stated[name], spent)

    @property
    def reached_words(self) -> str:
        """`2 h 5 min of 2 h 0 min`: that limit; empty while none is reached."""
        name = self.reached
        if not name:
            return ""
        most = self.experiment.effort.stated[name]
        spent = limit_text(name, getattr(self.spent, name))
        return f"{spent} of {limit_text(name, most)}"

    @cached_property
    def finished(self) -> tuple[Trial, ...]:
        """Done, stopped and failed trials of candidates, of this study's own."""
        return tuple(t for t in self.own if t.state != "running")

    @cached_property
    def states(self) -> Counter[str]:
        """How many of this study's own trials are in each state, as people say it.

        What no driver is running any more is `interrupted`: the same command goes on.
        """
        return Counter(self.state_word(trial) for trial in self.own)

    def state_word(self, trial: Trial) -> str:
        """State of a trial as people say it; see `states`."""
        left = trial.state == "running" and not self.is_attended
        return "interrupted" if left else trial.state

    def exceeds(self, trial: Trial) -> tuple[str, ...]:
        """Budgets that a trial exceeds; of a candidate, soft ones or later ones.

        Of what was not priced when the trial began, such as a latency that was limited
        later, nothing is said.
        """
        return tuple(
            limit.label
            for limit in self.experiment.limits
            if trial.has(limit.name) and not limit.holds(trial.value(limit.name))
        )

    def front(
        self,
        objectives: Sequence[Objective] = (),
        *,
        baselines: bool = False,
        source: Source | None = None,
    ) -> Front:
        """The front of trials done in full, of baselines too where asked for.

        Args:
            objectives: Objectives that are traded off; none for those of the study.
            baselines: Whether they may be on it.
            source: Source of the accuracies, trials of another are left out; None for
                the study's own.
        """
        source = source or self.source
        own = self.objectives.each
        objectives = tuple(objectives) or own
        if objectives == own and not baselines and source == self.source:
            return self._searched_front
        beside = self.baselines if baselines else ()
        trials = [t for t in (*self._full, *beside) if t.source == source]
        return Front.of(trials, objectives)

    @cached_property
    def _searched_front(self) -> Front:
        return Front.of(self.compared, self.objectives.each)

    def family(
        self, ladder: StatedLadder | Sequence[float] | None = None
    ) -> tuple[Size, ...]:
        """One size per step of a ladder; by default of the experiment's.

        Members are better than the reference point, and compared by the lower ends of
        their intervals; see `vidnas.trials.family.family_of`.

        Args:
            ladder: A ladder, with its networks priced, or rising budgets of the first
                cost among the objectives; None for that of the experiment.
        """
        if ladder is None:
            ladder = self.experiment.family.ladder
        if not isinstance(ladder, StatedLadder):
            ladder = StatedLadder((StatedBudgets(self.objectives.cost, (*ladder,)),))
        done = [trial for trial in self.compared if trial.state == "done"]
        at, objectives = self.reference, self.objectives
        return family_of(done, ladder, objectives, at, self.exceeds)

    @cached_property
    def doubt(self) -> Doubt:
        """Draws of the accuracies of done trials within their noise."""
        return Doubt.of(self.compared, self.objectives, source=self.source)

    @cached_property
    def on_front(self) -> Mapping[int, float]:
        """Probability of each trial to be on the front, by number; where known."""
        return self.doubt.probabilities()

    def doubts(self, sizes: Sequence[Size]) -> tuple[SizeDoubt, ...]:
        """How firmly each size of a family stands, in their order."""
        own, doubt = self.objectives, self.doubt
        if sizes and sizes[0].costs != own.costs:
            over = replace(own, costs=sizes[0].costs)
            doubt = Doubt.of(self.compared, over, source=self.source)
        return family_doubt(sizes, doubt, own)


def require_study(folder: Path) -> None:
    """Raises where a folder holds no study, and says what it holds.

    Raises:
        StudyError: the folder holds no journal.
    """
    if (folder / JOURNAL_FILE).exists():
        return
    if folder.exists() and not folder.is_dir():
        raise wrong_kind(folder, STUDY_FOLDER, StudyError)
    below = sorted(path.parent for path in folder.glob(f"*/{JOURNAL_FILE}"))
    hint = f" There are studies in it: {', '.join(map(str, below[:5]))}."
    run = Path("runs") / folder
    if (run / JOURNAL_FILE).exists():
        hint, below = f" Did you mean `{run}`?", [run]
    raise StudyError(
        f"A study folder must hold {JOURNAL_FILE}, {folder} has none."
        f"{hint if below else ''}"
    )


@collector_off()
def load_history(folder: Path) -> History:
    """The study in a folder.

    Raises:
        StudyError: the folder holds no journal.
        JournalError: the journal is damaged.
    """
    path = folder / JOURNAL_FILE
    require_study(folder)
    history = replay(folder, read_journal(path, RecordLines()))
    if history.is_attended and any(t.state == "running" for t in history.own):
        return replace(history, is_attended=has_writer(path))
    return history


def replay(folder: Path, records: Sequence[Record]) -> History:
    """The history that these records tell.

    Raises:
        JournalError: the first record is no head, or a record contradicts another.
    """
    journal = folder / JOURNAL_FILE
    if not records:
        raise JournalError(f"{journal} must begin with a study record, it is empty.")
    recorded = recorded_trials(journal, records)
    firsts, repeats = _apart(recorded.trials)
    trials = {t.number: t for t in with_repeats(firsts, repeats)}
    head = head_of(journal, records)
    accounts = Accounts(records)
    return History(
        folder=folder,
        head=head,
        trials=tuple(trials[number] for number in sorted(trials) if number >= 0),
        refused=_refusals(records),
        seconds=accounts.sessions.seconds(),
        spent=accounts.spent(),
        baselines=_baselines(head, trials),
        broken=_broken(records),
        study_id=study_id(records[0]),
        is_exhausted=is_exhausted(records),
        curves=recorded.curves,
        is_attended=records[-1]["event"] != "left",
        repeats=repeats,
        tries=accounts.tries,
    )


def _apart(
    trials: Mapping[int, Trial],
) -> tuple[tuple[Trial, ...], tuple[Trial, ...]]:
    """First trainings of networks, and their repeats, by number."""
    ordered = [trials[number] for number in sorted(trials)]
    firsts = tuple(trial for trial in ordered if trial.repeats is None)
    return firsts, tuple(trial for trial in ordered if trial.repeats is not None)


def head_of(journal: Path, records: Sequence[Record]) -> Head:
    """The head of a study, with its experiment as last run.

    Raises:
        JournalError: the first record, or that of the last run, is damaged.
    """
    line, resumed = 1, None
    for number, record in enumerate(records, start=1):
        if record["event"] == "resumed":
            line, resumed = number, record.get("experiment")
    return read_head(records[0], resumed, str(journal), line)


def _baselines(head: Head, trials: Mapping[int, Trial]) -> tuple[Trial, ...]:
    full = head.identity.fidelity
    # Candidates come last, so theirs is the trial of a network that is both.
    ordered = (trials[number] for number in sorted(trials))
    source = "estimated" if head.identity.score else "trained"
    compared = (t for t in ordered if t.fidelity == full and t.source == source)
    by_network = {trial.arch_id: trial for trial in compared}
    return tuple(
        replace(by_network[named.arch_id], baseline=named.name)
        for named in head.experiment.baselines
        if named.arch_id in by_network
    )


def _broken(records: Iterable[Record]) -> frozenset[int]:
    broken: set[int] = set()
    for record in records:
        if record["event"] == "interrupted":
            broken.add(record["trial"])
        elif record["event"] in ("retried", "done", "stopped", "failed"):
            broken.discard(record["trial"])
    return frozenset(broken)


def _refusals(records: Iterable[Record]) -> Counter[str]:
    refused: Counter[str] = Counter()
    for record in records:
        if record.get("refused") and record["event"] in ("started", "ended"):
            refused.update(record["refused"])
    return refused
