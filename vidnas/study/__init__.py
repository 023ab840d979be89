"""One search on disk: experiment file, journal, next trial, history, workers.

```text
experiment/      what an experiment file says
study            opens, runs, goes on
run/             one run: which trial comes next, what becomes of what returns
workers/         who carries trials out
status/          how a study stands, from its folder alone
ledger           trials and journal, in step
accounts         what was spent: hours, GPU hours, epochs, money
history          a study as its journal tells it
earlier_studies  trials that are taken over
standings        baselines beside the front
collector        why reading is not held up by it
memory_record, fidelity_check  what trainings told of memory and of rungs
family/          a0.yaml ... a5.yaml, what stands beside them, and what files hold
```

A study receives training as a function and never imports it. Names are loaded when they
are asked for; Ray with its executor only.
"""

from typing import TYPE_CHECKING

from vidnas.lazy import lazy_names

if TYPE_CHECKING:
    from vidnas.study.experiment.experiment import Experiment
    from vidnas.study.experiment.reader import load_experiment
    from vidnas.study.family.files import write_family
    from vidnas.study.history import History, load_history
    from vidnas.study.study import Dataset, Study
    from vidnas.study.workers.executor import Executor, Inline

__all__ = [
    "Dataset",
    "Executor",
    "Experiment",
    "History",
    "Inline",
    "Study",
    "load_experiment",
    "load_history",
    "write_family",
]

__getattr__ = lazy_names(
    __name__,
    {
        "vidnas.study.experiment.experiment": ("Experiment",),
        "vidnas.study.experiment.reader": ("load_experiment",),
        "vidnas.study.family.files": ("write_family",),
        "vidnas.study.history": (
            "History",
            "load_history",
        ),
        "vidnas.study.study": (
            "Dataset",
            "Study",
        ),
        "vidnas.study.workers.executor": (
            "Executor",
            "Inline",
        ),
    },
)
