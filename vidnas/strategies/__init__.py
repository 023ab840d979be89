"""Who proposes: one file a strategy, and the pieces they share.

```text
strategy           what each promises: `propose(state, rng, count)`; remembers nothing
registry           their names in experiment files; a new one is a file and a line here
sampling, parents  drawing within budgets; tournaments and children
scored_networks    the networks of best score, of half a million; breeding: children
features           what a model of accuracy sees of a candidate
ladder/            ladder search: model, pool, search; its estimate of a network
starting_networks  candidates that come before any strategy is asked
```

Pure: the standard library, numpy, and what holds numpy's threads.
"""

from vidnas.strategies.evolution import Evolution
from vidnas.strategies.grid_search import Grid
from vidnas.strategies.ladder.search import LadderSearch
from vidnas.strategies.local_search import LocalSearch
from vidnas.strategies.nsga2 import Nsga2
from vidnas.strategies.random_search import Random
from vidnas.strategies.registry import STRATEGIES
from vidnas.strategies.regularised import Regularised
from vidnas.strategies.sampling import propose_up_to, sample_admitted, sample_spread
from vidnas.strategies.score_search import ScoreSearch
from vidnas.strategies.scored_networks import BestByScore, best_by_score
from vidnas.strategies.starting_networks import StartingNetworks
from vidnas.strategies.strategy import Promising, Proposal, SearchState, Strategy

__all__ = [
    "STRATEGIES",
    "BestByScore",
    "Evolution",
    "Grid",
    "LadderSearch",
    "LocalSearch",
    "Nsga2",
    "Promising",
    "Proposal",
    "Random",
    "Regularised",
    "ScoreSearch",
    "SearchState",
    "StartingNetworks",
    "Strategy",
    "best_by_score",
    "propose_up_to",
    "sample_admitted",
    "sample_spread",
]
