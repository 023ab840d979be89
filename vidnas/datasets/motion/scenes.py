"""What does a motion clip show? Textured shapes that share one motion over clutter.

No frame tells the motion: position, angle and size of the shapes have the same
distribution in every class and at every moment, and the clutter moves by itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOTIONS = (
    "anticlockwise",
    "clockwise",
    "down",
    "growing",
    "left",
    "right",
    "shrinking",
    "up",
)

# Lengths are shares of the frame's side, over the whole clip. Of 16 frames at 64
# pixels, seen as 8 frames at 32: 1.6-2.4 pixels, 14-24 degrees or 12-16 % per frame.
_TRAVEL = (0.4, 0.6)
_TURN = (np.radians(110), np.radians(190))
_GROWTH = (0.9, 1.2)  # logarithm of largest over smallest size
_DRIFT = 0.1  # of the clutter, at most
_LIGHT = 0.1  # change of its brightness to either side of the middle, at most
_RADII = (0.12, 0.19)  # of a shape halfway through its growth
_GRID = 3  # shapes stand on a jittered grid of so many rows, so that some are in view
_JITTER = 0.25  # of a cell
_NOISE = 4.0  # standard deviation of the sensor noise [grey levels]

_SPRITE = 64  # pixels across a sprite
_REACH = 1.1  # half a sprite, in radii of its shape
_PLACE = np.linspace(-_REACH, _REACH, _SPRITE, dtype=np.float32)
_DISTANCE = np.hypot(_PLACE[:, None], _PLACE)
_BEARING = np.arctan2(_PLACE[:, None], _PLACE)

Frames = NDArray[np.uint8]  # [T, size, size, 3]
_Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Poses:
    """Where all shapes of a clip are: one row per frame.

    Args:
        shift: Rows and columns moved, `[T, 2]` [share of the frame].
        angle: Angles turned, `[T]` [radians].
        swell: Growth of sizes so far, `[T]` [share of the growth].
    """

    shift: _Floats
    angle: _Floats
    swell: _Floats


def draw_clip(
    motion: str, rng: np.random.Generator, *, size: int, frames: int
) -> Frames:
    """A clip of that motion `[frames, size, size, 3]`.

    Args:
        motion: Name of the motion, one of `MOTIONS`.
        rng: Generator that decides everything but the motion.
        size: Height and width [pixels].
        frames: Number of frames, at least 2.
    """
    poses = _poses(motion, rng, frames)
    growth = rng.uniform(*_GROWTH)
    clip = _clutter(rng, size, frames)
    reach = _RADII[1] * np.exp(_GROWTH[1] / 2) * _REACH
    period = 1 + 2 * reach  # a shape that leaves comes back on the other side, unseen
    cells = np.stack(np.divmod(np.arange(_GRID**2), _GRID), axis=-1) / _GRID * period
    cells = cells + rng.uniform(0, period, 2)
    cells += rng.uniform(-_JITTER, _JITTER, cells.shape) * period / _GRID
    for cell in cells:
        sprite = _sprite(rng)
        radius = rng.uniform(*_RADII) * size
        angle = rng.uniform(0, 2 * np.pi)
        centres = ((cell + poses.shift) % period - reach) * size
        # Too large, it starts anew small, so that all sizes are seen at all moments.
        swell = (rng.random() + poses.swell) % 1 - 0.5
        radii = radius * np.exp(growth * swell)
        _paint(clip, sprite, centres, angle + poses.angle, radii)
    # The same noise in red, green and blue, to draw a third of the numbers.
    clip += rng.standard_normal((*clip.shape[:3], 1), np.float32) * _NOISE
    pixels: Frames = np.clip(clip + 0.5, 0, 255).astype(np.uint8)
    return pixels


def _poses(motion: str, rng: np.random.Generator, frames: int) -> _Poses:
    """The shared motion; opposite motions are each other's time reversal."""
    phase = (np.arange(frames) - (frames - 1) / 2) / frames
    travel, turn = rng.uniform(*_TRAVEL), rng.uniform(*_TURN)
    shift = np.zeros((frames, 2))
    angle, swell = np.zeros(frames), np.zeros(frames)
    match motion:
        case "up" | "down":
            shift[:, 0] = phase * (travel if motion == "down" else -travel)
        case "left" | "right":
            shift[:, 1] = phase * (travel if motion == "right" else -travel)
        case "clockwise" | "anticlockwise":
            angle = phase * (turn if motion == "clockwise" else -turn)
        case "growing" | "shrinking":
            swell = phase if motion == "growing" else -phase
        case _:
            raise AssertionError(f"no such motion: {motion}")
    return _Poses(*(part.astype(np.float32) for part in (shift, angle, swell)))


