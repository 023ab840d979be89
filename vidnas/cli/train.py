"""`vidnas train`: the full training, or fine-tuning, of one architecture."""

import argparse
import dataclasses
import hashlib
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vidnas.budgets.price import Pricing
from vidnas.cli.arguments import positive
from vidnas.cli.begun_clips import BegunClips, as_begun, begun_clips
from vidnas.cli.clip_cache import CachedSource, begun_with_cache, cached_source
from vidnas.cli.clips_found import findings_lines
from vidnas.cli.command_help import described
from vidnas.cli.epoch_progress import EpochProgress
from vidnas.cli.output import note, say, say_json
from vidnas.cli.own_folder import require_own_folder
from vidnas.cli.study_folder import RUNS, as_seen_here, project_folder
from vidnas.cli.train_options import Asked, add_options, asked_for
from vidnas.cli.train_result import result_lines
from vidnas.clips.clip_shape import ClipShape
from vidnas.clips.findings import found_facts
from vidnas.clips.opening import usable_cores
from vidnas.clips.window import Window
from vidnas.datasets.identity import TRAINED
from vidnas.documents.quantity import format_bytes, format_count
from vidnas.errors import EvaluationError, InputError, StudyError, SurroundingsError
from vidnas.files.state_file import State
from vidnas.training.dataset import (
    Dataset,
    batch_of,
    dataset_findings,
    open_dataset,
)
from vidnas.training.environment import load_tensorflow
from vidnas.training.folder import (
    ARCHITECTURE_FILE,
    CLASSES_FILE,
    TRAINING_FILE,
    WEIGHTS_FILE,
    TrainingFolder,
    read_classes,
)
from vidnas.training.trained_file import (
    class_rows,
    measured_over,
    require_told,
    require_whole_epochs,
    trained_document,
)
from vidnas.trials.class_weights import require_known_classes
from vidnas.trials.clips_met import clips_met
from vidnas.trials.mirrored_classes import mirror_warning
from vidnas.views.text.summary import rate_and_colours

if TYPE_CHECKING:
    from vidnas.training.full_training import TrainedNetwork


def add_commands(commands: Any) -> None:
    """Adds `train`."""
    train = commands.add_parser(
        "train",
        **described(
            "Trains one network all the way, from scratch or from weights, into a "
            "folder; the same command goes on after any break.",
            "vidnas train movinet-a0 --clips my_videos --epochs 60",
            "vidnas train runs/quickstart/family/a2.yaml --epochs 30 "
            "--experiment experiments/quickstart.yaml",
        ),
    )
    add_options(train)
    train.add_argument(
        "--out", type=Path, metavar="FOLDER", help="default runs/train/NAME"
    )
    train.add_argument(
        "--cpus",
        type=positive,
        metavar="N",
        default=usable_cores(),
        help="threads to compute with (default: all)",
    )
    train.add_argument(
        "--gpus",
        type=positive,
        metavar="N",
        default=1,
        help="GPUs of this machine that share every batch (default: one, if there is "
        "any)",
    )
    train.add_argument(
        "--micro-batch",
        type=positive,
        metavar="N",
        help="clips whose activations are in memory at once; a batch is taken in equal "
        "parts (default: the batch)",
    )
    train.add_argument(
        "--resume",
        choices=("auto", "must", "never"),
        default="auto",
        help="go on with the folder if it is there (default), must be, or never",
    )
    train.add_argument("--json", action="store_true")
    train.set_defaults(run=run_train)


def run_train(chosen: argparse.Namespace) -> None:
    """Trains, or goes on, and prints what the network measures and where it lies."""
    asked = asked_for(chosen)
    folder = chosen.out or _training_folder(chosen.experiment, asked.name)
    _check_resume(folder, chosen.resume)
    require_own_folder(folder, TRAINING_FILE)
    source = as_begun(asked.clips, folder / TRAINING_FILE)
    asked, begun = dataclasses.replace(asked, clips=source), begun_clips(source, folder)
    index = begun.index
    if chosen.gpus > 1:
        _require_gpus(chosen)
    require_known_classes(asked.recipe.class_weights, index.classes)
    cached = _cached(asked, folder)
    asked = dataclasses.replace(asked, clips=cached.source)
    identity = _identity(asked, begun, chosen.seed, cached.digest, chosen.micro_batch)
    with TrainingFolder(folder, identity, changes=begun.changes) as training:
        for notice in training.notices:
            note(f"note        {notice}")
        several, path = index.multi_label, folder / TRAINING_FILE
        require_whole_epochs(training.epochs, path, multi_label=several)
        measured = training.measured
        if measured:
            require_told(measured, path, multi_label=several)
            note(f"{folder} is finished: all {asked.epochs} epochs are trained.")
        else:
            measured = _train(chosen, asked, training, begun)
    _say_result(chosen, asked, folder, measured)


