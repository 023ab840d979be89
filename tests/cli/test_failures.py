"""Whatever the system refuses is one line with the right exit code, no traceback."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vidnas.cli import cost
from vidnas.cli.failures import FAILED, WRONG_INPUT, failure
from vidnas.files.journal import Journal

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")


def one_line(answer, code):
    got, out, err = answer
    assert got == code, err
    assert out == ""
    (line,) = err.splitlines()
    assert line.startswith("error: ")
    return line


@pytest.mark.parametrize(
    ("number", "code"),
    [
        *((n, WRONG_INPUT) for n in (errno.ENOTDIR, errno.EISDIR, errno.EEXIST)),
        *((n, WRONG_INPUT) for n in (errno.EACCES, errno.EROFS, errno.ENAMETOOLONG)),
        *((n, FAILED) for n in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE)),
    ],
)
def test_a_wrong_path_is_wrong_input_and_a_full_disk_a_failure(number, code):
    line, got = failure(OSError(number, os.strerror(number), "runs/x"))
    assert got == code
    assert line == f"runs/x cannot be used: {os.strerror(number)}."


def test_an_error_without_a_path_or_words_is_still_a_line():
    assert failure(OSError(errno.EIO, "I/O")) == ("The system refused: I/O.", FAILED)
    assert failure(TimeoutError()) == ("The system refused: TimeoutError.", FAILED)
    assert failure(MemoryError()) == ("The machine's memory is used up.", FAILED)
    assert failure(ValueError("embedded null byte"))[1] == WRONG_INPUT
    assert failure(ValueError("a bug of ours")) is None


@pytest.mark.parametrize(
    "words",
    [
        ["report", "STUDY", "--to", "file/page.html"],
        ["report", "STUDY", "--to", "."],
        ["family", "STUDY", "--to", "file"],
        ["family", "STUDY", "--to", "file/family"],
        ["space", "show", "space.yaml", "--html", "file/page.html"],
        ["space", "show", "space.yaml", "--html", "."],
        ["search", "experiment.yaml", "--study", "file"],
        ["search", "experiment.yaml", "--study", "file/study"],
        ["train", "movinet-a0", "--clips", "clips", "--epochs", "1", "--out", "file"],
        ["data", "motion", "file"],
        ["data", "motion", "file/clips"],
        ["data", "check", "file"],
        ["latency", "check", "--table", "."],
        ["latency", "check", "--table", "file/table.json"],
        ["front", "file"],
        ["cost", "movinet-a0", "--calibration", "file"],
        ["cost", "movinet-a0", "--latency", "."],
        ["search", "."],
        ["search", "n" * 300 + ".yaml"],
        ["space", "show", "n" * 300 + ".yaml"],
    ],
    ids=" ".join,
)
def test_a_file_in_place_of_a_folder_is_a_line(words, study, folder, inline, vidnas):
    (folder / "file").write_text("mine")
    answer = vidnas(*[str(study) if word == "STUDY" else word for word in words])
    # What is read before anything is written may have been said.
    code, _, err = answer
    assert code == 2, err
    assert err.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in err
    assert (folder / "file").read_text() == "mine"


@needs_full
def test_a_full_disk_behind_a_page_is_a_line(study, vidnas):
    line = one_line(vidnas("report", study, "--to", FULL), FAILED)
    assert "No space left on device" in line


@needs_full
@pytest.mark.parametrize(
    "words", [["cost", "movinet-a0"], ["--help"], []], ids=" ".join
)
def test_a_full_disk_behind_the_output_is_a_line(words):
    with FULL.open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "vidnas", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (ran.returncode, len(ran.stderr.splitlines())) == (FAILED, 1)
    assert "The output cannot be used: No space left on device." in ran.stderr


def test_a_disk_that_fills_in_a_search_is_a_line(folder, inline, vidnas, monkeypatch):
    taken = Journal.append

    def append(journal, record):
        if record["event"] == "done":
            raise OSError(errno.ENOSPC, "No space left on device", str(journal.path))
        taken(journal, record)

    monkeypatch.setattr(Journal, "append", append)
    code, out, err = vidnas("search", "experiment.yaml")
    assert (code, out) == (1, "")
    assert err.splitlines()[-1] == (
        "error: runs/small/journal.jsonl cannot be used: No space left on device."
    )


def test_a_bug_of_ours_still_shows_where_it_is(vidnas, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(cost, "load_architecture", broken)
    with pytest.raises(ZeroDivisionError):
        vidnas("cost", "movinet-a0")


@pytest.mark.parametrize("make", ["fifo", "latin-1", "deep", "laughs", "folder"])
def test_a_document_that_is_none_is_a_line(make, tmp_path, vidnas):
    path = tmp_path / "space.yaml"
    if make == "fifo":
        os.mkfifo(path)
    elif make == "latin-1":
        path.write_bytes("name: é".encode("latin-1"))
    elif make == "deep":
        path.write_text("a: " + "[" * 5000)
    elif make == "laughs":
        lines = ["a0: &a0 [x]"]
        lines += [
            f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)
        ]
        path.write_text("\n".join(lines))
    else:
        path.mkdir()
    for words in (["space", "show"], ["search"], ["cost"]):
        one_line(vidnas(*words, path), WRONG_INPUT)


def test_a_nul_in_a_path_is_a_line(folder, vidnas):
    for old, new in (
        ("space.yaml", '"a\\0b"'),
        ("{folder: clips}", '{folder: "a\\0b"}'),
    ):
        text = (folder / "experiment.yaml").read_text()
        (folder / "other.yaml").write_text(text.replace(old, new))
        one_line(vidnas("search", "other.yaml"), WRONG_INPUT)
    one_line(vidnas("space", "show", "a\0b"), WRONG_INPUT)
