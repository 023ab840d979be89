"""`vidnas data show`: one clip, its facts and its frames."""

import io
import json

import av
import pytest


@pytest.fixture(scope="module")
def videos(odd_files, tmp_path_factory):
    root = tmp_path_factory.mktemp("data") / "videos"
    odd_files.write_folder(root, per_class=4, every=1000)
    (root / "right" / "zebra.mp4").write_bytes(b"garbage")
    return root


def test_facts_of_a_clip_are_printed(videos, vidnas):
    code, out, _ = vidnas("data", "show", videos, "right/right_002.mp4")
    assert code == 0
    lines = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert lines["clip"] == "right/right_002.mp4"
    assert lines["path"] == str(videos / "right" / "right_002.mp4")
    assert lines["class"].startswith("right, in ")
    assert lines["video"] == "64 x 48, h264"
    assert lines["length"] == "1.60 s, 40 frames, 25 a second"
    assert lines["found"] == "nothing wrong"


def test_a_clip_is_found_by_its_path_and_the_first_without_a_name(
    videos, vidnas, monkeypatch
):
    monkeypatch.chdir(videos)
    by_path = json.loads(
        vidnas("data", "show", videos, "left/left_001.mp4", "--json")[1]
    )
    assert by_path["clip"] == "left/left_001.mp4"
    assert (by_path["width"], by_path["height"]) == (64, 48)
    first = json.loads(vidnas("data", "show", videos, "--json")[1])
    assert first["clip"].startswith("left/")
    code, _, err = vidnas("data", "show", videos, "left/left_00.mp4")
    assert code == 2
    assert (
        "must hold the clip `left/left_00.mp4`, it does not. Did you mean `left/left_00"
        in err
    )


def test_the_frames_that_a_training_sees_are_drawn_on_one_sheet(
    videos, tmp_path, vidnas
):
    sheet = tmp_path / "sheet.png"
    words = ("--frames", "5", "--resolution", "20", "--out", sheet)
    code, _, err = vidnas("data", "show", videos, "left/left_001.mp4", *words)
    assert code == 0
    assert "5 frames from the middle, first to last by rows" in err
    with av.open(io.BytesIO(sheet.read_bytes())) as container:
        frame = next(container.decode(video=0))
    # 3 columns of 20 and 4 gaps of 4; 2 rows of 20 and 3 gaps
    assert (frame.width, frame.height) == (76, 52)
    code, _, err = vidnas("data", "show", videos, "--out", tmp_path / "sheet.gif")
    assert code == 2
    assert "`--out` must end in .png" in err


def test_a_clip_that_cannot_be_read_says_why_and_ends_with_2(videos, vidnas):
    code, out, err = vidnas("data", "show", videos, "right/zebra.mp4")
    assert code == 2
    assert "found       invalid data found when processing input" in out
    assert "error: right/zebra.mp4 cannot be shown: invalid data found" in err