def _require_gpus(chosen: argparse.Namespace) -> None:
    """Raises where this machine has fewer GPUs than were asked for."""
    load_tensorflow(cpus=chosen.cpus)
    from vidnas.training.allocator import require_gpu

    try:
        require_gpu(chosen.gpus)
    except SurroundingsError as wrong:
        raise InputError(f"`--gpus {chosen.gpus}`: {wrong}.") from wrong


def _training_folder(experiment: Path | None, name: str) -> Path:
    """`runs/train/NAME`, of an experiment's project where one is given."""
    here = Path(RUNS) / "train" / name
    if experiment is None or (here / TRAINING_FILE).exists():
        return here
    return as_seen_here(project_folder(experiment) / here)


def _check_resume(folder: Path, resume: str) -> None:
    there = (folder / TRAINING_FILE).exists()
    if resume == "must" and not there:
        raise StudyError(
            f"`--resume must` needs a training in {folder}, there is none."
        )
    if resume == "never" and there:
        raise StudyError(
            f"`--resume never` needs a new folder, {folder} holds a training already."
        )


def _cached(asked: Asked, folder: Path) -> CachedSource:
    """The clips with the cache that serves the training, which is told."""
    clip, recipe = asked.architecture.clip, asked.recipe
    side = round(clip.resolution * (1 + recipe.crop))
    shapes = {
        ClipShape(frames, clip.frame_stride, side, clip.fps or None)
        for frames in (clip.frames, recipe.evaluation.frames or clip.frames)
    }
    cached = cached_source(
        asked.clips, shapes, begun_with_cache(folder / TRAINING_FILE)
    )
    cached.say()
    return cached


def _identity(
    asked: Asked, begun: BegunClips, seed: int, cache: str, micro_batch: int | None
) -> dict[str, Any]:
    """What must not change while the training goes on; clips and weights may move."""
    index = begun.index
    splits = {split: index.splits[split] for split in TRAINED}
    listed = "\n".join(
        f"{split} {','.join(map(str, file.labels))} {Path(file.path).name}"
        for split, found in splits.items()
        for file in found
    )
    return {
        "architecture": asked.architecture.arch_id,
        "clips": {
            "classes": list(index.classes),
            **{split: len(found) for split, found in splits.items()},
            "files": hashlib.sha256(
                listed.encode(errors="surrogateescape")
            ).hexdigest()[:16],
            **({"cache": cache} if cache else {}),
            **begun.identity,
        },
        "recipe": asked.recipe.to_document(),
        "weights": asked.weights_id,
        "seed": seed,
        "epochs": asked.epochs,
        # Norms go by the clips that are in memory at once.
        **({"micro_batch": micro_batch} if micro_batch else {}),
    }


def _train(
    chosen: argparse.Namespace,
    asked: Asked,
    training: TrainingFolder,
    begun: BegunClips,
) -> dict[str, Any]:
    """Trains to the end, with every epoch kept; gives what was measured."""
    dataset = open_dataset(
        asked.architecture, asked.clips, asked.recipe, threads=chosen.cpus
    )
    clip = asked.architecture.clip
    window = Window(clip.frames, clip.frame_stride, clip.fps or None)
    found = dataset_findings(dataset, asked.clips, window)
    left_out = begun.index.left_out
    training.begin(dataset.counts, found_facts(found, window.words, left_out))
    _note_plan(chosen, asked, training, dataset)
    for line in findings_lines(found, window, left_out):
        note(line)
    begun.say()
    load_tensorflow(cpus=chosen.cpus)
    try:
        trained = _train_epochs(chosen, asked, training, dataset, begun)
    except KeyboardInterrupt:
        note(f"{_kept_text(training)}; the same command goes on.")
        raise
    except (EvaluationError, MemoryError) as wrong:
        reason = str(wrong) or "out of memory on the host"
        training.fail(reason)
        raise EvaluationError(f"{reason}. {_kept_text(training)}.") from wrong
    counts = {**dataset.counts, **dataset.faults, **trained.peak}
    measured = measured_over(training.epochs, counts, dataset.chance)
    document = trained_document(
        asked.architecture,
        classes=dataset.train.classes,
        pricing=_pricing(chosen, asked, dataset),
        measured=measured,
        training=_origin(chosen, asked),
    )
    rows = class_rows(dataset.train.classes, trained.per_class)
    training.finish(trained.weights, document, measured, rows)
    return measured


