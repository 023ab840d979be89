"""What has a study spent? Its records, one after another, and what runs now.

`done`, `failed`, `stopped`, `interrupted` and `retried` end a try, and all but
`stopped` say what a try `spent` of which group of
workers. A try whose driver died counts from `placed` to the driver's last record. In
journals of before, which have neither, a done trial took the seconds that it measured,
on workers as the experiment states them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vidnas.files.journal import Record
from vidnas.study.sessions import Sessions
from vidnas.trials.effort import Spent

TRIED = ("done", "failed", "stopped", "interrupted", "retried")
HOUR = 3600.0
_MOST = 1e12  # what a damaged or doctored record says beyond it counts as nothing


@dataclass(frozen=True, slots=True)
class OpenTry:
    """A trial on a worker.

    Args:
        began: When a worker took it [s since the epoch].
        group: Group of the worker.
        node: Name of the worker's machine.
        process: Number of the worker's process there.
        worked: Time worked on the study when a worker took it [s].
    """

    began: float
    group: str
    node: str = ""
    process: int = 0
    worked: float = 0.0


@dataclass(frozen=True, slots=True)
class Try:
    """A try of a trial on a worker, in time worked on the study, without breaks.

    Args:
        trial: Number of the trial.
        node: Name of the worker's machine.
        process: Number of the worker's process there.
        began: When the worker took it [s].
        ended: When it ended, or the last record [s].
        end: Event that ended it, such as `done`; `running` for one that runs, empty
            where its driver died.
    """

    trial: int
    node: str
    process: int
    began: float
    ended: float
    end: str


@dataclass(frozen=True, slots=True)
class _Price:
    """What a worker of a group takes: GPUs, and a price per hour where it is known."""

    gpus: float = 0.0
    hourly_cost: float | None = None


class Accounts:
    """What a study has spent, by its records so far.

    Args:
        records: Records so far.
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.sessions = Sessions()
        self.open: dict[int, OpenTry] = {}  # trials on workers, by number
        self._ended: list[Try] = []
        self._groups: dict[str, _Price] = {}
        self._gpu_seconds = 0.0
        self._cost: float | None = None
        self._epochs = 0
        self._networks: set[str] = set()
        self._planned: dict[int, int] = {}  # epochs of a trial that reported none
        self._cut_off: dict[int, tuple[OpenTry, float]] = {}  # by a driver's death
        self._tells_places = False
        self._takers = {
            "study": self._take_experiment,
            "resumed": self._take_experiment,
            "started": self._take_start,
            "placed": self._take_place,
            "epoch": self._take_epoch,
            **dict.fromkeys(TRIED, self._take_end),
        }
        for record in records:
            self.take(record)

    def take(self, record: Record) -> None:
        """Takes a record in."""
        before = self.sessions.last
        if self.sessions.take(record):
            self._cut_off_at(before)
        taker = self._takers.get(record["event"])
        if taker is not None:
            taker(record)

    @property
    def tries(self) -> tuple[Try, ...]:
        """Tries on workers as they ended, then those that run."""
        last = self.sessions.last
        return (
            *self._ended,
            *(
                _try_of(number, tried, last - tried.began, "running")
                for number, tried in self.open.items()
            ),
        )

    def spent(self, now: float | None = None) -> Spent:
        """What is spent, running trials included.

        Args:
            now: Seconds since the epoch, where a driver works still; None for the time
                of the last record.
        """
        until = self.sessions.last if now is None else max(now, self.sessions.last)
        gpu_seconds, cost = self._gpu_seconds, self._cost
        for tried in tuple(self.open.values()):  # views ask from threads of theirs
            price, seconds = self._price(tried.group), max(0.0, until - tried.began)
            gpu_seconds += price.gpus * seconds
            if price.hourly_cost is not None:
                cost = (cost or 0.0) + price.hourly_cost * seconds / HOUR
        return Spent(
            trials=len(self._networks),
            hours=self.sessions.seconds(now) / HOUR,
            gpu_hours=gpu_seconds / HOUR,
            epochs=self._epochs,
            cost=cost,
        )

    def spent_of(self, number: int, seconds: float, now: float) -> dict[str, Any]:
        """What a try of a trial spent, for the record of its end.

        Args:
            number: Number of the trial.
            seconds: Time that it took a worker [s]; 0 where that is not known.
            now: Seconds since the epoch.
        """
        tried = self.open.get(number)
        if tried is None:
            return {}
        taken = seconds or max(0.0, now - tried.began)
        facts = {"gpus": self._price(tried.group).gpus, "group": tried.group}
        return {
            "spent": {
                "seconds": round(taken, 3),
                **{key: fact for key, fact in facts.items() if fact},
            }
        }

    def _price(self, group: str) -> _Price:
        return self._groups.get(group) or _Price()

    def _take_experiment(self, record: Record) -> None:
        experiment = _mapping(record.get("experiment"))
        workers = _mapping(experiment.get("workers"))
        listed = workers.get("groups", [workers])
        documents = map(_mapping, listed if isinstance(listed, list) else [])
        self._groups = {
            str(document.get("name", "")): _Price(
                _number(document.get("gpus")) or 0.0,
                _number(document.get("hourly_cost")),
            )
            for document in documents
        }

    def _take_start(self, record: Record) -> None:
        if record["trial"] < 0:
            self._planned[record["trial"]] = _epochs_of(record)
            return
        self._networks.add(record["arch_id"])
        self._planned[record["trial"]] = _epochs_of(record)

    def _take_place(self, record: Record) -> None:
        self._tells_places = True
        number, group = record["trial"], str(record.get("group", ""))
        node, process = record.get("node", ""), record.get("process", 0)
        began = float(record["time"])
        if number in self.open:  # another worker has it, and the first said nothing
            self._end(number, self.open[number], began - self.open[number].began, "")
        worked = self.sessions.seconds()
        self.open[number] = OpenTry(began, group, node, process, worked)

    def _take_epoch(self, record: Record) -> None:
        self._epochs += 1
        self._planned.pop(record["trial"], None)

    def _take_end(self, record: Record) -> None:
        number = record["trial"]
        tried, spent = self.open.pop(number, None), _mapping(record.get("spent"))
        measured = _number(_mapping(record.get("measured")).get("seconds")) or 0.0
        cut = self._cut_off.pop(number, None)
        if tried is not None:
            seconds = _number(spent.get("seconds"))
            if seconds is None:
                seconds = float(record["time"]) - tried.began
            self._end(number, tried, seconds, record["event"])
        elif cut is not None:  # its worker went on when the driver had died
            self._add(cut[0], measured - cut[1])
        elif not self._tells_places and record["event"] == "done":
            self._add(OpenTry(0.0, next(iter(self._groups), "")), measured)
        else:
            return  # it was on no worker: it ended like its twin
        if record["event"] == "done":
            self._epochs += self._planned.pop(number, 0)

    def _cut_off_at(self, time: float) -> None:
        """Counts what was on workers when a session ended."""
        for number, tried in self.open.items():
            seconds = max(0.0, time - tried.began)
            self._end(number, tried, seconds, "")
            self._cut_off[number] = (tried, seconds)
        self.open.clear()

    def _end(self, number: int, tried: OpenTry, seconds: float, end: str) -> None:
        self._add(tried, seconds)
        self._ended.append(_try_of(number, tried, seconds, end))

    def _add(self, tried: OpenTry, seconds: float) -> None:
        price, seconds = self._price(tried.group), max(0.0, seconds)
        self._gpu_seconds += price.gpus * seconds
        if price.hourly_cost is not None:
            self._cost = (self._cost or 0.0) + price.hourly_cost * seconds / HOUR


def _try_of(number: int, tried: OpenTry, seconds: float, end: str) -> Try:
    ended = tried.worked + max(0.0, seconds)
    return Try(number, tried.node, tried.process, tried.worked, ended, end)


def _epochs_of(record: Record) -> int:
    epochs = _mapping(record.get("fidelity")).get("epochs")
    return epochs if isinstance(epochs, int) else 0


def _mapping(value: Any) -> Mapping[str, Any]:
    """What a record may hold; nothing where it is none, as its own reader says."""
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known and 0 <= value < _MOST else None
