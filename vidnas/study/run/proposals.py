"""Which candidate comes next? One is asked for at a time, or several if that is slow.

Each candidate should know of every trial before it, so one is asked for at a time while
that keeps workers busy: always where one worker is free, and in small studies. Where
all free workers would wait longer than `PATIENCE` for one proposal each, a strategy is
asked for so many at once that they do not. What is proposed and not begun is in no
journal: after a break it is proposed anew.
"""

import math
import time
from collections.abc import Callable, Mapping

import numpy as np

from vidnas.budgets.budget import Budget
from vidnas.space.candidate import Candidate
from vidnas.strategies.strategy import SearchState
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.ledger import Ledger

PATIENCE = 5.0  # seconds in which all free workers should have a trial
STALE = 60.0  # seconds after which a candidate is forgotten that no worker has taken


class Proposals:
    """Candidates of one run of a study, in the order in which they are begun.

    Args:
        experiment: Experiment of the study.
        ledger: Trials of the study so far.
        state: Function that gives what the strategy sees of the search now.
        clock: Seconds from any moment on.
    """

    def __init__(
        self,
        experiment: Experiment,
        ledger: Ledger,
        state: Callable[[], SearchState],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._experiment = experiment
        self._ledger = ledger
        self._state = state
        self._clock = clock
        self._waiting: list[Candidate] = []
        self._in_vain: tuple[int, tuple[Budget, ...]] | None = None
        self._proposed = -math.inf  # when they were
        self._alone = 0.0  # seconds that one proposal takes

    def next(self) -> tuple[Candidate | None, Mapping[str, int]]:
        """The next candidate, None where none is left; how many each budget refused."""
        if self._clock() - self._proposed > STALE:
            self._waiting.clear()
        while self._waiting:
            candidate = self._waiting.pop(0)
            if self._still_fits(candidate):
                return candidate, {}
        count = self._count()
        began = self._clock()
        proposal = self._experiment.strategy.propose(
            self._state(),
            np.random.default_rng(
                [self._experiment.seed, len(self._ledger.log.trials)]
            ),
            count,
        )
        self._proposed = self._clock()
        took = self._proposed - began
        # Several take no less than one, and tell no more of it.
        self._alone = took if count == 1 else min(self._alone, took)
        first, *self._waiting = proposal.candidates or (None,)
        return first, dict(proposal.refused)

    def within(self, state: SearchState) -> Candidate | None:
        """A candidate within narrower budgets than the study's; None where none is.

        Args:
            state: What the strategy sees, with these budgets.
        """
        asked = (len(self._ledger.log.trials), state.budgets.limits)
        if asked == self._in_vain:
            return None
        rng = np.random.default_rng([self._experiment.seed, asked[0]])
        proposal = self._experiment.strategy.propose(state, rng, 1)
        self._in_vain = None if proposal.candidates else asked
        return next(iter(proposal.candidates), None)

    def _count(self) -> int:
        """How many candidates to ask for."""
        log = self._ledger.log
        free = self._experiment.workers.count - len(log.running)
        enough = math.ceil(self._alone * free / PATIENCE)
        most = self._experiment.effort.trials
        left = free if most is None else most - log.networks
        return max(1, min(free, enough, left))

    def _still_fits(self, candidate: Candidate) -> bool:
        """Whether the budgets hold that measured memory may have lowered meanwhile."""
        if self._experiment.workers.memory is None:
            return True
        state = self._state()
        return not state.budgets.broken(state.space.decode(candidate))