def _train_epochs(
    chosen: argparse.Namespace,
    asked: Asked,
    training: TrainingFolder,
    dataset: Dataset,
    begun: BegunClips,
) -> "TrainedNetwork":
    """Trains the epochs that are left, shown and kept one by one."""
    from vidnas.training.full_training import Listener, train_fully
    from vidnas.training.replicas.devices import gpu_devices

    progress = EpochProgress(
        asked.epochs,
        len(training.epochs),
        len(dataset.val),
        dataset.chance.accuracy,
    )

    def begins(classifier_loaded: bool) -> None:
        if asked.weights and training.state is None:
            which = "loaded too" if classifier_loaded else "fresh, for other classes"
            note(f"weights     {asked.weights}, classifier {which}")

    def epoch(number: int, report: dict[str, float], state: State) -> None:
        training.keep(number, report, state)
        begun.keep()
        progress.epoch(number, report)

    with progress:
        return train_fully(
            asked.architecture,
            dataset,
            asked.recipe,
            Listener(begins, progress.step, epoch),
            epochs=asked.epochs,
            seed=chosen.seed,
            devices=gpu_devices(chosen.gpus),
            micro_batch=chosen.micro_batch,
            weights=asked.weights,
            state=training.state,
        )


def _kept_text(training: TrainingFolder) -> str:
    done = len(training.epochs)
    if not done:
        return "No epoch was finished, so nothing is kept"
    return f"{done} finished {'epoch is' if done == 1 else 'epochs are'} kept"


def _origin(chosen: argparse.Namespace, asked: Asked) -> dict[str, Any]:
    return {
        "architecture": chosen.architecture,
        "weights": str(asked.weights) if asked.weights else None,
        "clips": str(asked.clips),
        "epochs": asked.epochs,
        "seed": chosen.seed,
        "recipe": asked.recipe.to_document(),
    }


def _pricing(chosen: argparse.Namespace, asked: Asked, dataset: Dataset) -> Pricing:
    recipe, at_once = asked.recipe, chosen.micro_batch or asked.recipe.batch
    return Pricing(
        len(dataset.train.classes),
        min(at_once, batch_of(recipe, dataset)),
        precision=recipe.precision,
        rematerialise=recipe.rematerialise,
        subclip_frames=recipe.subclip_frames,
    )


def _note_plan(
    chosen: argparse.Namespace, asked: Asked, training: TrainingFolder, dataset: Dataset
) -> None:
    clip = asked.architecture.clip
    kind = "causal, for streams" if asked.architecture.causal else "clips"
    note(
        f"training    {chosen.architecture} ({kind}), {clip.frames} frames x "
        f"{clip.resolution} px{rate_and_colours(clip)}, {asked.epochs} epochs, "
        f"in {training.path}"
    )
    note(
        f"clips       {len(dataset.train)} train, {len(dataset.val)} val, "
        f"{len(dataset.train.classes)} classes in {asked.clips}"
    )
    few = dataset.chance.few_clips(len(dataset.val))
    if few:
        note(f"            {few}")
    mirrored = mirror_warning(asked.recipe, dataset.train.classes)
    if mirrored:
        note(f"flip        {mirrored}")
    priced = _pricing(chosen, asked, dataset).cost(asked.architecture)
    note(
        f"cost        {format_count(priced.parameters)} parameters, "
        f"{format_count(priced.flops)} FLOPs per clip, about "
        f"{format_bytes(priced.training_bytes)} to train {priced.batch} clips a step"
    )
    if training.epochs:
        note(f"resume      after {len(training.epochs)} of {asked.epochs} epochs")


def _say_result(
    chosen: argparse.Namespace, asked: Asked, folder: Path, measured: dict[str, Any]
) -> None:
    network, weights = folder / ARCHITECTURE_FILE, folder / WEIGHTS_FILE
    if chosen.json:
        say_json(
            {
                "name": asked.name,
                "arch_id": asked.architecture.arch_id,
                **measured,
                "architecture": str(network),
                "weights": str(weights),
                "classes": str(folder / CLASSES_FILE),
            }
        )
        return
    say("\n".join(result_lines(measured, read_classes(folder))))
    met = clips_met([measured])
    if met:
        say(f"clips    {met}")
    say(f"network  {network}")
    say(f"weights  {weights}")
    say(f"next     vidnas predict {shlex.quote(str(folder))} VIDEO")
