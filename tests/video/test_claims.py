"""What containers claim of rate, length and first moment is asked of the packets."""

from fractions import Fraction

import av
import numpy as np
import pytest

from vidnas.video.decode import read_clip
from vidnas.video.header import read_header

B_FRAMES = {"bf": "2", "g": "12"}
AS_IS = {"avoid_negative_ts": "disabled"}
OPEN_GOP = {"x264-params": "open-gop=1:keyint=10:bframes=3:scenecut=0"}


def noisy_at_the_sides(n):
    """Grey by number; what is cut away makes pictures larger than packs."""
    picture = np.full((64, 160, 3), 5 * (n % 50) + 3, np.uint8)
    noise = np.random.default_rng(n).integers(0, 255, (8, 4), np.uint8)
    picture[:, :32] = picture[:, -32:] = noise.repeat(8, 0).repeat(8, 1)[..., None]
    return picture


SIDES = {"size": (160, 64), "image": noisy_at_the_sides}


def windows(path, numbers):
    clips = {
        s: read_clip(path, frames=8, frame_stride=2, side=16, start=s) for s in STARTS
    }
    assert {s: (c.damaged_packets, c.fault) for s, c in clips.items()} == dict.fromkeys(
        STARTS, (0, "")
    )
    return {start: numbers(clip) for start, clip in clips.items()}


STARTS = (0.0, 0.5, 1.0)


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("a.mp4", "libx264", B_FRAMES),
        ("a.mov", "libx264", B_FRAMES),
        ("a.mkv", "libx264", B_FRAMES),
        ("a.ts", "libx264", B_FRAMES),
        ("a.m2ts", "libx264", B_FRAMES),
        ("a.flv", "libx264", B_FRAMES),
        ("a.nut", "libx264", B_FRAMES),
        ("a.avi", "libx264", B_FRAMES),  # times of decoding only
        ("b.avi", "mpeg4", B_FRAMES),
        ("c.avi", "mjpeg", {}),
        ("a.webm", "libvpx", {}),
        ("a.ogv", "libvpx", {}),
        ("a.wmv", "wmv2", {}),
        ("a.mpg", "mpeg2video", B_FRAMES),  # one time for all frames of a pack
        ("a.vob", "mpeg2video", B_FRAMES),
        ("a.3gp", "h263", {}),
        ("a.gif", "gif", {}),
        ("a.h264", "libx264", B_FRAMES),  # no times at all
        ("a.mxf", "libx264", B_FRAMES),  # times of decoding, called those of display
        ("single.mp4", "libx264", {"bf": "3", "g": "1000"}),
        ("open.mp4", "libx264", OPEN_GOP),
        ("open.ts", "libx264", OPEN_GOP),
        ("open.avi", "libx264", OPEN_GOP),
    ],
)
def test_a_healthy_film_shows_its_frames(
    write_film, numbers, healthy, fine, name, codec, options
):
    loses = codec in {"mpeg4", "mpeg2video", "wmv2"}
    pixels = {"mjpeg": "yuvj420p", "gif": "rgb8"}.get(codec, "yuv420p")
    size = (176, 144) if codec == "h263" else (64, 48)
    path = write_film(
        name, codec, encoder=options | (fine if loses else {}), pixels=pixels, size=size
    )
    assert windows(path, numbers) == healthy
    header = read_header(path)
    assert (header.frames, round(header.rate, 3)) == (50, 25.0)
    assert header.seconds == pytest.approx(2.0)


def test_a_recording_of_a_browser_has_the_rate_of_its_frames(write_film, numbers):
    # Its container claims 1000 frames per second, the base of its times.
    rng = np.random.default_rng(0)
    times = np.cumsum([0, *rng.integers(15, 180, 49)])
    path = write_film(
        "a.webm",
        "libvpx",
        times=times.tolist(),
        tick=Fraction(1, 1000),
        rate=1000,
        container={"live": "1"},
    )
    usual = float(np.median(np.diff(times))) / 1000  # seconds
    assert read_header(path).rate == pytest.approx(1 / usual)
    clip = read_clip(path, frames=8, frame_stride=2, side=16, start=0.0)
    moments = np.arange(8) * 2 * usual * 1000
    shown = np.searchsorted(times, moments + 1, side="right") - 1
    assert numbers(clip) == shown.tolist()
    assert len(set(numbers(clip))) == 8


