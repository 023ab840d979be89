from pathlib import Path
from types import SimpleNamespace

import pytest

from vidnas.views.text.places import place_in_words, without_places

NEAR = Path("/home/author/project/runs/study")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("/home/author/project/data/clips", "../../data/clips"),
        ("/home/author/project/runs/study", "."),
        ("/home/author/clips", "../../../clips"),
        ("/home/other/clips", "clips"),  # names nobody
        ("/mnt/disk/clips", "clips"),
        ("runs/study", "runs/study"),
        ("/", "/"),
    ],
)
def test_a_place_is_said_as_seen_from_the_study_or_by_its_name(place, words):
    assert place_in_words(place, NEAR) == words


def test_a_reason_names_no_folder_of_the_authors_disk(monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: Path("/home/author"))
    study = SimpleNamespace(
        folder=Path("/home/author/p/runs/study"),
        experiment=SimpleNamespace(clips_place="/home/author/p/data/clips"),
    )
    reason = (
        "/home/author/p/data/clips/cat/1.mp4: no frame; see /home/author/p/runs/study/"
        "log and /home/author/.cache/x"
    )
    assert without_places(reason, study) == (
        "../../data/clips/cat/1.mp4: no frame; see ./log and ~/.cache/x"
    )
