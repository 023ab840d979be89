from vidnas.architecture import Kernel, Layer
from vidnas.architecture.compound_scaling import scaled_network


def test_widths_depths_and_the_side_are_multiplied_and_rounded(small):
    scaled = scaled_network(small, width=1.6, depth=1.5, resolution=1.3)
    # 8 x 1.6 = 12.8 and 16 x 1.6 = 25.6 to multiples of 8, 8 x 1.3 = 10.4 to even ones
    assert scaled.clip.resolution == 10
    assert scaled.clip.frames == small.clip.frames
    assert (scaled.stem.width, scaled.head.project_width) == (16, 24)
    assert scaled.head.hidden_width == small.head.hidden_width
    (stage,) = scaled.stages
    assert stage.width == 16
    assert stage.layers == (
        Layer(24, Kernel(3, 3), stride=2, squeeze_excite=16),
        Layer(24, Kernel(1, 3)),
        Layer(24, Kernel(1, 3)),
    )


def test_a_layer_that_joins_has_no_stride_and_one_is_always_left(small):
    (stage,) = scaled_network(small, width=1.0, depth=0.1, resolution=1.0).stages
    assert stage.layers == small.stages[0].layers[:1]
    single = scaled_network(small, width=1.0, depth=0.5, resolution=1.0)
    grown = scaled_network(single, width=1.0, depth=2.0, resolution=1.0)
    strides = [layer.stride for layer in grown.layers]
    assert strides == [2, 1]
    unchanged = scaled_network(small, width=1.0, depth=1.0, resolution=1.0)
    assert unchanged.arch_id == small.arch_id
