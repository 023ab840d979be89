"""Videos broken in ten ways, as people's folders hold them, and good ones beside them.

    broken = write_folder(tmp_path / "videos", classes=("left", "right"), per_class=50)

Every tenth file is broken, in another way each time, so that a folder of a hundred has
each of `DAMAGES` once. What a broken file still holds, a test can ask: `Damage.left`.
The fixture `odd_files` is this module.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import cycle
from pathlib import Path

import av
import numpy as np

RATE = 25
SIZE = (48, 64)  # height and width of a file's frames [pixels]
FRAMES = 40
MOTIONS = ((0, 2), (0, -2), (2, 0), (-2, 0))  # pixels a frame, down and right
NOTHING, ONE_PICTURE, A_PART = "nothing", "one picture", "a part"


@dataclass(frozen=True)
class Damage:
    """One way in which a file is broken.

    Args:
        name: What happened to it.
        suffix: Suffix of the file.
        left: What can still be seen: `nothing`, `one picture` or `a part`.
        write: Function that writes such a file at a path, of a motion and a seed.
    """

    name: str
    suffix: str
    left: str
    write: Callable[[Path, tuple[int, int], int], None]


def draw_moving(motion=(0, 2), *, frames=FRAMES, size=SIZE, seed=0):
    """Frames `[T, H, W, 3]` of a noise that moves `motion` pixels a frame.

    Some of it is new in every frame, so that no frame costs nothing to store.
    """
    rng = np.random.default_rng(seed)
    noise = rng.integers(40, 216, (size[0] // 8, size[1] // 8, 3))
    first = np.kron(noise, np.ones((8, 8, 1), np.int64))
    shown = np.empty((frames, *first.shape), np.uint8)
    for t in range(frames):
        moved = np.roll(first, (motion[0] * t, motion[1] * t), (0, 1))
        shown[t] = moved + rng.integers(-32, 33, moved.shape)
    return shown


def write_frames(path, shown, *, rate=RATE, codec="libx264", times=None, **options):
    """A video of frames `[T, H, W, 3]`, in the container that its suffix names.

    Args:
        path: File to write.
        shown: Frames, uint8 RGB.
        rate: Frames a second.
        codec: Encoder of FFmpeg.
        times: When each frame is shown, in ticks of `1 / rate`; evenly if None.
        options: Options of the container, such as `movflags="faststart"`.
    """
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = shown.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        stream.options = {"preset": "ultrafast"} if codec == "libx264" else {}
        for n, image in enumerate(shown):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = n if times is None else times[n]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def write_good(path, motion=(0, 2), seed=0, **options):
    """A video that is as it should be."""
    return write_frames(path, draw_moving(motion, seed=seed), **options)


def _cut(path, motion, seed):
    write_good(path, motion, seed, movflags="faststart")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 3 // 10])


def _hole(path, motion, seed):
    write_good(path, motion, seed, movflags="faststart")
    data = bytearray(path.read_bytes())
    at = data.index(b"mdat")
    size = len(data) - at
    first, last = at + size * 2 // 5, at + size * 3 // 5
    data[first:last] = bytes(last - first)
    path.write_bytes(data)


def _one_frame(path, motion, seed):
    write_frames(path, draw_moving(motion, frames=1, seed=seed))


def _jpeg(path, motion, seed):
    content = BytesIO()
    with av.open(content, "w", format="mjpeg") as container:
        stream = container.add_stream("mjpeg", rate=1)
        stream.height, stream.width = SIZE
        stream.pix_fmt = "yuvj420p"
        (image,) = draw_moving(motion, frames=1, seed=seed)
        frame = av.VideoFrame.from_ndarray(image, format="rgb24")
        container.mux(stream.encode(frame.reformat(format="yuvj420p")))
        container.mux(stream.encode())
    path.write_bytes(content.getvalue())


def _empty(path, motion, seed):
    path.touch()


def _garbage(path, motion, seed):
    path.write_bytes(np.random.default_rng(seed).bytes(20_000))


def _sound(path, motion, seed):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16_000, layout="mono")
        for n in range(32):
            wave = np.sin(np.arange(1024) * (0.05 + 0.001 * n), dtype=np.float32)
            frame = av.AudioFrame.from_ndarray(wave[None], "fltp", "mono")
            frame.sample_rate, frame.pts = 16_000, 1024 * n
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _dangling(path, motion, seed):
    path.symlink_to(path.parent / "moved_to_another_disk" / path.name)


def _no_index(path, motion, seed):
    write_good(path, motion, seed)  # its index comes last
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"moov") - 4])


def _cut_mkv(path, motion, seed):
    write_good(path, motion, seed)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


DAMAGES = (
    Damage("an mp4, index first, cut at 30 %", ".mp4", A_PART, _cut),
    Damage("an mp4 with a hole in its middle", ".mp4", A_PART, _hole),
    Damage("a video of one frame", ".mp4", ONE_PICTURE, _one_frame),
    Damage("a JPEG named mp4", ".mp4", ONE_PICTURE, _jpeg),
    Damage("an empty file", ".mp4", NOTHING, _empty),
    Damage("garbage", ".avi", NOTHING, _garbage),
    Damage("sound alone", ".mp4", NOTHING, _sound),
    Damage("a link to nowhere", ".mp4", NOTHING, _dangling),
    Damage("an mp4 whose index was never written", ".mov", NOTHING, _no_index),
    Damage("an mkv cut in half", ".mkv", A_PART, _cut_mkv),
)


def write_folder(root, *, classes=("left", "right"), per_class=50, every=10):
    """A folder of class folders, each `every`th file of which is broken.

    Args:
        root: Folder to write.
        classes: Names of the classes, whose clips move each its own way.
        per_class: Files of each class.
        every: Of so many files one is broken.

    Returns:
        The broken files, in order, and what is wrong with each.
    """
    damages, broken = cycle(DAMAGES), {}
    for number, (name, n) in enumerate(_numbered(classes, per_class)):
        motion = MOTIONS[classes.index(name) % len(MOTIONS)]
        path = root / name / f"{name}_{n:03d}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if number % every == every - 1:
            damage = next(damages)
            path = path.with_suffix(damage.suffix)
            damage.write(path, motion, number)
            broken[path] = damage
        else:
            write_good(path.with_suffix(".mp4"), motion, number)
    return broken


def _numbered(classes: Sequence[str], per_class: int) -> Iterator[tuple[str, int]]:
    for name in classes:
        for n in range(per_class):
            yield name, n
