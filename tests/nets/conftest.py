import numpy as np
import pytest

from vidnas.core.architecture import ACTIVATIONS, BLOCKS, CONVOLUTIONS, Architecture
from vidnas.core.kernel import Kernel
from vidnas.core.parts import Clip, Head, Layer, Stage, Stem

KERNELS = ("1x1x1", "1x3x3", "1x5x5", "3x1x1", "3x3x3", "5x1x1", "5x3x3")


@pytest.fixture(scope="session")
def draw():
    """`draw(seed, causal)`: a small random architecture of any block and form."""
    return _drawn


def _drawn(seed, causal):
    rng = np.random.default_rng([seed, causal])

    def one_of(*options):
        return options[rng.integers(len(options))]

    def layer(first):
        return Layer(
            int(rng.integers(1, 40)),
            Kernel.parse(one_of(*KERNELS)),
            one_of(1, 1, 2),
            one_of(0, 8, 16),
            temporal_stride=one_of(1, 2) if first and not causal else 1,
            activation=one_of("", "", *ACTIVATIONS),
            convolution=one_of("", "", *CONVOLUTIONS),
        )

    def stage():
        layers = tuple(layer(n == 0) for n in range(rng.integers(1, 4)))
        return Stage(int(rng.integers(1, 24)), layers)

    block = BLOCKS[seed % len(BLOCKS)]
    factored = int(one_of(0, 0, 5))
    return Architecture(
        clip=Clip(
            int(rng.integers(6, 9) if causal else rng.integers(17, 19)),
            int(rng.integers(8, 25)),
        ),
        stem=Stem(
            int(rng.integers(1, 20)),
            Kernel.parse(one_of("1x3x3", "3x3x3") if factored else one_of(*KERNELS)),
            2,
            one_of(1, 1, 5),
            factored,
        ),
        stages=tuple(stage() for _ in range(rng.integers(1, 4))),
        head=Head(
            one_of(0, int(rng.integers(1, 50))),
            one_of(0, int(rng.integers(1, 50))),
            hidden_bias=one_of(False, True),
            per_frame=one_of(False, block == "mobilenet"),
        ),
        block=block,
        activation=one_of(*ACTIVATIONS),
        convolution=one_of(*CONVOLUTIONS),
        causal=causal,
        positional_encoding=causal and block != "mobilenet" and one_of(False, True),
        temporal_shift=one_of(False, True),
    )
