"""A file appears whole or not at all, whoever else writes beside it."""

import errno
import os
import subprocess
import sys
import threading
import time

import pytest

from vidnas.whole_file import OLD_SECONDS, is_unfinished, unfinished, write_whole

OURS = ".vidnas-0123456789abcdef.partial"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_nothing_lies_beside_it(tmp_path):
    write_whole(tmp_path / "new" / "page.html", "seen")
    write_whole(tmp_path / "new" / "page.html", b"again")
    assert (tmp_path / "new" / "page.html").read_text() == "again"
    assert names(tmp_path / "new") == ["page.html"]


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space"), KeyboardInterrupt()]
)
def test_a_write_that_fails_leaves_the_old_file_and_no_other(
    tmp_path, monkeypatch, error
):
    path = tmp_path / "page.html"
    write_whole(path, "old")

    def fails(file):
        raise error

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(type(error)):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["page.html"]


def test_threads_that_write_one_file_never_meet(tmp_path):
    path, failed = tmp_path / "page.html", []
    texts = [str(digit) * 20_000 for digit in range(8)]

    def write(text):
        try:
            for _ in range(10):
                write_whole(path, text)
                assert path.read_text() in texts
        except BaseException as wrong:
            failed.append(wrong)

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert names(tmp_path) == ["page.html"]


def test_processes_that_write_one_file_never_meet(tmp_path):
    script = (
        "import sys; from pathlib import Path\n"
        "from vidnas.whole_file import write_whole\n"
        "for _ in range(30): write_whole(Path(sys.argv[1]), sys.argv[2] * 5000)\n"
    )
    path = tmp_path / "page.html"
    runs = [
        subprocess.Popen([sys.executable, "-c", script, str(path), digit])
        for digit in "ab"
    ]
    assert [run.wait(timeout=60) for run in runs] == [0, 0]
    assert path.read_text() in ("a" * 5000, "b" * 5000)
    assert names(tmp_path) == ["page.html"]


def test_what_was_left_long_ago_is_swept_and_only_that(tmp_path):
    old = [OURS, ".page.html.partial", ".other.partial", ".vidnas-mine.partial"]
    for name in old:
        (tmp_path / name).write_text("half")
        then = time.time() - OLD_SECONDS - 60
        os.utime(tmp_path / name, (then, then))
    young = OURS.replace("0", "f")
    (tmp_path / young).write_text("another command writes this now")
    write_whole(tmp_path / "page.html", "seen")
    assert names(tmp_path) == sorted([*old[2:], young, "page.html"])


def test_permissions_are_those_of_any_new_file_or_of_the_one_before(tmp_path):
    path = tmp_path / "page.html"
    before = os.umask(0o027)
    try:
        write_whole(path, "seen")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640
    path.chmod(0o600)
    write_whole(path, "again")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("link", ["page.html", ".page.html.partial"])
def test_a_link_is_replaced_and_never_followed(tmp_path, link):
    other = tmp_path / "passwd"
    other.write_text("not ours")
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / link).symlink_to(other)
    write_whole(folder / "page.html", "seen")
    assert other.read_text() == "not ours"
    assert not (folder / "page.html").is_symlink()
    assert (folder / "page.html").read_text() == "seen"


def test_a_pipe_is_written_to_and_stays_one(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()))
    reader.start()
    write_whole(pipe, "seen")
    reader.join(timeout=10)
    assert heard == ["seen"]
    assert pipe.is_fifo()


def test_a_full_device_says_so_and_stays_a_device(tmp_path):
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        write_whole(tmp_path.__class__("/dev/full"), "seen")
    assert not os.path.isfile("/dev/full")  # noqa: PTH113


def test_a_file_of_any_kind_can_be_filled_under_its_random_name(tmp_path):
    with unfinished(tmp_path / "clip.mp4") as part:
        assert is_unfinished(part.name)
        part.write_bytes(b"frames")
        assert not (tmp_path / "clip.mp4").exists()
    assert (tmp_path / "clip.mp4").read_bytes() == b"frames"
