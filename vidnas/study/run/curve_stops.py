"""Which trials does a study stop by their curves? It asks the rule after every epoch.

What has been decided is recorded once the training has ended. A driver that dies in
between decides anew, from the epochs in the journal.
"""

from vidnas.study.experiment.experiment import Experiment
from vidnas.study.ledger import Ledger
from vidnas.trials.stopping import DoneCurves, Verdict
from vidnas.trials.trial import Trial


class CurveStops:
    """The verdicts of the rule that an experiment asks for, if it asks for one.

    Only full training is stopped: at the rungs below, candidates that are not promoted
    cost little, and those that are trained at every rung judge the rungs. A repeat is
    trained to its end: the mean of seeds that went well would be none.

    Args:
        experiment: Experiment of the study.
        ledger: Trials of the study, with their curves.
    """

    def __init__(self, experiment: Experiment, ledger: Ledger) -> None:
        self._rule = experiment.stopping
        self._ledger = ledger
        self._probe = experiment.rungs.probe if experiment.rungs.below else 0
        self._done = DoneCurves(experiment.fidelity, experiment.objectives)
        self._verdicts: dict[int, Verdict] = {}
        for trial in ledger.log.trials if self._rule else ():
            self.end(trial)

    def end(self, trial: Trial) -> None:
        """Takes in a trial that has ended."""
        self._verdicts.pop(trial.number, None)
        if self._rule is not None and trial.repeats is None:
            self._done.add(trial, self._ledger.curve(trial.number))

    def judge(self, number: int) -> bool:
        """Whether a running trial is to be stopped after its last epoch so far."""
        curve = self._ledger.curve(number) if self._rule else {}
        if self._rule is None or not curve or len(self._done) < self._probe:
            return False
        if self._ledger[number].repeats is not None:
            return False
        epoch = max(curve)
        verdict = self._done.verdict(
            self._rule, self._ledger[number], epoch, curve[epoch]
        )
        if verdict is not None:
            self._verdicts.setdefault(number, verdict)
        return number in self._verdicts

    def verdict_on(self, number: int) -> Verdict | None:
        """Why a trial is being stopped; None where it is not."""
        return self._verdicts.get(number)
