"""Which folders are studies of a board, and which of them are looked at again."""

import shutil

import pytest

from vidnas.views.live.board import Board, study_folders
from vidnas.views.live.board_page import board_now
from vidnas.views.live.live_study import Lookout


@pytest.fixture
def runs(study_folder, tmp_path):
    """A study, two below another folder, one hidden, one too deep, and a file."""
    for place in ("one", "more/two", "more/three", ".hidden", "a/b/c/d/deep"):
        shutil.copytree(study_folder, tmp_path / place)
    (tmp_path / "notes.txt").write_text("no study")
    (tmp_path / "round").symlink_to(tmp_path)
    return tmp_path


def test_a_folder_with_a_journal_is_a_study_however_it_is_reached(runs):
    found = {str(folder.relative_to(runs)) for folder in study_folders(runs)}
    assert found >= {"one", "more/two", "more/three"}
    assert not [name for name in found if "deep" in name or ".hidden" in name]
    # A link that leads round ends.
    assert max(name.count("/") for name in found) <= 3
    assert list(study_folders(runs / "one")) == [runs / "one"]
    assert list(study_folders(runs / "nowhere")) == []


def test_what_does_not_change_is_not_read_again_and_what_goes_is_gone(
    runs, monkeypatch
):
    (runs / "round").unlink()
    board = Board(runs)
    board.look()
    first = {one.name: one for one in board.studies}
    assert [one.fault for one in board.studies] == [""] * 3
    board.look()
    assert all(one is first[one.name] for one in board.studies)
    journal = runs / "one" / "journal.jsonl"
    journal.write_text(journal.read_text() + "nonsense\n")
    shutil.rmtree(runs / "more" / "two")
    board.look()
    now = {one.name: one for one in board.studies}
    assert set(now) == {"one", "more/three"}
    assert "is not JSON" in now["one"].fault
    assert now["more/three"] is first["more/three"]
    assert board.named("more/two") is None


def test_a_study_is_a_board_of_its_own(study_folder):
    board = Board(study_folder)
    board.look()
    (alone,) = board.studies
    assert alone.name == study_folder.name
    assert alone.study.front.trials
    assert alone.task[0] == ("flops", "top1")


def test_the_first_look_shows_what_was_read_so_far(runs, monkeypatch):
    board, seen = Board(runs), []
    read = board._seen

    def slowly(folder):
        seen.append(board_now(board))
        return read(folder)

    monkeypatch.setattr(board, "_seen", slowly)
    board.look()
    assert "0 studies, none running; more are being read" in seen[0]
    assert "1 study, none running; more are being read" in seen[1]
    assert "being read" not in board_now(board)


def test_a_fault_of_one_study_is_its_own(runs, monkeypatch):
    def breaks(lookout):
        raise KeyError("arch_id")

    monkeypatch.setattr(Lookout, "look", breaks)
    board = Board(runs)
    board.look()
    assert {one.fault for one in board.studies} == {"KeyError: 'arch_id'"}
    assert "KeyError: &#x27;arch_id&#x27;" in board_now(board)
