import numpy as np
import pytest

import vidnas
from vidnas.costs.latency.operators import KINDS, operators_of_one

pytestmark = [
    pytest.mark.keras,
    # The protocol of NumPy 1, in which Keras 3.15 hands over its variables.
]
NETWORKS = ("movinet-a0", "x3d-xs", "mobilenetv3-small-tsm", "r2plus1d-18")


def smallest_of_each_kind():
    """By kind, the operators with the fewest values of small published networks."""
    found = {}
    for name in NETWORKS:
        for operator in operators_of_one(vidnas.published(name), 8):
            size = operator.frames * operator.side**2 * operator.width_in
            if size < found.get(operator.kind, (np.inf,))[0]:
                found[operator.kind] = size, operator
    return {kind: operator for kind, (_, operator) in found.items()}


def test_every_operator_gives_the_shape_that_is_listed():
    import tensorflow as tf

    from vidnas.deploy.single_operator import make_operator

    for kind, o in smallest_of_each_kind().items():
        it = make_operator(o, np.random.default_rng(0))
        y = it.call(*(tf.random.normal(shape) for shape in it.inputs))
        width = o.width_in if kind in ("squeeze_excite", "shift") else o.width_out
        if kind in ("dense", "average"):
            assert tuple(y.shape) == (o.out_frames, width)
        else:
            assert tuple(y.shape) == (o.out_frames, o.out_side, o.out_side, width)


def test_every_kind_is_in_some_published_network():
    causal = vidnas.published("movinet-a0", stream=True)
    kinds = {o.kind for o in operators_of_one(causal, 8)}
    kinds |= set(smallest_of_each_kind())
    assert kinds >= set(KINDS) - {"temporal"}
    split = vidnas.published("x3d-xs")
    assert "temporal" in {o.kind for o in operators_of_one(split, 8)}


def test_copies_compute_what_one_operator_does():
    from vidnas.deploy.single_operator import compile_in_turn, make_operator

    operator = smallest_of_each_kind()["pointwise"]
    three = [make_operator(operator, np.random.default_rng(seed)) for seed in range(3)]
    function, inputs = compile_in_turn(three, whole=True)
    for one, x, y in zip(three, inputs, function(*inputs), strict=True):
        np.testing.assert_allclose(one.call(x), y, rtol=1e-4, atol=1e-5)


def test_litert_computes_what_the_network_does():
    interpreter = pytest.importorskip("ai_edge_litert.interpreter")
    import tensorflow as tf

    from vidnas.deploy.litert import convert
    from vidnas.deploy.single_operator import compile_frozen
    from vidnas.nets import build

    space = vidnas.load_space("search_spaces/quickstart.yaml")
    architecture = space.decode(space.sample(np.random.default_rng(1)))
    network, clip = build(architecture, classes=8), architecture.clip
    shape = (1, clip.frames, clip.resolution, clip.resolution, 3)
    function = compile_frozen(
        lambda x: network(x, training=False), network.weights, [shape]
    )
    lite = interpreter.Interpreter(model_content=convert(function))
    lite.allocate_tensors()
    x = tf.random.uniform(shape)
    lite.set_tensor(lite.get_input_details()[0]["index"], x.numpy())
    lite.invoke()
    logits = lite.get_tensor(lite.get_output_details()[0]["index"])
    np.testing.assert_allclose(logits, network(x), rtol=1e-3, atol=1e-4)
