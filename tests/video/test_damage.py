"""A clip that is not what it should be says so."""

import re

import av
import numpy as np
import pytest

from vidnas.errors import ClipError
from vidnas.video import opening, packet_times
from vidnas.video.decode import read_clip
from vidnas.video.header import read_header, require_decodable

GOP = {"g": "12", "bf": "2"}


def noisy(n):
    rng = np.random.default_rng(n)
    return np.clip(rng.normal(5 * n + 3, 12, (48, 64, 3)), 0, 255).astype(np.uint8)


def read(path, start=0.5):
    return read_clip(path, frames=8, frame_stride=2, side=16, start=start)


@pytest.fixture
def film(write_film):
    """A film of 50 frames of which every packet has its own bytes, index first."""
    options = {"movflags": "+faststart"}
    return write_film("film.mp4", image=noisy, encoder=GOP, container=options)


def damage(path, begin, end, data=None):
    """Overwrites a share of the frames' bytes, with zeros or with `data`."""
    whole = bytearray(path.read_bytes())
    first = whole.index(b"mdat") + 4 if b"mdat" in whole else 0
    n = len(whole) - first
    a, b = first + int(begin * n), first + int(end * n)
    whole[a:b] = bytes(b - a) if data is None else data.bytes(b - a)
    path.write_bytes(whole)


def cut(path, share):
    whole = path.read_bytes()
    first = whole.index(b"mdat") + 4 if b"mdat" in whole else 0
    path.write_bytes(whole[: first + int(share * (len(whole) - first))])


def test_a_healthy_film_has_no_fault(film):
    assert [read(film, start).fault for start in (0.0, 0.5, 1.0)] == ["", "", ""]


def test_a_still_scene_is_no_fault(write_film):
    path = write_film("a.mp4", image=lambda n: np.full((48, 64, 3), 90, np.uint8))
    assert read(path).fault == ""


def test_a_film_cut_at_a_third_shows_what_is_there(film, numbers):
    cut(film, 0.3)
    for start in (0.0, 0.5, 1.0):
        clip = read(film, start)
        assert len(set(numbers(clip))) >= 7
        assert clip.damaged_packets > 0
        assert clip.fault.startswith("damaged: ")
        assert "15 of 50 frames are there" in clip.fault
    assert read_header(film).missing == 35


@pytest.mark.parametrize("data", [None, np.random.default_rng(0)])
def test_a_hole_in_the_middle_freezes_and_says_so(film, numbers, data):
    damage(film, 0.4, 0.6, data)
    clip = read(film)
    assert max(map(numbers(clip).count, numbers(clip))) > 4
    assert clip.damaged_packets > 5
    assert clip.fault.startswith("still: ")
    assert clip.fault.endswith("of 8 frames can be decoded")


def test_windows_before_and_behind_a_hole_are_sound(film, numbers):
    damage(film, 0.4, 0.6)
    assert [read(film, start).fault for start in (0.0, 1.0)] == ["", ""]
    assert numbers(read(film, 1.0))[:7] == [35, 37, 39, 41, 43, 45, 47]


@pytest.mark.parametrize("suffix", ["mkv", "webm", "avi", "flv"])
def test_a_cut_is_seen_by_what_the_container_claims(write_film, suffix):
    codec = {"webm": "libvpx", "avi": "mjpeg"}.get(suffix, "libx264")
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = write_film(f"a.{suffix}", codec, image=noisy, pixels=pixels)
    assert read(path).fault == ""
    cut(path, 0.5)
    # AVI tells how long half a file must be; the others know their whole length.
    listed = r"\d+" if suffix == "avi" else "50"
    assert re.match(rf"cut: \d+ of {listed} frames are there", read(path).fault)


def test_a_hole_without_packets_is_a_still(write_film):
    path = write_film("a.webm", "libvpx", image=noisy)
    damage(path, 0.4, 0.7)
    assert read(path).fault.startswith("still: one frame is shown for ")


def test_one_picture_is_a_still(write_film, tmp_path):
    one = write_film("one.mp4", frames=1)
    picture = write_film(
        "frame.jpg", "mjpeg", frames=1, pixels="yuvj420p", format="mjpeg"
    )
    named = tmp_path / "film.mp4"
    named.write_bytes(picture.read_bytes())
    for path in (one, picture, named):
        assert read(path).fault == "still: one picture"
        assert read_clip(path, frames=1, side=8).fault == ""


def test_a_film_shorter_than_the_window_is_short(write_film, numbers):
    clip = read(write_film("a.mp4", frames=5))
    assert numbers(clip) == [0, 2, 4, 4, 4, 4, 4, 4]
    assert clip.fault == "short: 5 of 8 frames lie behind the end"


