"""Which output of a network is a dataset's class? The one of its name."""

import numpy as np

from vidnas.clips.clipset import ClipSet
from vidnas.datasets.index import Targets
from vidnas.deploy.asking.named_network import NamedNetwork
from vidnas.documents.suggestion import nearest
from vidnas.errors import InputError


def targets_of_outputs(network: NamedNetwork, clips: ClipSet, outputs: int) -> Targets:
    """1 for each output that is a class of a clip `[N, K]`, 0 elsewhere.

    Args:
        network: Network whose outputs they are.
        clips: Clips with their classes.
        outputs: Number of outputs, K.

    Raises:
        InputError: the network has no output for a class of the clips.
    """
    own = clips.targets
    if not network.classes:
        if len(clips.classes) != outputs:
            raise InputError(
                f"{network.name} must be told the names of its {outputs} outputs by "
                f"--labels, the clips are of {len(clips.classes)} classes."
            )
        return own
    places = {name: n for n, name in enumerate(network.classes)}
    unknown = [name for name in clips.classes if name not in places]
    if unknown:
        raise InputError(
            f"{network.name} must know the classes of the clips, it does not know "
            f"`{unknown[0]}`{f' and {len(unknown) - 1} more' if unknown[1:] else ''}."
            f"{nearest(unknown[0], network.classes)}"
        )
    targets = np.zeros((len(own), outputs), np.float32)
    targets[:, [places[name] for name in clips.classes]] = own
    return targets
