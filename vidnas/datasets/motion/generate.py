"""Which clips can be had without a dataset of one's own? Videos of eight motions.

They are real H.264 files in class folders, read back like anybody's dataset. As 8
frames with a frame stride of 2 they show most of their motion; 1 is much harder.
"""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np

from vidnas.datasets.decode_ahead import in_order
from vidnas.datasets.motion.scenes import MOTIONS, Frames, draw_clip
from vidnas.errors import ClipError
from vidnas.whole_file import is_unfinished, unfinished, write_whole

SCHEMA = "vidnas.motion/v1"
MANIFEST = "motion.json"
_UNFINISHED = "motion.json.part"
_CRF = 18  # x264's scale of loss, on which 18 looks lossless
_SPLITS = ("train", "val")


class _MotionFile(NamedTuple):
    """One file to write."""

    path: Path
    motion: str
    seed: tuple[int, ...]


def write_motion(
    root: Path,
    *,
    seed: int,
    train_per_class: int,
    val_per_class: int,
    size: int = 64,
    frames: int = 16,
    fps: int = 8,
    threads: int | None = None,
) -> Path:
    """The dataset folder `root`, holding the motion clips that the seed decides.

    Nothing is written when `root` already holds them. A folder whose writing was
    interrupted is completed: files appear whole or not at all.

    Args:
        root: Folder to write, `root/{train,val}/<class>/clip_00012.mp4`.
        seed: Seed that decides every pixel.
        train_per_class: Training clips of each class.
        val_per_class: Validation clips of each class.
        size: Height and width, even [pixels].
        frames: Frames per clip; the motion takes the whole clip.
        fps: Frames per second of the files.
        threads: Clips drawn side by side; None for one per core.

    Raises:
        ClipError: `root` holds something else, or clips of other settings.
    """
    settings = {
        "schema": SCHEMA,
        "seed": seed,
        "train_per_class": train_per_class,
        "val_per_class": val_per_class,
        "size": size,
        "frames": frames,
        "fps": fps,
        "classes": list(MOTIONS),
    }
    if size % 2 or size < 16 or frames < 2 or min(train_per_class, val_per_class) < 1:
        raise ClipError(
            "Motion clips must have an even size of at least 16, 2 frames and a clip "
            f"per class and split, got size {size}, {frames} frames, "
            f"{train_per_class} and {val_per_class} clips."
        )
    if _find_manifest(root, settings) == MANIFEST:
        return root
    root.mkdir(parents=True, exist_ok=True)
    write_whole(root / _UNFINISHED, json.dumps(settings, indent=2))
    counts = dict(zip(_SPLITS, (train_per_class, val_per_class), strict=True))
    missing = [f for f in _files(root, seed, counts) if not f.path.exists()]
    for folder in {f.path.parent for f in missing}:
        folder.mkdir(parents=True, exist_ok=True)

    def write(file: _MotionFile) -> None:
        rng = np.random.default_rng(file.seed)
        clip = draw_clip(file.motion, rng, size=size, frames=frames)
        with unfinished(file.path) as part:
            write_video(part, clip, fps=fps)

    for _ in in_order(write, missing, threads=threads or os.cpu_count() or 1):
        pass
    try:
        (root / _UNFINISHED).replace(root / MANIFEST)
    except FileNotFoundError:  # another command has finished the same clips
        _check_settings(root / MANIFEST, settings)
    return root


def write_video(path: Path, clip: Frames, *, fps: int) -> None:
    """Write `[T, H, W, 3]` RGB frames as an H.264 video in an mp4 container."""
    with av.open(str(path), "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=fps)
        stream.height, stream.width = clip.shape[1:3]
        stream.pix_fmt = "yuv420p"
        # With macroblock trees x264 now and then codes the same frames otherwise.
        options = {"crf": str(_CRF), "preset": "veryfast", "x264-params": "no-mbtree=1"}
        stream.options = options
        stream.codec_context.thread_count = 1
        for image in clip:
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _files(root: Path, seed: int, counts: dict[str, int]) -> list[_MotionFile]:
    return [
        _MotionFile(
            root / split / motion / f"clip_{n:05d}.mp4", motion, (seed, s, label, n)
        )
        for s, split in enumerate(_SPLITS)
        for label, motion in enumerate(MOTIONS)
        for n in range(counts[split])
    ]


def _find_manifest(root: Path, settings: dict[str, Any]) -> str:
    """Which manifest of these very settings `root` holds; empty when it is new."""
    for name in (MANIFEST, _UNFINISHED):
        if (root / name).exists():
            _check_settings(root / name, settings)
            return name
    if root.exists() and (
        not root.is_dir()
        or any(not is_unfinished(file.name) for file in root.iterdir())
    ):
        raise ClipError(
            f"Motion clips must be written to a new or empty folder, got {root}."
        )
    return ""


def _check_settings(path: Path, settings: dict[str, Any]) -> None:
    try:
        manifest = json.loads(path.read_text())
    except ValueError as error:
        raise ClipError(f"A motion manifest must be JSON, got {path}.") from error
    for key, value in settings.items():
        if manifest.get(key) != value:
            got = manifest.get(key)
            raise ClipError(
                f"The motion clips in {path.parent} must have the settings asked for, "
                f"found {key} {got} instead of {value}. Remove the folder "
                "or name another."
            )
