"""What do networks cost that answer as one, each on every n-th frame?"""

from collections.abc import Sequence

from vidnas.architecture.architecture import Architecture
from vidnas.costs.network_cost import cost

SUMMED = (
    "parameters",
    "flops",
    "weights_bytes",
    "inference_bytes",
    "stream_state_values",
)


def ensemble_cost(
    members: Sequence[Architecture], classes: int | None = None
) -> dict[str, int]:
    """Costs of all members together, by name, for one clip of the full frame rate.

    Memory is that of all at once. `flops_per_frame` is the mean over the clip's frames,
    of which each member sees one in n.

    Args:
        members: Architectures at their own clips.
        classes: Outputs of the classifiers; by default those they know.

    Source:
        MoViNets, arXiv 2103.11511: an ensemble at half the rate costs what one network
        costs at the full rate.
    """
    priced = [cost(member, classes) for member in members]
    found = {name: sum(getattr(one, name) for one in priced) for name in SUMMED}
    frames = sum(member.clip.frames for member in members)
    return {**found, "flops_per_frame": found["flops"] // frames}
