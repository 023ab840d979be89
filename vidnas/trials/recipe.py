"""How is a candidate trained? One recipe for every candidate of a study.

Recipe gains exceed architecture gains in video, so candidates trained differently
cannot be compared.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from vidnas.trials.class_weights import ClassWeights

OPTIMIZERS = ("adamw", "sgd")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Optimizer, schedule, regularisation and augmentation.

    Args:
        optimizer: Name of the optimizer, `adamw` or `sgd` (with momentum 0.9).
        learning_rate: Peak learning rate of the cosine schedule, after warm-up.
        warmup: Share of the steps with a linearly rising rate, in [0, 1).
        weight_decay: Decoupled decay of kernels (not of norms, biases and scales).
        label_smoothing: Share of each label spread over all classes, in [0, 1); where
            clips have several classes, the share by which each target moves to 1/2.
        batch: Clips per step.
        dropout: Share of values dropped before the last dense layer.
        stochastic_depth: Share of layers with a shortcut that are skipped in training,
            rising linearly with depth; MoViNets trained with 0.2.
        crop: Share by which frames are larger than the resolution before a random crop;
            0 turns cropping off.
        flip: Whether half of the clips are mirrored; wrong where left and right are
            labels.
        reverse: Whether half of the clips are played backwards; wrong where order is a
            label.
        shuffle_frames: Whether the order of frames is destroyed, in training and
            validation: the control that shows whether a task needs motion.
        precision: Precision of the training, `float32`, `mixed_bfloat16` or
            `mixed_float16`.
        rematerialise: Whether only the input of each layer is kept, and what is inside
            is computed again in the backward pass: less memory, a third more work, the
            same step.
        class_weights: Weights of classes in the loss: None, `balanced`, or pairs of
            name and weight; see `class_weights`.
    """

    optimizer: str = "adamw"
    learning_rate: float = 4e-3
    warmup: float = 0.1
    weight_decay: float = 1e-4
    label_smoothing: float = 0.1
    batch: int = 32
    dropout: float = 0.0
    stochastic_depth: float = 0.0
    crop: float = 0.125
    flip: bool = False
    reverse: bool = False
    shuffle_frames: bool = False
    precision: str = "float32"
    rematerialise: bool = False
    class_weights: ClassWeights = None

    def to_document(self) -> dict[str, Any]:
        """The recipe as plain data; without weights of classes where there are none."""
        facts = asdict(self)
        weights = facts.pop("class_weights")
        if isinstance(weights, tuple):
            weights = dict(weights)
        return facts if weights is None else {**facts, "class_weights": weights}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Recipe":
        """The recipe that `to_document` wrote, by this or an earlier version.

        A field that joins later must default to what trainings did before it, so that
        an old document means what it meant.
        """
        facts = dict(document)
        if isinstance(facts.get("class_weights"), Mapping):
            facts["class_weights"] = tuple(facts["class_weights"].items())
        return cls(**facts)