def test_rounded_times_keep_the_rate_that_is_claimed(write_film):
    # Steps of 33, 33 and 34 ms: the median alone would say 30.3.
    times = [round(n * 1000 / 30) for n in range(50)]
    path = write_film("a.mkv", times=times, tick=Fraction(1, 1000), rate=30)
    assert (read_header(path).rate, read_header(path).frames) == (30.0, 50)


@pytest.mark.parametrize(
    ("name", "codec", "sound"),
    [
        ("a.mp4", "libx264", "aac"),
        ("a.mkv", "libx264", "aac"),
        ("a.webm", "libvpx", "libopus"),
        ("a.mpg", "mpeg2video", "mp2"),
        ("a.flv", "libx264", "aac"),
        ("a.avi", "libx264", "mp2"),
        ("a.ts", "libx264", "aac"),
        ("a.wmv", "wmv2", "wmav2"),
    ],
)
def test_sound_that_goes_on_makes_no_film_longer(
    write_film, numbers, healthy, fine, name, codec, sound
):
    encoder = {} if codec.startswith("lib") else fine
    path = write_film(name, codec, sound=(6, sound), encoder=encoder)
    assert windows(path, numbers) == healthy


def test_a_cut_by_an_edit_list_begins_where_it_shows(write_film, copy_packets, numbers):
    # 13 frames lie before 0: they decode, to predict others, and are not shown.
    whole = write_film("whole.mp4", encoder=B_FRAMES)
    path = copy_packets(whole, "cut.mp4", shift=-0.52)
    # 37 frames hold the window of 15 with a slack of 22.
    assert windows(path, numbers) == {
        0.0: list(range(13, 28, 2)),
        0.5: list(range(24, 39, 2)),
        1.0: list(range(35, 50, 2)),
    }
    assert read_header(path).frames == 37


@pytest.mark.parametrize(
    ("name", "shift", "options"),
    [
        ("late.mp4", 3.0, {}),  # an empty edit before the first frame
        ("late.mkv", 3.0, {}),
        ("late.ts", 30.0, {}),
        ("wrap.ts", 2**33 / 90000 - 1, {}),  # the clock has 33 bits
        ("live.mkv", 0.0, {"live": "1"}),  # no duration
        ("parts.mp4", 0.0, {"movflags": "frag_keyframe+empty_moov"}),
        ("signed.mp4", 0.0, {"movflags": "negative_cts_offsets"}),
    ],
)
def test_packets_elsewhere_show_the_same_frames(
    write_film, copy_packets, numbers, healthy, name, shift, options
):
    whole = write_film("whole.mp4", encoder=B_FRAMES)
    path = copy_packets(whole, name, shift=shift, container=options)
    assert windows(path, numbers) == healthy


def test_a_film_without_duration_is_as_long_as_its_packets(
    write_film, copy_packets, numbers, healthy
):
    path = copy_packets(
        write_film("whole.webm", "libvpx"), "a.webm", container={"live": "1"}
    )
    with av.open(str(path)) as container:
        assert container.duration is None
    assert windows(path, numbers) == healthy


@pytest.mark.parametrize("suffix", ["ts", "mkv", "mp4"])
def test_frames_before_the_first_that_decodes_are_none(
    write_film, copy_packets, numbers, suffix
):
    whole = write_film("whole.mp4", encoder=B_FRAMES)
    path = copy_packets(whole, f"cut.{suffix}", first=5)  # the next key frame is 12
    clip = read_clip(path, frames=8, frame_stride=2, side=16, start=0.0)
    assert numbers(clip) == list(range(12, 27, 2))
    assert read_header(path).frames == 38


