"""Which strategies are there? A new one is its file and a line here."""

from vidnas.strategies.evolution import Evolution
from vidnas.strategies.grid_search import Grid
from vidnas.strategies.ladder.search import LadderSearch
from vidnas.strategies.local_search import LocalSearch
from vidnas.strategies.nsga2 import Nsga2
from vidnas.strategies.random_search import Random
from vidnas.strategies.regularised import Regularised
from vidnas.strategies.score_search import ScoreSearch
from vidnas.strategies.strategy import Strategy

STRATEGIES: dict[str, type[Strategy]] = {
    "evolution": Evolution,
    "grid": Grid,
    "ladder": LadderSearch,
    "local": LocalSearch,
    "nsga2": Nsga2,
    "random": Random,
    "regularised": Regularised,
    "score": ScoreSearch,
}
