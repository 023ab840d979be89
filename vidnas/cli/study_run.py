"""How does the command line run a study? With a plan before it and progress beside."""

import dataclasses
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.budgets.budget import Budgets
from vidnas.budgets.feasibility import Feasibility, feasibility
from vidnas.cli.begun_clips import BegunClips, as_begun, begun_clips
from vidnas.cli.clip_cache import begun_with_cache, cached_source
from vidnas.cli.clip_shapes import clip_shapes
from vidnas.cli.clip_window import experiment_window
from vidnas.cli.clips_found import findings_lines
from vidnas.cli.output import note
from vidnas.cli.own_folder import require_own_folder
from vidnas.cli.progress import Progress
from vidnas.cli.shown_run import Show, run_shown
from vidnas.clips.check import check_clips
from vidnas.clips.decoded_memory import decoded_bytes
from vidnas.clips.findings import found_facts
from vidnas.datasets.motion.generate import write_motion
from vidnas.datasets.motion.scenes import MOTIONS
from vidnas.datasets.source import ClipSource, read_index
from vidnas.documents.quantity import format_cost
from vidnas.errors import InputError
from vidnas.files.journal import read_journal
from vidnas.files.mirror import publish
from vidnas.strategies.score_search import ScoreSearch
from vidnas.strategies.starting_networks import without_starting_networks
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.experiment.recorded import FoundClips
from vidnas.study.experiment.starting_networks import exceeded_budgets, require_within
from vidnas.study.experiment.workers import Workers
from vidnas.study.history import JOURNAL_FILE, History, load_history
from vidnas.study.memory_record import study_pairs
from vidnas.study.study import Dataset, Study
from vidnas.study.workers.executor import Evaluate, Executor
from vidnas.study.workers.machine import (
    cluster_address,
    gpu_memories,
    machine_cores,
    machine_memory,
    share_out,
)
from vidnas.training.worker import train_in_group
from vidnas.trials.class_weights import require_known_classes
from vidnas.trials.mirrored_classes import mirror_warning
from vidnas.trials.objectives import STANDARD, require_measurable


def run_study(
    experiment: Experiment,
    folder: Path,
    address: str | None,
    *,
    retry_failed: bool = False,
    show: Show = Progress.of,
) -> History:
    """Runs a study, or goes on with it, and shows how it proceeds.

    Args:
        experiment: Experiment to run, its workers with their share of the machine.
        folder: Study folder.
        address: A running Ray cluster; None for this machine.
        retry_failed: Whether failed trials that broken surroundings failed are tried
            again.
        show: Function that gives what shows the progress of a study.
    """
    require_own_folder(folder, JOURNAL_FILE)
    workers = experiment.workers
    ratios = memory_ratios(folder)
    _, fitting = what_fits(experiment, folder, ratios)
    dataset, begun, faults = _dataset(experiment, folder)
    with Study(experiment, dataset, folder, retry_failed=retry_failed) as study:
        begun.keep()
        publish(folder)  # what a repair needs is in the store from the beginning
        note_plan(study.experiment, dataset, ratios, fitting, cluster_address(address))
        for line in faults:
            note(line)
        begun.say()
        note(f"study       {study_text(study)}")
        told = len(study.notices)
        for notice in study.notices:
            note(f"note        {notice}")
        if retry_failed:
            note(f"again       {_reopened_text(study)}")
        for given in study.taken_over:
            note(f"known       {given.words}")
        if experiment.baselines:
            note(f"baselines   {_baselines_text(study.experiment, dataset)}")
        history = run_shown(
            study,
            _executor(experiment, dataset, address),
            _training(workers, dataset),
            show,
        )
        for notice in study.notices[told:]:
            note(f"note        {notice}")
    return history


def study_text(study: Study) -> str:
    """Where the study lies, and what it holds already."""
    if not study.resumed:
        return f"{study.folder}, new"
    return f"{study.folder}, goes on after {study.resumed} finished trials"


def with_workers(
    experiment: Experiment, count: int | None, address: str | None
) -> Experiment:
    """The experiment with so many workers, each with its share of the machine."""
    workers = experiment.workers
    if count:
        workers = _counted(workers, count)
    gpus, local = gpu_memories(), cluster_address(address) is None
    memory = machine_memory() if local else None
    cores = machine_cores() if local else None
    asked = workers.count
    workers = share_out(workers, memory=memory, gpus=gpus, cores=cores)
    if workers.count < asked:
        takes = " or ".join(str(group.cpus) for group in workers.groups)
        note(
            f"workers     {workers.count} at once, {asked} were asked for: each takes "
            f"{takes} of this machine's {cores} cores"
        )
    for group in workers.groups:
        shared = max(1, int(group.gpus or 0.0))
        if experiment.recipe.batch % shared:
            raise InputError(
                f"`training.batch` must be a multiple of the {shared} GPUs that share "
                f"it (`workers.gpus`), got {experiment.recipe.batch}."
            )
    gpu = min(gpus) if gpus and local and workers.has_gpus else None
    return dataclasses.replace(experiment, workers=workers, gpu_memory=gpu)


