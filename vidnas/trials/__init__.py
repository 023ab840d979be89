"""What was trained and found: trials, their front, the family taken from it.

```text
recipe, fidelity   how a network is trained, and how closely to the full training
published_recipe   how published networks were trained; published_augmentation
trial              one network at one fidelity with one seed, and its outcome
attempt            how a trial that ran out of memory is tried again
surroundings       whether an error says nothing of its candidate
measured           whether a journal can hold what an evaluation returned
promotion          which trials go on to the next rung
fidelity_lift      accuracies of cheap trials, as if at full fidelity
rank_agreement     whether a cheap fidelity ranks as the full one does
untrained          a score in place of a training; score_agreement: how it ranks
front, family      who is not dominated; the A0 to A5 of a ladder of budgets
filling            a scaled network in an empty size
ladders/           which budgets the sizes of a family have
objectives         which costs a study lowers, and which accuracy it raises
chance             whether an accuracy is more than guessing
noise/             repeats, who is on the front by luck, which sizes are in doubt
choices/           which choices matter at equal cost, and what a front shares
```

Pure: the standard library and numpy.
"""

from vidnas.statistics.fronts.dominance import non_dominated
from vidnas.statistics.fronts.hypervolume import hypervolume
from vidnas.trials.attempt import Attempt
from vidnas.trials.family import Size, select_family
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.front import Front
from vidnas.trials.ladders.ladder import Ladder
from vidnas.trials.ladders.spread import spread_ladder
from vidnas.trials.objectives import ACCURACIES, Accuracy, Objectives
from vidnas.trials.promotion import Schedule
from vidnas.trials.recipe import Recipe
from vidnas.trials.trial import FLOPS, TOP1, Objective, Trial

__all__ = [
    "ACCURACIES",
    "FLOPS",
    "TOP1",
    "Accuracy",
    "Attempt",
    "Fidelity",
    "Front",
    "Ladder",
    "Objective",
    "Objectives",
    "Recipe",
    "Schedule",
    "Size",
    "Trial",
    "hypervolume",
    "non_dominated",
    "select_family",
    "spread_ladder",
]
