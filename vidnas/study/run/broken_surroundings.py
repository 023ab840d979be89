"""When do broken surroundings stop a study? When trials break several times in a row.

One break may be a hiccup; where a trial breaks again and again while others are done,
it is its own fault after all.
"""

from collections import Counter
from dataclasses import replace

from vidnas.errors import SurroundingsError
from vidnas.study.workers.assignment import Outcome

IN_A_ROW = 3  # breaks without a trial done between them that stop a study
OWN_BREAKS = 3  # breaks of one trial, with others done between them, that fail it


class BrokenSurroundings:
    """The breaks of one run of a study."""

    def __init__(self) -> None:
        self._in_a_row: list[Outcome] = []
        self._done = 0
        self._done_at_break: dict[int, int] = {}
        self._own: Counter[int] = Counter()

    @property
    def stop_the_study(self) -> bool:
        """Whether no trial should be begun now."""
        return len(self._in_a_row) >= IN_A_ROW

    def judge(self, outcome: Outcome) -> Outcome:
        """Takes note of an outcome.

        Returns:
            The outcome; a failure of its trial where that alone broke again and again.
        """
        if outcome.cause != "surroundings":
            if not outcome.reason:
                self._done += 1
                self._in_a_row.clear()
            return outcome
        if outcome.is_elsewhere:  # it is tried on another machine
            return outcome
        number = outcome.number
        if self._done_at_break.get(number) != self._done:
            self._done_at_break[number] = self._done
            self._own[number] += 1
        if self._own[number] > OWN_BREAKS:
            return replace(outcome, cause="")
        self._in_a_row.append(outcome)
        return outcome

    def is_repeated(self, number: int) -> bool:
        """Whether a trial broke twice in a row, so that another should be tried."""
        last = self._in_a_row[-2:]
        return len(last) == 2 and all(broken.number == number for broken in last)

    def require_sound(self, done: int) -> None:
        """Raises where the study was stopped because the surroundings are broken.

        Args:
            done: Number of done trials, for the message.

        Raises:
            SurroundingsError: trial after trial was broken by them.
        """
        if not self.stop_the_study:
            return
        last = self._in_a_row[-1]
        place = f" on {last.host}" if last.host else ""
        raise SurroundingsError(
            f"What every trial needs must be there, {len(self._in_a_row)} times in a "
            f"row it was not{place}: {last.reason.rstrip('.')}. The study was stopped, "
            f"{done} done trials are safe; the same command goes on once that is "
            "mended.",
            last.host,
        )