def _counted(workers: Workers, count: int) -> Workers:
    """The workers of one group, so many of them."""
    if len(workers.groups) > 1:
        raise InputError(
            "`--workers` must be left out where `workers` has several groups, each "
            f"with a `count` of its own, got {count}."
        )
    group = dataclasses.replace(workers.groups[0], count=count)
    return dataclasses.replace(workers, groups=(group,))


def _training(workers: Workers, dataset: Dataset) -> Evaluate:
    """What each worker does with a candidate."""
    shares = {
        group.name: {
            "cpus": group.cpus,
            "gpus": group.gpus or 0.0,
            "memory": group.memory,
        }
        for group in workers.groups
    }
    counted = (dataset.train_clips, dataset.val_clips)
    return partial(train_in_group, shares=shares, counted=counted)


def _reopened_text(study: Study) -> str:
    """How many trials are tried again, of all that failed."""
    failed = sum(trial.state == "failed" for trial in study.trials)
    text = f"{len(study.reopened)} failed trials that the surroundings broke"
    return f"{text}; {failed} more failed by themselves" if failed else text


def _executor(
    experiment: Experiment, dataset: Dataset, address: str | None
) -> Executor:
    from vidnas.study.workers.ray_tune import RayTune  # loads Ray

    clips = _clip_bytes(experiment, dataset)
    return RayTune(experiment.workers, clips=clips, address=address)


def _clip_bytes(experiment: Experiment, dataset: Dataset) -> int:
    """The most that decoded clips take in a worker [bytes]."""
    return decoded_bytes(
        (dataset.train_clips, dataset.val_clips), clip_shapes(experiment)
    )


def memory_ratios(folder: Path) -> list[float]:
    """How far off predicted training memory was in the study so far."""
    if not (folder / JOURNAL_FILE).exists() or not read_journal(folder / JOURNAL_FILE):
        return []  # a disk that was full at the start leaves an empty journal
    return [pair.ratio for pair in study_pairs(load_history(folder))]


def _dataset(
    experiment: Experiment, folder: Path
) -> tuple[Dataset, BegunClips, list[str]]:
    """The clips, generated where it says so, and what is wrong with them, in lines."""
    clips, window = experiment.clips, experiment_window(experiment)
    if clips.motion is not None:
        write_motion(clips.place, **dataclasses.asdict(clips.motion))
    source = begun_source(experiment, folder)
    begun = begun_clips(source, folder)
    report = check_clips(source, window=window)
    found = found_facts(report.findings, window.words, report.left_out)
    cached = cached_source(
        source, clip_shapes(experiment), begun_with_cache(folder / JOURNAL_FILE)
    )
    cached.say()
    dataset = Dataset(
        source=cached.source.named,
        classes=report.classes,
        train_clips=report.count("train"),
        val_clips=report.count("val"),
        val_counts=report.readable["val"],
        found=tuple(FoundClips(**facts) for facts in found),
        cache=cached.digest,
        multi_label=report.multi_label,
        reading=begun.reading,
        digests=begun.digests,
        changes=begun.changes,
    )
    return dataset, begun, findings_lines(report.findings, window, report.left_out)


def begun_source(experiment: Experiment, folder: Path) -> ClipSource:
    """The experiment's clips, read by the rule that the study was begun with."""
    return as_begun(ClipSource.of(experiment.clips.source), folder / JOURNAL_FILE)


def what_fits(
    experiment: Experiment, folder: Path, ratios: Sequence[float]
) -> tuple[Budgets, Feasibility]:
    """The budgets, and what share of candidates fits them; raises where none does.

    Asked before any video is generated or read: an impossible budget is known at once,
    and so is an accuracy or a weighted class that the clips have not.
    """
    classes, multi_label = named_classes(experiment, folder)
    if experiment.stated_objectives is not None:
        require_measurable(experiment.objectives.accuracy, multi_label)
    require_known_classes(experiment.recipe.class_weights, classes)
    rng = np.random.default_rng(experiment.seed)
    budgets = experiment.limits(len(classes), ratios)
    require_within(experiment.starting_networks, budgets)
    return budgets, feasibility(experiment.space, budgets, rng)


def named_classes(experiment: Experiment, folder: Path) -> tuple[tuple[str, ...], bool]:
    """Names of the classes, and whether clips have several; no video is read."""
    if experiment.score is not None and experiment.score.classes is not None:
        return tuple(map(str, range(experiment.score.classes))), False
    if experiment.clips.motion is not None:
        return MOTIONS, False
    index = read_index(begun_source(experiment, folder))
    return index.classes, index.multi_label


