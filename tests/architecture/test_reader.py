import pytest

from vidnas.architecture.kernel import Kernel
from vidnas.architecture.parts import Clip
from vidnas.architecture.reader import read_architecture
from vidnas.errors import InputError, SpaceError
from vidnas.files.loading import load_space
from vidnas.files.yaml_file import load_document
from vidnas.space.language.expression import Constant
from vidnas.space.language.options import Options, Width

SPACE = """\
schema: vidnas.space/v1
name: tiny
clip:
  frames: [4, 8]
  resolution: 32
stem:
  width: 16
stages:
  - width: {base: 16, multiplier: [0.5, 1.0]}
    depth: {from: 1, to: 3}
    stride: 2
    kernel: [1x3x3, 3x3x3]
    expand: [1.5, 2]
head:
  width: 32
  hidden: 64
"""

ARCHITECTURE = """\
schema: vidnas.architecture/v1
clip: {frames: 4, resolution: 32}
stem: {width: 16, kernel: 1x3x3, stride: 2}
stages:
  - width: 16
    layers:
      - {expand: 32, kernel: 3x3x3}
      - expand: 32
        kernel: 1x3x3
head: {project: 32, hidden: 64}
"""


def test_defaults_are_those_the_documentation_gives(write):
    space = load_space(write(SPACE))
    (stage,) = space.declaration.stages
    assert (space.name, space.declaration.activation) == ("tiny", Constant("swish"))
    clip, stem = space.declaration.clip, space.declaration.stem
    assert clip.frames == Options((4, 8))
    assert (clip.resolution, clip.frame_stride) == (Constant(32), Constant(1))
    assert (stem.width, stem.stride) == (Width(16), Constant(2))
    assert stem.kernel == Constant(Kernel(1, 3))
    assert stage.width == Width(16, (0.5, 1.0), round_to=8)
    assert stage.depth == Options((1, 2, 3))
    assert stage.kernel == Options((Kernel(1, 3), Kernel(3, 3)))
    assert stage.squeeze_excite == Constant(True)
    # 2 frames x 2 widths x (4 + 4^2 + 4^3) layers of 2 kernels x 2 expansions
    assert space.count() == 2 * 2 * (4 + 16 + 64)


def test_an_empty_list_of_stages_is_refused(write):
    path = write(SPACE[: SPACE.index("stages:")] + "stages: []\n" + "head: {}\n")
    with pytest.raises(SpaceError) as refused:
        load_space(path)
    assert str(refused.value) == (
        f"{path}, line 8: `stages` must offer at least one option, got an empty list."
    )


def test_an_empty_file_is_no_space(write):
    path = write("")
    with pytest.raises(SpaceError) as refused:
        load_space(path)
    assert str(refused.value) == f"{path}: `document` must be a mapping, got nothing."


def test_an_architecture_is_read_with_its_defaults(write):
    network = read_architecture(load_document(write(ARCHITECTURE)))
    assert network.clip == Clip(4, 32, frame_stride=1)
    first, second = network.stages[0].layers
    assert (first.stride, first.squeeze_excite) == (1, 0)
    assert second.kernel == Kernel(1, 3)
    assert (network.block, network.activation) == ("movinet", "swish")
    assert (network.convolution, network.causal) == ("3d", False)
    assert network.head.hidden_bias


@pytest.mark.parametrize(
    ("right", "wrong", "line", "message"),
    [
        (
            "      - expand: 32",
            "      - expnad: 32",
            8,
            "unknown key `expnad` in `stages[0].layers[1]`; it must be one of expand, "
            "kernel, stride, squeeze_excite, temporal_stride, activation, convolution. "
            "Did you mean `expand`?",
        ),
        (
            "        kernel: 1x3x3",
            "        kernel: 1x3x5",
            9,
            "A kernel must be odd FRAMESxSIDExSIDE with equal sides, such as `5x3x3`, "
            "got `1x3x5`.",
        ),
        (
            "        kernel: 1x3x3",
            "        kernel: 1x3x3\n        squeeze_excite: -8",
            10,
            "`stages[0].layers[1].squeeze_excite` must be a whole number of at least "
            "0, got -8.",
        ),
        (
            "head: {project: 32, hidden: 64}",
            "head: {project: 32}",
            10,
            "`head` must have the key `hidden`.",
        ),
        (
            "head: {project: 32, hidden: 64}",
            "head: {project: 32, hidden: 64}\nblock: x3b",
            11,
            "`block` must be one of movinet, x3d, mobilenet, resnet, got `x3b`. "
            "Did you mean `x3d`?",
        ),
    ],
)
def test_a_wrong_architecture_is_refused_on_its_line(
    right, wrong, line, message, write
):
    assert ARCHITECTURE.count(right) == 1
    path = write(ARCHITECTURE.replace(right, wrong))
    with pytest.raises(InputError) as refused:
        read_architecture(load_document(path))
    assert str(refused.value) == f"{path}, line {line}: {message}"
