"""What runs a named network? Keras, or the runtime of an exported file.

A runtime joins here: a function from a named network to its runners.
"""

from vidnas.deploy.running.named_network import NamedNetwork
from vidnas.deploy.running.runner import ClipRunner, StreamRunner
from vidnas.errors import InputError
from vidnas.nets.tensorflow_import import import_tensorflow


def open_clip_runner(network: NamedNetwork) -> ClipRunner:
    """A network, ready to run on whole clips.

    Args:
        network: Network that `find_network` found.

    Raises:
        InputError: its weights cannot be read, or are another architecture's.
    """
    import_tensorflow()
    from vidnas.deploy.running.keras_runner import KerasClips, load_network

    return KerasClips(load_network(network.architecture, network.file, None))


def open_stream_runner(network: NamedNetwork, streams: int = 1) -> StreamRunner:
    """A causal network, ready to run on frames as they arrive.

    Args:
        network: Network that `find_network` found.
        streams: Streams side by side.

    Raises:
        InputError: the network sees later frames, or its weights cannot be read.
    """
    if not network.architecture.causal:
        raise InputError(
            f"{network.name} must be causal to take frames one by one, it sees whole "
            "clips: `vidnas train --stream` trains a causal twin."
        )
    import_tensorflow()
    from vidnas.deploy.running.keras_runner import KerasStream, load_network

    clips = load_network(network.architecture, network.file, None)
    return KerasStream(clips.stream(), streams)
