"""Frames in order are those of a clip that begins with the video."""

import io

import numpy as np
import pytest

from vidnas.architecture import Clip
from vidnas.clips.pictures import png
from vidnas.deploy.running.seen import Sight
from vidnas.errors import ClipError
from vidnas.video.arriving.film import Projector, open_film
from vidnas.video.arriving.frames import shown_in_order
from vidnas.video.arriving.source import is_live
from vidnas.video.decode import read_clip

SIDE = 32


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """20 frames of 48 x 64, each brighter than the one before; a pause after 12."""
    path = tmp_path_factory.mktemp("film") / "film.mkv"
    with open_film(path) as add:
        for n in range(20):
            image = np.full((48, 64, 3), 10 * n + 5, np.uint8)
            image[:, 32:] //= 2
            add(image, n / 10 + (1.0 if n >= 12 else 0.0))
    return path


def seen(video, **asked):
    """What a network sees of a video `[T, side, side, 3]`, and the moments [s]."""
    sight, images, moments = Sight(Clip(8, SIDE)), [], []
    for shown in shown_in_order(video, **asked):
        image = sight.of_frame(shown.frame, shown.pixel_shape)
        images += [image] * len(shown.moments)
        moments += shown.moments
    return np.stack(images), moments


@pytest.mark.parametrize("asked", [{}, {"frame_stride": 3}, {"fps": 4}, {"fps": 25}])
def test_frames_in_order_are_those_of_a_clip_from_the_beginning(film, asked):
    found, moments = seen(film, **asked)
    clip = read_clip(film, frames=len(found), side=SIDE, start=0.0, **asked)
    assert np.array_equal(found, clip.frames)
    assert np.allclose(np.diff(moments), moments[1])
    # 20 frames at 10 a second with a pause of one second last three seconds.
    assert 3.0 - moments[1] - 0.1 <= moments[-1] < 3.0


def test_what_is_piped_shows_what_the_file_shows(film):
    found, moments = seen("-", fps=4, piped=io.BytesIO(film.read_bytes()))
    expected, same = seen(film, fps=4)
    assert np.array_equal(found, expected)
    assert np.allclose(moments, same)


def test_a_stride_counts_the_frames_of_what_arrives(film):
    found, moments = seen("-", frame_stride=2, piped=io.BytesIO(film.read_bytes()))
    whole, times = seen(film, fps=10)
    shown = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 2.2, 2.4, 2.6, 2.8]
    assert moments == pytest.approx(shown)
    places = [int(np.argmin(np.abs(np.array(times) - one))) for one in shown]
    assert np.array_equal(found, whole[places])


def test_a_pipe_is_followed_while_it_is_written_and_ctrl_c_is_its_end(film):
    content = film.read_bytes()

    class Interrupted(io.RawIOBase):
        """Gives what is there, a few bytes at a time, and then waits for ever."""

        given = 0

        def read(self, count=-1):
            if self.given >= len(content):
                raise KeyboardInterrupt
            part = content[self.given : self.given + 500]
            self.given += len(part)
            return part

    found, _ = seen("-", fps=4, piped=Interrupted())
    expected, _ = seen(film, fps=4)
    assert np.array_equal(found, expected)


def test_a_folder_of_frames_is_followed_in_the_order_of_its_names(tmp_path):
    for n in (1, 2, 10):
        image = np.full((SIDE, SIDE, 3), 20 * n, np.uint8)
        (tmp_path / f"img_{n}.png").write_bytes(png(image))
    found, moments = seen(tmp_path)
    assert found[:, 0, 0, 0].tolist() == [20, 40, 200]
    assert moments == [0.0, 1 / 25, 2 / 25]


def test_a_video_that_is_cut_is_followed_as_far_as_it_decodes(film, tmp_path):
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(film.read_bytes()[: film.stat().st_size * 9 // 10])
    found, _ = seen(cut)
    whole, _ = seen(film)
    assert 5 < len(found) < len(whole)
    assert np.array_equal(found[:5], whole[:5])


def test_what_is_no_video_is_said_in_one_line(tmp_path):
    (tmp_path / "text.mp4").write_text("no video")
    cases = {
        str(tmp_path / "text.mp4"): "must be a readable video, got",
        str(tmp_path / "gone.mp4"): "no such file or directory",
        "camera:97": "there is no /dev/video97",
    }
    for video, words in cases.items():
        with pytest.raises(ClipError, match=words):
            next(shown_in_order(video))
    with pytest.raises(ClipError, match="must be a readable video"):
        next(shown_in_order("-", piped=io.BytesIO(b"no video")))
    # A playlist on standard input opens no other file.
    playlist = f"ffconcat version 1.0\nfile {tmp_path / 'text.mp4'}\n".encode()
    with pytest.raises(ClipError, match="must be a readable video"):
        next(shown_in_order("-", piped=io.BytesIO(playlist)))


def test_only_what_has_no_end_of_its_own_is_live():
    live = [
        name for name in ("-", "camera", "camera:1", "/dev/video0") if is_live(name)
    ]
    assert len(live) == 4
    assert not any(map(is_live, ("camera.mp4", "a-b.mp4", "/dev/videos")))


def test_a_film_shows_its_images_when_it_was_told_to(film, tmp_path):
    times = [shown.seconds for shown in shown_in_order(film)]
    assert times == pytest.approx([n / 10 + (1.0 if n >= 12 else 0) for n in range(20)])
    copy, projector = tmp_path / "copy.mp4", Projector()
    with open_film(copy) as add:
        for shown in shown_in_order(film):
            add(projector.image(shown), shown.seconds)
    shown = list(shown_in_order(copy))
    assert [one.seconds for one in shown] == pytest.approx(times)
    levels = [int(projector.image(one)[10, 10, 0]) for one in shown]
    assert np.abs(np.array(levels) - (10 * np.arange(20) + 5)).max() <= 4  # encoded
    with pytest.raises(ClipError, match=r"must end in .mp4, .mkv, .mov, got .*x.gif"):
        open_film(tmp_path / "x.gif").__enter__()


def test_a_film_that_breaks_off_leaves_no_file(tmp_path):
    def break_off():
        with open_film(tmp_path / "half.mp4") as add:
            add(np.zeros((16, 16, 3), np.uint8), 0.0)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert list(tmp_path.iterdir()) == []
