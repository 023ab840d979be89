"""What runs a named network? Keras, or the runtime of an exported file."""

from vidnas.deploy.asking.named_network import (
    CLIP,
    STREAM,
    NamedNetwork,
    is_keras_file,
)
from vidnas.deploy.exported.opening import open_exported_clips, open_exported_stream
from vidnas.deploy.running.ensemble import TemporalClips, TemporalStream
from vidnas.deploy.running.runner import ClipRunner, StreamRunner
from vidnas.deploy.running.steps import SteppedClips
from vidnas.errors import InputError
from vidnas.nets.tensorflow_import import import_tensorflow


def open_clip_runner(network: NamedNetwork, threads: int = 1) -> ClipRunner:
    """A network, ready to run on whole clips.

    Args:
        network: Network that `find_network` found.
        threads: Threads of a runtime that can be told; TensorFlow's are its process's.

    Raises:
        InputError: its weights cannot be read, or are another architecture's.
    """
    if network.members:
        members = [open_clip_runner(member, threads) for member in network.members]
        return TemporalClips(members)
    if is_keras_file(network.file):
        import_tensorflow()
        from vidnas.deploy.running.keras_runner import KerasStream, open_keras_file

        runner, _ = open_keras_file(network.file)
        return SteppedClips(runner) if isinstance(runner, KerasStream) else runner
    if network.exported == CLIP:
        return open_exported_clips(network.file, threads)
    if network.exported == STREAM:
        return SteppedClips(open_exported_stream(network.file, threads=threads))
    import_tensorflow()
    from vidnas.deploy.running.keras_runner import KerasClips, load_network

    return KerasClips(load_network(network.architecture, network.file, None))


def open_stream_runner(
    network: NamedNetwork, streams: int = 1, threads: int = 1
) -> StreamRunner:
    """A causal network, ready to run on frames as they arrive.

    Args:
        network: Network that `find_network` found.
        streams: Streams side by side; an exported file may have a number of its own.
        threads: Threads of a runtime that can be told; TensorFlow's are its process's.

    Raises:
        InputError: the network sees later frames, or its weights cannot be read.
    """
    keras_saved = is_keras_file(network.file)
    if network.exported == STREAM and not keras_saved:
        return open_exported_stream(network.file, streams, threads)
    if network.members:
        return TemporalStream(
            [open_stream_runner(one, streams, threads) for one in network.members]
        )
    if not network.takes_frames:
        raise InputError(
            f"{network.name} must take frames one by one, it sees whole clips: "
            "`vidnas train --stream` trains a causal twin."
        )
    import_tensorflow()
    from vidnas.deploy.running.keras_runner import (
        KerasStream,
        load_network,
        open_keras_file,
    )

    if keras_saved:
        runner, _ = open_keras_file(network.file, streams)
        assert isinstance(runner, KerasStream)
        return runner
    clips = load_network(network.architecture, network.file, None)
    return KerasStream(clips.stream(), streams)