def test_pictures_predicted_from_before_a_cut_are_not_counted(
    write_film, copy_packets, numbers
):
    whole = write_film("whole.mp4", encoder=OPEN_GOP)
    # Behind the key frame 10 follow three that would be shown before it.
    path = copy_packets(whole, "cut.mkv", first=10, shift=-0.4, container=AS_IS)
    clip = read_clip(path, frames=8, frame_stride=2, side=16, start=1.0)
    assert (numbers(clip), clip.fault) == (list(range(35, 50, 2)), "")


@pytest.mark.parametrize("codec", ["mpeg1video", "mpeg2video"])
def test_a_program_stream_cut_in_its_middle_ends_with_its_end(
    write_film, numbers, fine, codec
):
    path = write_film("a.mpg", codec, encoder=B_FRAMES | fine, **SIDES)
    content = path.read_bytes()
    path.write_bytes(content[len(content) // 5 :])
    clip = read_clip(path, frames=6, frame_stride=2, side=16, start=1.0)
    assert (numbers(clip), clip.fault) == (list(range(39, 50, 2)), "")


def test_a_program_stream_sought_amid_a_pack_shows_its_frames(
    write_film, numbers, fine
):
    path = write_film(
        "a.mpg",
        "mpeg1video",
        frames=100,
        encoder=B_FRAMES | fine,
        **SIDES,
    )
    clips = [
        read_clip(path, frames=1, side=16, start=0.0, begin=n / 25) for n in range(100)
    ]
    assert [numbers(clip)[0] for clip in clips] == [*range(50), *range(50)]


def test_a_short_last_frame_makes_no_faster_rate(write_film):
    # The container's average counts 10 s for eleven frames and 0.04 s for the last.
    times = [10_000 * n for n in range(12)]
    path = write_film("a.mp4", frames=12, times=times, tick=Fraction(1, 1000))
    header = read_header(path)
    assert (header.frames, header.rate) == (12, pytest.approx(0.1))


def test_a_gap_is_a_pause_and_no_slower_rate(write_film, numbers):
    times = [n if n < 25 else n + 400 for n in range(50)]
    path = write_film("a.mp4", times=times)
    assert read_header(path).rate == pytest.approx(25.0)
    clip = read_clip(path, frames=8, frame_stride=2, side=16, start=1.0)
    assert numbers(clip) == list(range(35, 50, 2))
    clip = read_clip(path, frames=8, frame_stride=2, side=16, start=0.5)
    assert (set(numbers(clip)), clip.fault) == (
        {24},
        "still: one frame is shown for 16.0 s",
    )


def test_a_clock_that_jumps_by_months_goes_on_at_once(write_film, numbers, healthy):
    times = [40 * n + (10**10 if n > 29 else 0) for n in range(50)]
    path = write_film("a.mkv", times=times, tick=Fraction(1, 1000))
    assert windows(path, numbers) == healthy


def test_joined_recordings_go_on_one_after_the_other(write_film, numbers):
    path = write_film("a.ts", encoder=B_FRAMES)
    path.write_bytes(path.read_bytes() * 2)  # the clock goes back in the middle
    assert read_header(path).frames == 100
    clip = read_clip(path, frames=8, frame_stride=14, side=16, start=0.0)
    assert numbers(clip) == [0, 14, 28, 42, 6, 20, 34, 48]


def test_times_that_stand_still_are_no_times(write_film, copy_packets, numbers):
    def stop(packet):
        packet.pts, packet.dts = packet.pts // 1000, packet.dts // 1000

    whole = write_film("whole.webm", "libvpx")
    path = copy_packets(whole, "a.webm", change=stop)
    clip = read_clip(path, frames=8, frame_stride=2, side=16, start=1.0)
    assert numbers(clip) == list(range(35, 50, 2))
