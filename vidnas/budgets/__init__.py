"""What a candidate may cost: prices, limits, and what fits them.

```text
price, user_cost   who says what candidates cost, one or many: `Pricing`, `UserPrice`
budget             a limit, hard or soft; all of a study's
screen             lets pass what is new and within the budgets
feasibility        which share of a space fits, its extremes, the nearest that fits
one_choice_away    neighbours, and repair along them   scaling_search  to a FLOP target
network_scaling    the size of a network that budgets allow
memory_margin      how far predicted memory may be trusted
```

Pure: the standard library and numpy.
"""

from vidnas.budgets.budget import Budget, Budgets
from vidnas.budgets.feasibility import Feasibility, cheapest, extremes
from vidnas.budgets.one_choice_away import neighbours, repair
from vidnas.budgets.price import (
    BUDGETED,
    FILTERED,
    PlainPrice,
    Price,
    Pricing,
    RowCosts,
)
from vidnas.budgets.scaling_search import draw_coefficients
from vidnas.budgets.screen import Screen
from vidnas.budgets.user_cost import UserPrice

__all__ = [
    "BUDGETED",
    "FILTERED",
    "Budget",
    "Budgets",
    "Feasibility",
    "PlainPrice",
    "Price",
    "Pricing",
    "RowCosts",
    "Screen",
    "UserPrice",
    "cheapest",
    "draw_coefficients",
    "extremes",
    "neighbours",
    "repair",
]
