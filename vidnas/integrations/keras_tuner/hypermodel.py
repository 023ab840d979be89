"""How does a space get into a Keras Tuner search? As a HyperModel for any tuner."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import keras
import keras_tuner
import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.parts import Clip
from vidnas.budgets.budget import Budget, Budgets
from vidnas.budgets.feasibility import feasibility
from vidnas.budgets.price import Pricing
from vidnas.integrations.keras_tuner.feasible import nearest_feasible
from vidnas.integrations.keras_tuner.tensorboard import allow_missing_tensorboard
from vidnas.integrations.keras_tuner.values import candidate_of, declaration, values_of
from vidnas.space.space import Space
from vidnas.trials.recipe import Recipe

DEFAULT = Recipe()


class Build(Protocol):
    """What `vidnas.nets.build` is: an architecture becomes a model to logits."""

    def __call__(
        self,
        architecture: Architecture,
        classes: int,
        *,
        dropout: float,
        stochastic_depth: float,
    ) -> Any:
        """The Keras model, with fresh weights."""
        ...


class SpaceHyperModel(keras_tuner.HyperModel):
    """The networks of a space, for `keras_tuner.RandomSearch`, `Hyperband` and others.

    A draw that breaks a rule or a budget is replaced by a feasible candidate near it,
    the same one each time, in the trial's values too: what they say is what was
    trained.

    Args:
        space: Space of the networks that can be built.
        build: Function that builds one: `vidnas.nets.build`, or it with some of its
            arguments set.
        classes: Number of outputs of the networks.
        limits: Budgets that nothing built exceeds.
        recipe: Recipe of which optimizer, learning rate (constant), weight decay,
            clip norm, dropout, stochastic depth, and the batch at which training memory
            is priced are taken. The rest is of `vidnas search` and `vidnas train`.
        clips: Function from a clip shape to what `keras.Model.fit` gets: `x`, `y`,
            `validation_data`, ... Needed where the space chooses among shapes; else
            clips may be given to `tuner.search`.

    Raises:
        InfeasibleError: the space holds nothing within the budgets.
    """

    def __init__(
        self,
        space: Space,
        build: Build,
        *,
        classes: int,
        limits: Sequence[Budget] = (),
        recipe: Recipe = DEFAULT,
        clips: Callable[[Clip], Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(name=space.name)
        self.space = space
        self.classes = classes
        self.recipe = recipe
        self.budgets = Budgets(tuple(limits), Pricing(classes, recipe.batch))
        if limits:
            feasibility(space, self.budgets, np.random.default_rng(0))
        self._network = build
        self._clips = clips
        ours = keras_tuner.HyperParameters.from_config(declaration(space))
        self._hyperparameters = ours.space
        self._declared_in: Any = None
        allow_missing_tensorboard()

    def declare_hyperparameters(self, hp: keras_tuner.HyperParameters) -> None:
        """Registers every choice that `hp` does not hold yet."""
        self._register(hp)
        self._declared_in = hp

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model | None:
        """The compiled network of a trial.

        The first call after `declare_hyperparameters` with no other values in another
        object is a tuner that explores the space: everything is declared, so no network
        is built and None is returned, which tuners leave aside there.
        """
        if self._is_exploring(hp):
            return None
        self._register(hp)
        return self._compile_network(self.space.decode(self._make_feasible(hp)))

    def architecture(self, hp: keras_tuner.HyperParameters) -> Architecture:
        """What a trial's values stand for; feasible once it was built."""
        return self.space.decode(candidate_of(self.space, hp.values))

    def fit(
        self,
        hp: keras_tuner.HyperParameters,
        model: keras.Model,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Trains the model on clips of its own shape.

        Raises:
            FatalValueError: the clips have another shape; it ends the search.
        """
        clip = self.architecture(hp).clip
        if self._clips is not None:
            kwargs = {**self._clips(clip), **kwargs}
        x: Any = args[0] if args else kwargs.get("x")
        shape = (clip.frames, clip.resolution, clip.resolution, clip.channels)
        if hasattr(x, "shape") and tuple(x.shape[1:]) != shape:
            raise keras_tuner.errors.FatalValueError(
                f"Clips of this trial must have the shape {shape}, got "
                f"{tuple(x.shape[1:])}. Where a space chooses among shapes, give "
                "`clips`."
            )
        return model.fit(*args, **kwargs)

    def _is_exploring(self, hp: keras_tuner.HyperParameters) -> bool:
        explorer, self._declared_in = self._declared_in, None
        if explorer is None or hp is explorer:
            return False
        # Fewer values where the user lets few hyperparameters be tuned.
        return bool(hp.values.items() <= explorer.values.items())

    def _register(self, hp: keras_tuner.HyperParameters) -> None:
        # By name, so that what the user fixed or narrowed stays as it is.
        names = {parameter.name for parameter in hp.space}
        missing = [ours for ours in self._hyperparameters if ours.name not in names]
        hp.merge(missing, overwrite=False)

    def _make_feasible(self, hp: keras_tuner.HyperParameters) -> tuple[int, ...]:
        """The candidate to build; writes it into `hp`."""
        draw = candidate_of(self.space, hp.values)
        candidate = nearest_feasible(self.space, self.budgets, draw)
        if candidate != draw:
            for choice in self.space.choices:
                hp.values.pop(choice.name, None)
            hp.values.update(values_of(self.space, candidate))
            for parameter in hp.space:
                if hp.is_active(parameter):
                    hp.values.setdefault(parameter.name, parameter.default)
        return candidate

    def _compile_network(self, architecture: Architecture) -> keras.Model:
        model = self._network(
            architecture,
            self.classes,
            dropout=self.recipe.dropout,
            stochastic_depth=self.recipe.stochastic_depth,
        )
        optimizer = _optimizer(self.recipe)
        optimizer.exclude_from_weight_decay(
            var_list=[v for v in model.trainable_variables if v.name != "kernel"]
        )
        # A built optimizer goes on from its checkpoint, where Hyperband goes on.
        optimizer.build(model.trainable_variables)
        model.compile(
            optimizer=optimizer,
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            jit_compile=False,  # every candidate would be compiled for minutes
        )
        return model


def _optimizer(recipe: Recipe) -> keras.optimizers.Optimizer:
    rules = {
        "learning_rate": recipe.learning_rate,
        "weight_decay": recipe.weight_decay,
        "clipnorm": recipe.clip_norm or None,
    }
    if recipe.optimizer == "sgd":
        return keras.optimizers.SGD(momentum=0.9, **rules)
    if recipe.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(rho=0.9, momentum=0.9, epsilon=1.0, **rules)
    return keras.optimizers.AdamW(**rules)