def note_plan(
    experiment: Experiment,
    dataset: Dataset,
    ratios: Sequence[float],
    fitting: Feasibility,
    address: str | None,
) -> None:
    """Says what the study will do.

    Args:
        experiment: Experiment of the study, its budgets in numbers.
        dataset: Clips that it names.
        ratios: Ratios of measured to predicted training memory, one a trial.
        fitting: Share of candidates that fits the budgets.
        address: A running Ray cluster; None for this machine.
    """
    space = experiment.space
    note(f"experiment  {experiment.path}")
    if address is not None:
        note(f"cluster     {address}")
    note(f"space       {space.name}, {space.count():.3g} candidates")
    note(_clips_text(experiment, dataset))
    if experiment.objectives != STANDARD:
        note(f"objectives  {', '.join(experiment.objectives.names)}")
    accuracy = experiment.objectives.accuracy
    few = dataset.chance_of(accuracy).few_clips(dataset.val_clips)
    if few:
        note(f"            {few}")
    mirrored = mirror_warning(experiment.recipe, dataset.classes)
    if mirrored and experiment.score is None:
        note(f"flip        {mirrored}")
    budgets = experiment.limits(len(dataset.classes), ratios).limits
    if experiment.starting_networks:
        note(f"seeds       {_starting_networks_text(experiment, dataset, ratios)}")
    if experiment.rungs.below:
        going_on = experiment.rungs.continues
        rungs = "; ".join(map(str, experiment.schedule.rungs))
        note(f"rungs       {rungs}{', each continued' if going_on else ''}")
    if experiment.stopping is not None:
        note(f"stopping    {experiment.stopping}")
    strategy = without_starting_networks(experiment.strategy)
    if isinstance(strategy, ScoreSearch):
        many = f"{strategy.evaluations:,} networks are judged by {strategy.score}"
        note(f"strategy    {many} before the first trial")
    if experiment.left_out:
        note(f"defaults    {defaults_in_words(experiment)}")
    if experiment.effort.stated:
        note(f"effort      {experiment.effort}")
    if experiment.repeats.seeds > 1:
        note(f"repeats     {experiment.repeats}")
    limits = "; ".join(map(str, budgets)) or "none"
    note(
        f"budgets     {limits}: {fitting.share:.0f} % of candidates fit "
        f"({fitting.interval[0]:.0f}-{fitting.interval[1]:.0f})"
        f"{f', {fitting.binding.label} binds' if fitting.binding else ''}"
    )


def _clips_text(experiment: Experiment, dataset: Dataset) -> str:
    """The line of the clips, or of the score that makes them needless."""
    classes = f"{len(dataset.classes)} classes"
    if experiment.score is not None:
        name = experiment.score.name
        return f"score       {name} in place of a training, {classes}: no accuracy"
    return (
        f"clips       {dataset.train_clips} train, {dataset.val_clips} val, "
        f"{classes} in {experiment.clips.place}"
    )


def defaults_in_words(experiment: Experiment) -> str:
    """What holds where the file is silent: `seed 0; training epochs 5, warmup 0.1`."""
    document = experiment.to_document()
    words: dict[str, list[str]] = {}
    for key in experiment.left_out:
        above, _, last = key.rpartition(".")
        value: Any = document
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value is not None:
            words.setdefault(above, []).append(f"{last} {_value_text(key, value)}")
    return "; ".join(
        f"{above.replace('.', ' ')} {', '.join(found)}".strip()
        for above, found in words.items()
    )


def _value_text(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key.endswith((".memory", ".flops")) and isinstance(value, int | float):
        named = "memory_bytes" if key.endswith("memory") else "flops"
        return format_cost(named, value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _starting_networks_text(
    experiment: Experiment, dataset: Dataset, ratios: Sequence[float]
) -> str:
    """The seeds by name; one that would not fit a worker is left out and says so."""
    limits = experiment.limits(len(dataset.classes), ratios)
    words = []
    for seed in experiment.starting_networks:
        name, broken = seed.network.name, ", ".join(exceeded_budgets(seed, limits))
        words.append(f"{name} (left out: exceeds {broken})" if broken else name)
    return ", ".join(words)


def _baselines_text(experiment: Experiment, dataset: Dataset) -> str:
    """The baselines by name; one that exceeds a budget is not refused but says so."""
    limits = experiment.limits(len(dataset.classes))
    words = []
    for baseline in experiment.baselines:
        broken = ", ".join(limits.broken(baseline.architecture))
        words.append(f"{baseline.name} (exceeds {broken})" if broken else baseline.name)
    return ", ".join(words)
