"""What do members of a set have in common, more than others that are alike?

Members are compared with what lies nearest to them along an axis: each is exchanged for
one of its neighbours, itself among them, again and again. A trait is shared beyond luck
where the members have it more than nearly all such sets have any trait.
"""

from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Bools, Floats

EXCHANGES = 1999
NEIGHBOURS = 12  # of each member at least, itself among them
NEAR = 40  # one of so many is near; more than `NEIGHBOURS` in large sets
SMALLEST = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """What the members of a set have of each of Q traits.

    Args:
        members: [Q]. Mean over the members.
        near: [Q]. Mean over what lies near them and is no member; NaN where nothing
            does.
        luck: [Q]. Share of exchanged sets of which some trait stands out as much.
    """

    members: Floats
    near: Floats
    luck: Floats


def shared(
    traits: Floats, members: Bools, places: Floats, rng: np.random.Generator
) -> Shared:
    """How much of each trait members have, and what lies near them.

    Args:
        traits: `[N, Q]`: from 0 to 1.
        members: [N]. Which are members; at least one.
        places: [N]. Places along the axis.
        rng: Generator that exchanges.

    Source:
        Westfall and Young 1993 for the best of many traits.
    """
    chosen = np.flatnonzero(members)
    count = min(max(NEIGHBOURS, len(places) // NEAR), len(places))
    far = np.abs(places[chosen, None] - places[None, :])
    far[np.arange(len(chosen)), chosen] = -1.0  # itself is nearest, of equal ones too
    near = np.argsort(far, axis=1, kind="stable")[:, :count]  # [M, neighbours]
    drawn = rng.integers(count, size=(EXCHANGES, len(chosen)))
    exchanged = np.zeros((EXCHANGES, traits.shape[1]))
    for at in range(len(chosen)):
        exchanged += traits[near[at][drawn[:, at]]]
    exchanged /= len(chosen)
    own = traits[chosen].mean(axis=0)
    centre, spread = exchanged.mean(axis=0), exchanged.std(axis=0)
    spread = np.where(spread > SMALLEST, spread, np.inf)  # then nothing stands out
    best = ((exchanged - centre) / spread).max(axis=1, initial=-np.inf)
    beyond = (own - centre) / spread
    ahead = (best[:, None] >= beyond[None, :] - SMALLEST).sum(axis=0)
    others = near[~members[near]]
    mean = np.full(traits.shape[1], np.nan)
    if len(others):
        mean = traits[others].mean(axis=0)
    return Shared(own, mean, (1 + ahead) / (1 + EXCHANGES))
