"""Which strategies are there? A new one is its file and a line here."""

from vidnas.core.strategies.evolution import Evolution
from vidnas.core.strategies.interface import Strategy
from vidnas.core.strategies.ladder import LadderSearch
from vidnas.core.strategies.random import Random

STRATEGIES: dict[str, type[Strategy]] = {
    "evolution": Evolution,
    "ladder": LadderSearch,
    "random": Random,
}