def test_a_part_of_one_frame_is_a_still(write_film):
    path = write_film("a.mp4")
    clip = read_clip(path, frames=8, side=8, begin=1.0, end=1.03)
    assert clip.fault == "still: 7 of 8 frames lie behind the end"


def test_what_never_decodes_is_refused(film):
    damage(film, 0.0, 1.0)
    for call in (read, require_decodable, read_header):
        with pytest.raises(ClipError, match=r"a frame that decodes, got none: .*film"):
            call(film)


def test_a_film_without_its_end_still_decodes(film):
    cut(film, 0.3)
    require_decodable(film)


@pytest.fixture
def damaged_films(write_film):
    """Bytes of healthy films of every common container."""
    films = [
        ("a.mp4", "libx264"),
        ("a.mkv", "libx264"),
        ("a.ts", "libx264"),
        ("a.flv", "libx264"),
        ("a.avi", "mpeg4"),
        ("a.mov", "mpeg4"),
        ("a.webm", "libvpx"),
        ("a.mpg", "mpeg2video"),
        ("a.wmv", "wmv2"),
        ("a.gif", "gif"),
    ]
    pixels = {"gif": "rgb8"}
    return [
        write_film(name, codec, pixels=pixels.get(codec, "yuv420p"))
        for name, codec in films
    ]


def damage_at_random(whole, rng):
    """Bytes that were cut, changed, zeroed, made noise or taken out."""
    data, n = bytearray(whole), len(whole)
    first = int(rng.integers(n))
    last = min(n, first + int(rng.integers(1, n // 3)))
    match int(rng.integers(5)):
        case 0:
            return bytes(data[: 1 + first])
        case 1:
            for place in rng.integers(n, size=int(rng.integers(1, 30))):
                data[place] = int(rng.integers(256))
        case 2:
            data[first:last] = bytes(last - first)
        case 3:
            data[first:last] = rng.bytes(last - first)
        case _:
            del data[first:last]
    return bytes(data)


def resident_mib():
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * 4096 / 2**20


@pytest.mark.parametrize("count", [200, pytest.param(2000, marks=pytest.mark.real)])
def test_damage_of_any_kind_gives_a_clip_or_one_line(damaged_films, tmp_path, count):
    rng = np.random.default_rng(count)
    wholes = [path.read_bytes() for path in damaged_films]
    clips, lines = 0, []
    began = None
    for n in range(count):
        chosen = int(rng.integers(len(wholes)))
        path = tmp_path / f"damaged{damaged_films[chosen].suffix}"
        path.write_bytes(damage_at_random(wholes[chosen], rng))
        try:
            clip = read(path, start=float(rng.random()))
            assert clip.frames.shape == (8, 16, 16, 3)
            clips += 1
        except ClipError as error:
            lines.append(str(error))
        if n == count // 4:
            began = resident_mib()
    assert min(clips, len(lines)) > count // 20
    assert not any("\n" in line for line in lines)
    assert resident_mib() - began < 64


def test_a_film_that_decodes_for_ever_is_ended(write_film, monkeypatch):
    path = write_film("a.mp4")
    monkeypatch.setattr(opening, "MOST_SECONDS", -1.0)
    with pytest.raises(ClipError, match=r"read within -1 s, got no end: .*a\.mp4"):
        read(path)


def test_packets_without_end_are_not_read_for_ever(write_film, monkeypatch, numbers):
    monkeypatch.setattr(packet_times, "_MOST_PACKETS", 20)
    path = write_film("a.mp4")
    assert numbers(read(path, start=1.0)) == list(range(5, 20, 2))


def test_a_gif_whose_frames_take_no_time_ends(write_film):
    path = write_film("a.gif", "gif", pixels="rgb8", frames=10)
    # A graphic control extension: 21 f9 04, flags, the delay in two bytes.
    parts = path.read_bytes().split(b"\x21\xf9\x04")
    parts[1:] = [part[:1] + b"\0\0" + part[3:] for part in parts[1:]]
    path.write_bytes(b"\x21\xf9\x04".join(parts))
    header = read_header(path)
    assert header.frames == 10
    assert read_clip(path, frames=4, side=8).fault == ""


def test_a_title_of_any_bytes_is_no_damage(tmp_path):
    path = tmp_path / "a.avi"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "TITLE"
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        for level in (10, 200):
            picture = np.full((48, 64, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode())
    path.write_bytes(path.read_bytes().replace(b"TITLE", b"T\xe9\xff\xfeE"))
    assert read_header(path).frames == 2
