"""A video is a file, whatever its name; the stream is the one a player picks."""

import os
import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from vidnas.errors import ClipError
from vidnas.video import opening
from vidnas.video.decode import read_clip
from vidnas.video.header import read_header, require_decodable

NAMES = [
    "rec12:30/a.mp4",
    "http:x/a.mp4",
    "concat:a.mp4|b.mp4",
    "file:a.mp4",
    "pipe:0",
    "data:text,a",
    "crypto:a.mp4",
    "subfile,,start,1,end,2,,:a.mp4",
    "-a.mp4",
    "a%03d.mp4",
    "a*b?[c].mp4",
    "trailing.mp4  ",
    " leading.mp4",
    "two\nlines.mp4",
    '"quoted" \'.mp4',
    "caf\u00e9.mp4",
    "cafe\u0301.mp4",
    "#?&=.mp4",
    "~/a.mp4",
    os.fsdecode(b"latin\xe9\xff.mp4"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_that_of_a_file(write_film, tmp_path, monkeypatch, numbers, name):
    film = write_film("film.mp4", frames=4)
    path = tmp_path / "films" / name
    path.parent.mkdir(parents=True)
    shutil.move(film, path)
    monkeypatch.chdir(tmp_path / "films")
    for known_as in (path, Path(name)):
        clip = read_clip(known_as, frames=4, side=8, start=0.0)
        assert numbers(clip) == [0, 1, 2, 3]
        require_decodable(known_as)


def test_a_name_with_a_number_to_fill_in_is_no_sequence(write_film, numbers):
    path = write_film("film.gif", "gif", pixels="rgb8", frames=3)
    path = path.rename(path.with_name("film%d.gif"))
    assert numbers(read_clip(path, frames=3, side=8, start=0.0)) == [0, 1, 2]


def test_an_error_is_one_line_that_ends_with_the_name(tmp_path):
    path = tmp_path / "odd name .mp4"
    path.write_bytes(b"no video" * 99)
    with pytest.raises(ClipError, match=r"got invalid data.*: .*/odd name \.mp4\.$"):
        read_clip(path, frames=1, side=8)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.mp4")
    with pytest.raises(ClipError, match=r"a file or a folder of frames, got .*a\.mp4"):
        read_clip(tmp_path / "a.mp4", frames=1, side=8)


@pytest.mark.parametrize(
    "text",
    [
        "ffconcat version 1.0\nfile film.mp4\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfilm.ts\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://localhost/a.ts\n",
    ],
)
@pytest.mark.parametrize("suffix", ["mp4", "m3u8"])
def test_a_list_of_other_files_is_no_clip(write_film, tmp_path, text, suffix):
    write_film("film.mp4", frames=3)
    write_film("film.ts", frames=3)
    path = tmp_path / f"list.{suffix}"
    path.write_text(text)
    with pytest.raises(ClipError, match=r"readable video, got invalid"):
        read_clip(path, frames=1, side=8)


def test_more_pixels_than_can_be_held_are_refused(write_film, monkeypatch):
    path = write_film("a.mkv")
    monkeypatch.setattr(opening, "MOST_PIXELS", 1000)
    for call in (require_decodable, read_header):
        with pytest.raises(ClipError, match=r"at most 31 x 31 pixels .* got 64 x 48: "):
            call(path)


def test_a_sliver_is_not_blown_up_beyond_all_bounds(write_film):
    path = write_film("a.avi", "png", pixels="rgb24", size=(4, 8000), frames=1)
    with pytest.raises(ClipError, match=r"shown as 2048 x 4096000"):
        read_clip(path, frames=1, side=2048)


def test_a_cover_picture_is_no_film(tmp_path, numbers):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 640, 480, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        film = container.add_stream("libx264", rate=25)
        film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
        picture = np.full((480, 640, 3), 200, np.uint8)
        container.mux(cover.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(cover.encode())
        for n in range(4):
            image = np.full((48, 64, 3), 5 * n + 3, np.uint8)
            container.mux(film.encode(av.VideoFrame.from_ndarray(image)))
        container.mux(film.encode())
    assert numbers(read_clip(path, frames=4, side=8, start=0.0)) == [0, 1, 2, 3]
    assert (read_header(path).width, read_header(path).codec) == (64, "h264")


def test_a_song_with_a_cover_has_no_film(tmp_path):
    path = tmp_path / "a.m4a"
    with av.open(str(path), "w", format="mp4") as container:
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        picture = np.full((48, 64, 3), 200, np.uint8)
        container.mux(cover.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(cover.encode())
    with pytest.raises(ClipError, match=r"must have a video stream, got none: .*m4a"):
        read_clip(path, frames=1, side=8)


def test_a_file_that_changed_is_looked_at_again(write_film):
    path = write_film("a.mp4", frames=10)
    assert read_header(path).frames == 10
    write_film("a.mp4", frames=20)
    assert read_header(path).frames == 20
