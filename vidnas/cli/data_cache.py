"""`vidnas data cache`: the decoded copy of a dataset, once for all trainings."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vidnas.cli.arguments import amount, positive
from vidnas.cli.clip_shapes import clip_shapes
from vidnas.cli.command_help import described
from vidnas.cli.named_source import named_source, source_of_words
from vidnas.cli.output import note, say, say_json
from vidnas.clips.cache.cut import covering_shape
from vidnas.clips.cache.lookup import default_folder, with_cache
from vidnas.clips.cache.plan import FORMATS, SHARD_BYTES, CachePlan
from vidnas.clips.cache.reading import open_cache
from vidnas.clips.cache.writing import write_cache
from vidnas.clips.clip_shape import ClipShape, shape_in_words
from vidnas.clips.opening import usable_cores
from vidnas.datasets.source import ClipSource, read_index
from vidnas.documents.quantity import BYTES, format_bytes, parse_quantity
from vidnas.errors import InputError
from vidnas.study.experiment.reader import load_experiment


def add_cache(verbs: Any) -> None:
    """Adds `data cache`."""
    cache = verbs.add_parser(
        "cache",
        help="decode a dataset once, for all trainings",
        **described(
            "Decodes every clip once, into shards that all trainings of a machine map. "
            "The same command goes on after any break. Searches and trainings find a "
            "cache beside the dataset, and say so.",
            "vidnas data cache my_videos --for experiments/mine.yaml",
            "vidnas data cache my_videos --frames 16 --frame-stride 5 --size 128",
        ),
    )
    cache.add_argument(
        "source",
        metavar="SOURCE",
        nargs="*",
        help="class folders, an index, or KIND=PATH KEY=VALUE ...",
    )
    _add_shape(cache)
    _add_files(cache)
    cache.add_argument("--json", action="store_true")
    cache.set_defaults(run=cache_clips)


def _add_shape(cache: argparse.ArgumentParser) -> None:
    """Which windows are kept."""
    cache.add_argument(
        "--for",
        dest="experiment",
        type=Path,
        metavar="EXPERIMENT",
        help="the largest frames, rate and size of its candidates; its clips too, "
        "without SOURCE",
    )
    cache.add_argument("--frames", type=positive, metavar="N", help="frames per window")
    cache.add_argument(
        "--frame-stride",
        type=positive,
        metavar="N",
        help="source frames from one to the next (default 1)",
    )
    cache.add_argument(
        "--fps", type=amount, metavar="X", help="frames per second, in place of that"
    )
    cache.add_argument(
        "--size", type=positive, metavar="N", help="height and width before cropping"
    )
    cache.add_argument(
        "--windows",
        type=positive,
        default=1,
        metavar="N",
        help="windows of each video, an odd number (default %(default)s)",
    )


def _add_files(cache: argparse.ArgumentParser) -> None:
    """Which files they are kept in."""
    cache.add_argument(
        "--format",
        choices=FORMATS,
        default="npy",
        help="arrays to map (default), or JPEG records for what does not fit",
    )
    cache.add_argument(
        "--shard-size",
        default=str(SHARD_BYTES),
        metavar="SIZE",
        help="of a file, such as 200 MB (default 1 GB)",
    )
    cache.add_argument(
        "--out", type=Path, metavar="FOLDER", help="default SOURCE/.vidnas-cache/NAME"
    )
    cache.add_argument(
        "--verify", action="store_true", help="read all clips of a cache that is there"
    )


def cache_clips(chosen: argparse.Namespace) -> None:
    """Writes the cache, or what is missing of it, and says what it holds."""
    source, shape = _source(chosen), _shape(chosen)
    plan = CachePlan(
        read_index(with_cache(source, None)),
        shape,
        chosen.windows,
        chosen.format,
        _shard_bytes(chosen.shard_size),
    )
    folder = chosen.out or default_folder(source) / _name(plan)
    note(
        f"cache       {plan.clips} windows of {shape_in_words(shape)}, "
        f"{'' if plan.format == 'npy' else 'about '}{format_bytes(plan.size_bytes)}, "
        f"in {folder}"
    )
    meta = write_cache(plan, folder, threads=usable_cores(), on_shard=_note_shard)
    for reasons in meta["unreadable"].values():
        for reason in reasons:
            note(f"skipped: {reason}")
    if chosen.verify and plan.format == "npy":
        open_cache(folder, whole=True)
        note("verified    every clip is as it was written")
    if chosen.json:
        say_json({"folder": str(folder), **meta})
        return
    say(f"{meta['clips']} clips in {folder}")
    if plan.format == "npy":
        say("next  vidnas search, or vidnas train; they take it by themselves")
    else:
        say(f"next  clips: {{tfrecord: {folder}/train-*, val: {folder}/val-*}}")


def _source(chosen: argparse.Namespace) -> ClipSource:
    if chosen.source:
        return source_of_words(chosen.source)
    if chosen.experiment is None:
        raise InputError("`vidnas data cache` needs SOURCE, or --for EXPERIMENT.")
    return named_source(chosen.experiment)


def _shape(chosen: argparse.Namespace) -> ClipShape:
    """The shape that flags say; what they leave out is the experiment's."""
    stated: Iterable[ClipShape] = ()
    if chosen.experiment is not None:
        stated = clip_shapes(load_experiment(chosen.experiment))
    elif chosen.frames is None or chosen.size is None:
        raise InputError(
            "`vidnas data cache` needs --frames and --size, or --for EXPERIMENT."
        )
    if chosen.fps is not None and chosen.frame_stride is not None:
        raise InputError("--fps and --frame-stride exclude each other.")
    whole = covering_shape(stated) if stated else ClipShape(1, 1, 1)
    by_rate = chosen.fps is not None
    return ClipShape(
        chosen.frames or whole.frames,
        1 if by_rate else chosen.frame_stride or whole.frame_stride,
        chosen.size or whole.side,
        chosen.fps if by_rate or chosen.frame_stride else whole.fps,
    )


def _shard_bytes(stated: str) -> int:
    found = parse_quantity(stated, BYTES)
    if found is None or found < 1:
        raise InputError(f"--shard-size must be a size as 200 MB, got `{stated}`.")
    return int(found)


def _name(plan: CachePlan) -> str:
    """The folder of a cache beside its dataset: `16x128-stride5`."""
    shape = plan.shape
    rate = f"stride{shape.frame_stride}" if shape.fps is None else f"fps{shape.fps:g}"
    several = f"-windows{plan.windows}" if plan.windows > 1 else ""
    form = "" if plan.format == "npy" else f"-{plan.format}"
    return f"{shape.frames}x{shape.side}-{rate}{several}{form}"


def _note_shard(done: int, count: int) -> None:
    note(f"[{done}/{count}] shards")
