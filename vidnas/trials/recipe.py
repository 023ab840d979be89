"""How is a candidate trained? One recipe for every candidate of a study.

Recipe gains exceed architecture gains in video, so candidates trained differently
cannot be compared.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from vidnas.trials.class_weights import ClassWeights

OPTIMIZERS = ("adamw", "sgd", "rmsprop")
COSINE = "cosine"  # over the epochs of each training, however few
# Every other is one curve over full training, of which cheaper trainings have the
# beginning: those can be continued.
CONTINUABLE = ("cosine_of_full", "constant", "stable_decay")
SCHEDULES = (COSINE, *CONTINUABLE)
ASPECT = (3 / 4, 4 / 3)  # GoogLeNet, arXiv 1409.4842
Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a network is measured on: views of each validation video, averaged.

    Args:
        clips: Clips spread over the length of a video; one is its middle.
        crops: Crops of each clip, spread along the longer side; one is its centre.
        frames: Frames of such a clip, where that is more than in training; None for as
            many as there.
        each_epoch: Whether trials are measured after every epoch, not after the last
            only; the curve of a trial then has its accuracy.
    """

    clips: int = 1
    crops: int = 1
    frames: int | None = None
    each_epoch: bool = False

    @property
    def views(self) -> int:
        """Clips of a video that are measured."""
        return self.clips * self.crops

    def to_document(self) -> dict[str, Any]:
        """The views as plain data; what is off goes without saying."""
        facts = asdict(self)
        return {k: v for k, v in facts.items() if v is not None and v is not False}


@dataclass(frozen=True, slots=True)
class Recipe:
    """Optimizer, schedule, regularisation and augmentation.

    Args:
        optimizer: Name of the optimizer: `adamw`, `sgd` (with momentum 0.9) or
            `rmsprop` (with momentum 0.9 and epsilon 1, as MoViNets were trained).
        learning_rate: Peak learning rate of the schedule, after warm-up.
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
        crop_area: Least and largest share of the frame that a random crop takes, which
            is then brought to the resolution; None for a crop of the resolution itself.
        crop_aspect: Least and largest width over height of such a crop.
        short_side: Least and largest short side, over the resolution, that frames are
            as if resized to before a square crop; None for the one that `crop` gives.
        stride_jitter: The most by which the stride between frames differs from clip to
            clip.
        random_start: Whether every pass shows each clip from another moment of its
            video, decoded anew; otherwise only sets too large to be held decoded do.
        colour_jitter: Largest change of brightness, contrast, saturation and hue.
        rand_augment: Number of operations and their magnitude, from 0 to 10.
        auto_augment: Whether clips go through a pair of operations of AutoAugment.
        erasing: Share of clips that a box of noise hides a part of.
        mixup: Parameter of the Beta distribution of mixup; 0 for none.
        cutmix: Parameter of the Beta distribution of CutMix; 0 for none. Where both are
            asked for, half of the batches get either.
        evaluation: What the network is measured on.
        class_weights: Weights of classes in the loss: None, `balanced`, or pairs of
            name and weight; see `class_weights`.
        sync_norm: Whether batch norm goes by the clips of all GPUs that share a batch,
            so that a step is that of one GPU; otherwise each norms its own clips.
        schedule: Name of what the learning rate does after warm-up: `cosine` falls to
            zero over the epochs of each training; `cosine_of_full`, `constant` and
            `stable_decay` are curves over the epochs of full training, of which a
            cheaper training has the beginning.
        l2: Factor of half the squared kernels in the loss; unlike `weight_decay` its
            gradient goes through the optimizer, as in most published recipes.
        clip_norm: Norm that the gradient of each weight array is scaled down to where
            it is larger; 0 for none.
        subclip_frames: Frames that a causal network sees at once in training, at most:
            a clip is taken in such parts, stream buffers carried from each to the next
            and a loss after each, no gradient through a buffer. None for whole clips.
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
    crop_area: Pair | None = None
    crop_aspect: Pair = ASPECT
    short_side: Pair | None = None
    stride_jitter: int = 0
    random_start: bool = False
    colour_jitter: tuple[float, float, float, float] | None = None
    rand_augment: tuple[int, float] | None = None
    auto_augment: bool = False
    erasing: float = 0.0
    mixup: float = 0.0
    cutmix: float = 0.0
    evaluation: Evaluation = Evaluation()
    class_weights: ClassWeights = None
    sync_norm: bool = True
    schedule: str = COSINE
    l2: float = 0.0
    clip_norm: float = 0.0
    subclip_frames: int | None = None

    @property
    def needs_decoding(self) -> bool:
        """Whether training clips must be decoded in every pass."""
        return self.random_start or self.stride_jitter > 0

    def to_document(self) -> dict[str, Any]:
        """The recipe as plain data; transforms that are off go without saying."""
        usual = Recipe()
        off = {name for name in LATER if getattr(self, name) == getattr(usual, name)}
        if self.crop_area:
            off -= {"crop_aspect"}
        facts = {name: v for name, v in asdict(self).items() if name not in off}
        if "evaluation" in facts:
            facts["evaluation"] = self.evaluation.to_document()
        if isinstance(self.class_weights, tuple):
            facts["class_weights"] = dict(self.class_weights)
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in facts.items()
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Recipe":
        """The recipe that `to_document` wrote, by this or an earlier version.

        A field that joins later must default to what trainings did before it, so that
        an old document means what it meant.
        """
        facts: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in document.items()
        }
        if isinstance(facts.get("evaluation"), Mapping):
            facts["evaluation"] = Evaluation(**facts["evaluation"])
        if isinstance(facts.get("class_weights"), Mapping):
            facts["class_weights"] = tuple(facts["class_weights"].items())
        return cls(**facts)


# What joined after the first versions, and is left out of documents where it is off:
# they are then those that earlier versions wrote.
LATER = (
    "crop_area",
    "crop_aspect",
    "short_side",
    "stride_jitter",
    "random_start",
    "colour_jitter",
    "rand_augment",
    "auto_augment",
    "erasing",
    "mixup",
    "cutmix",
    "evaluation",
    "class_weights",
    "sync_norm",
    "schedule",
    "l2",
    "clip_norm",
    "subclip_frames",
)
