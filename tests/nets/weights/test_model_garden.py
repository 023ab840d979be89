"""Names of official tensors, by hand, and names of ours."""

import numpy as np
import pytest

from vidnas.errors import ShapeError

pytestmark = pytest.mark.keras


def our_names(keys, bottlenecks):
    from vidnas.nets.weights.model_garden import Checkpoint

    tensors = dict.fromkeys(keys, np.zeros((), np.float32))
    return Checkpoint("there", tensors).our_names(bottlenecks)


# From the object graph of the Model Garden's A0, base and stream.
@pytest.mark.parametrize(
    ("official", "ours"),
    [
        ("_stem/_conv/kernel", "stem/conv/kernel"),
        ("_stem/_conv/_conv/kernel", "stem/conv/kernel"),
        ("_stem/_batch_norm/moving_mean", "stem/norm/moving_mean"),
        ("_expansion/_conv/_conv/kernel", "a/expand/kernel"),
        ("_expansion/_batch_norm/gamma", "a/expand_norm/gamma"),
        ("_feature/_conv/kernel", "a/depthwise/kernel"),
        ("_feature/_conv/_conv/depthwise_kernel", "a/depthwise/kernel"),
        ("_feature/_conv_temporal/kernel", "a/temporal/kernel"),
        ("_feature/_conv_temporal/_conv/depthwise_kernel", "a/temporal/kernel"),
        ("_feature/_batch_norm_temporal/beta", "a/temporal_norm/beta"),
        ("_attention/_se_reduce/_conv/bias", "a/squeeze_excite/reduce/bias"),
        ("_attention/_se_expand/_conv/_conv/kernel", "a/squeeze_excite/expand/kernel"),
        ("_attention/_pos_encoding/_rezero/scale", "a/squeeze_excite/position_scale"),
        ("_mobile_bottleneck/_rezero/scale", "a/project_norm/residual_scale"),
        ("_mobile_bottleneck/_rezero/_scale", "a/project_norm/residual_scale"),
        ("_projection/_conv/kernel", "a/project/kernel"),
        ("_skip/_projection/_conv/kernel", "a/shortcut/kernel"),
        ("_skip/_projection/_batch_norm/beta", "a/shortcut_norm/beta"),
        ("_project/_conv/_conv/kernel", "head/project/kernel"),
        ("_project/_batch_norm/moving_variance", "head/norm/moving_variance"),
        ("_head/_conv/_conv/bias", "head/hidden/bias"),
        ("_classifier/_conv/kernel", "head/classes/kernel"),
    ],
)
@pytest.mark.parametrize("layer", ["model/layer_with_weights-0/layer-3", "backbone/x"])
def test_a_tensor_is_named_by_its_part_whatever_wraps_it(layer, official, ours):
    key = f"{layer}/{official}"
    owners = ["a"] if ours.startswith("a/") else []
    assert our_names([key], owners) == {key: ours}


def test_bottlenecks_follow_one_another_by_number_not_by_letter():
    keys = [f"model/layer-{n}/_expansion/_conv/kernel" for n in (10, 2, 1)]
    assert list(our_names(keys, ["a", "b", "c"]).values()) == [
        "c/expand/kernel",
        "b/expand/kernel",
        "a/expand/kernel",
    ]


@pytest.mark.parametrize(
    "key",
    [
        "model/thing",
        "model/layer-0/_stem/_conv/scale",
        "model/layer-0/_stem/_conv/_conv/_conv/kernel",
        "model/layer-0/_attention/_conv/kernel",
        "model/layer-0/_mobile_bottleneck/_rezero/kernel",
    ],
)
def test_what_no_movinet_has_keeps_its_name(key):
    assert our_names([key], []) == {key: key}


def test_the_second_of_two_stems_keeps_its_name():
    one, two = (f"{name}/_stem/_conv/kernel" for name in ("model/a", "other/a"))
    assert our_names([one, two], []) == {one: "stem/conv/kernel", two: two}


def test_another_number_of_bottlenecks_is_refused():
    with pytest.raises(ShapeError) as caught:
        our_names(["model/layer-1/_feature/_conv/kernel"], ["a", "b"])
    assert str(caught.value) == (
        "there must hold 2 bottlenecks, as the architecture has, got 1."
    )
