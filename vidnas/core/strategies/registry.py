"""Which strategies are there? A new one is its file and a line here."""

from vidnas.core.strategies.evolution import Evolution
from vidnas.core.strategies.grid import Grid
from vidnas.core.strategies.interface import Strategy
from vidnas.core.strategies.ladder import LadderSearch
from vidnas.core.strategies.local import LocalSearch
from vidnas.core.strategies.nsga2 import Nsga2
from vidnas.core.strategies.random import Random
from vidnas.core.strategies.regularised import Regularised

STRATEGIES: dict[str, type[Strategy]] = {
    "evolution": Evolution,
    "grid": Grid,
    "ladder": LadderSearch,
    "local": LocalSearch,
    "nsga2": Nsga2,
    "random": Random,
    "regularised": Regularised,
}
