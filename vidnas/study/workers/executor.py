"""Trials one after another in this process, for tests and notebooks."""

from vidnas.study.study import Report, Supply
from vidnas.study.workers.assignment import Evaluate, carry_out


class Inline:
    """An executor without workers."""

    def run(self, supply: Supply, report: Report, evaluate: Evaluate) -> None:
        """Carries out assignments in order; see `Executor`."""
        while (assignment := supply()) is not None:
            report(carry_out(assignment, evaluate))
