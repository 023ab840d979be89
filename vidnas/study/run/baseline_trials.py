"""Which baselines does a study train, and which of its candidates are one of them?

Baselines are trained before all candidates and shown beside every front. A candidate
whose network is a baseline's is not trained twice: it ends as its twin does.
"""

import numpy as np

from vidnas.budgets.price import Price
from vidnas.study.experiment.baselines import Baseline
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.experiment.pricing import recorded_costs
from vidnas.study.ledger import Ledger
from vidnas.trials.trial import Source, Trial


class BaselineTrials:
    """The baselines of a study.

    Args:
        experiment: Experiment that names them.
        ledger: Trials of the study so far.
        price: What an architecture costs.
    """

    def __init__(self, experiment: Experiment, ledger: Ledger, price: Price) -> None:
        self._experiment = experiment
        self._ledger = ledger
        self._price = price
        self._source: Source = "estimated" if experiment.score else "trained"
        self._named = {b.architecture.arch_id for b in experiment.baselines}
        self._waiting = list(experiment.baselines)

    def next(self) -> Trial | None:
        """The trial of the next baseline to train, begun; None after the last."""
        while self._waiting:
            trial = self._begin(self._waiting.pop(0))
            if trial is not None:
                return trial
        return None

    def twin(self, trial: Trial) -> Trial | None:
        """The baseline that trains, or has trained, the network of a candidate."""
        if trial.number < 0 or trial.source != self._source:
            return None
        if trial.repeats is not None:
            return None
        for baseline in self._ledger.log.baselines:
            # One that was interrupted and is compared no more is never trained again.
            is_known = baseline.state != "running" or baseline.arch_id in self._named
            is_same = baseline.fidelity == trial.fidelity
            if baseline.arch_id == trial.arch_id and is_same and is_known:
                return baseline
        return None

    def _begin(self, baseline: Baseline) -> Trial | None:
        """The trial of a baseline, or None where its network needs no training."""
        architecture = baseline.architecture
        log = self._ledger.log
        fidelity = self._experiment.fidelity
        same = [
            trial
            for trial in (*log.baselines, *log.trials)
            if trial.arch_id == architecture.arch_id
            and trial.fidelity == fidelity
            and trial.source == self._source
        ]
        if same:
            interrupted = all(t.state == "running" for t in same)
            begun = [t for t in same if t.number < 0]
            return begun[0] if begun and interrupted else None
        trial = Trial(
            number=log.next_baseline_number,
            candidate=(),
            architecture=architecture,
            fidelity=fidelity,
            seed=_seed(self._experiment.seed, architecture.arch_id),
            costs=recorded_costs(self._price, architecture, self._experiment.costs),
            source=self._source,
            baseline=baseline.name,
        )
        return self._ledger.begin(trial, refused={})


def _seed(seed: int, arch_id: str) -> int:
    """Seed of a baseline: that of its network, wherever it stands in the list."""
    return int(np.random.default_rng([seed, int(arch_id, 16), 2]).integers(2**31))