def _clutter(rng: np.random.Generator, size: int, frames: int) -> _Floats:
    """A patchy backdrop that drifts slowly and changes brightness `[T, H, W, 3]`."""
    margin = int(np.ceil(_DRIFT * size)) + 2
    side = size + 2 * margin
    colours = rng.uniform(0, 60, (3, 3)).astype(np.float32)
    image = np.empty((side, side, 3), np.float32)
    image[:] = colours[0]
    for colour in colours[1:]:
        field = _field(rng, side, 9) + 0.5 * _field(rng, side, 17)
        cover = np.clip(field * 2 + 0.5, 0, 1)[..., None]
        image += cover * (colour - image)
    heading = rng.uniform(0, 2 * np.pi)
    reach = _DRIFT * size * np.sqrt(rng.random()) / 2
    phase = np.linspace(-1, 1, frames)
    rows = margin + reach * np.sin(heading) * phase
    columns = margin + reach * np.cos(heading) * phase
    light = 1 + rng.uniform(-_LIGHT, _LIGHT) * phase
    return np.stack(
        [
            _window(image, top, left, size) * np.float32(gain)
            for top, left, gain in zip(rows, columns, light, strict=True)
        ]
    )


def _field(rng: np.random.Generator, side: int, knots: int) -> _Floats:
    """Smooth noise `[side, side]`: `knots` x `knots` values, interpolated."""
    place = np.linspace(0, knots - 1, side)
    weights = np.maximum(0, 1 - np.abs(place[:, None] - np.arange(knots)))
    values = rng.standard_normal((knots, knots))
    field: _Floats = (weights @ values @ weights.T).astype(np.float32)
    return field


def _window(image: _Floats, top: float, left: float, size: int) -> _Floats:
    """`size` x `size` pixels from between the pixels of `image`."""
    row, column = int(top), int(left)
    down, right = np.float32(top - row), np.float32(left - column)
    part = image[row : row + size + 1, column : column + size + 1]
    part = part[:-1] * (1 - down) + part[1:] * down
    return part[:, :-1] * (1 - right) + part[:, 1:] * right


def _sprite(rng: np.random.Generator) -> _Floats:
    """A textured shape `[_SPRITE, _SPRITE, 4]`: colours, then cover from 0 to 1."""
    depth = rng.uniform(0.15, 0.35)
    outline = 1 - depth + depth * np.cos(rng.integers(2, 5) * _BEARING)
    low, high = (0, 0.8, 0), (np.pi, 2, 2 * np.pi)
    waves = np.zeros_like(_DISTANCE)
    for direction, length, offset in rng.uniform(low, high, (3, 3)).astype(np.float32):
        along = _PLACE * np.cos(direction) + _PLACE[:, None] * np.sin(direction)
        waves += np.cos((2 * np.pi / length) * along + offset)
    light = rng.uniform(170, 255, 3).astype(np.float32)
    dark = rng.uniform(110, 170, 3).astype(np.float32)
    sprite = np.empty((_SPRITE, _SPRITE, 4), np.float32)
    mix = np.clip(waves * 1.5 + 0.5, 0, 1)[..., None]
    sprite[..., :3] = dark + mix * (light - dark)
    sprite[..., 3] = np.clip((outline - _DISTANCE) * 8 + 0.5, 0, 1)
    return sprite


def _paint(
    canvas: _Floats,
    sprite: _Floats,
    centres: NDArray[np.floating],
    angles: _Floats,
    radii: _Floats,
) -> None:
    """Lay the sprite over every frame of `canvas` `[T, H, W, 3]`."""
    reach = int(np.ceil(radii.max() * _REACH)) + 1
    size = 2 * reach + 1
    corners = np.floor(centres).astype(int) - reach
    inside = ((corners > -size) & (corners < canvas.shape[1])).all(axis=1)
    steps = np.arange(size)
    scales = (_SPRITE - 1) / (2 * _REACH) / radii
    for n in np.flatnonzero(inside):
        frame, (top, left), scale = canvas[n], corners[n], scales[n]
        rows = slice(max(0, -top), min(size, frame.shape[0] - top))
        columns = slice(max(0, -left), min(size, frame.shape[1] - left))
        y = (scale * (top - centres[n, 0] + steps[rows])).astype(np.float32)
        x = (scale * (left - centres[n, 1] + steps[columns])).astype(np.float32)
        cos, sin = np.cos(angles[n]), np.sin(angles[n])
        row = (cos * y + _SPRITE / 2)[:, None] - sin * x
        column = (sin * y + _SPRITE / 2)[:, None] + cos * x
        place = row.clip(0, _SPRITE - 1).astype(np.intp) * _SPRITE
        place += column.clip(0, _SPRITE - 1).astype(np.intp)
        patch = sprite.reshape(-1, 4)[place]
        under = frame[top + rows.start : top + rows.stop]
        under = under[:, left + columns.start : left + columns.stop]
        under += patch[..., 3:] * (patch[..., :3] - under)
