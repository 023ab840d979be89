"""A file of the wrong kind: what it is, and which command takes it."""

import pytest

from vidnas.errors import InputError
from vidnas.files.file_kind import ARCHITECTURE, SPACE, kind_of, require_kind


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("x.yaml", "schema: vidnas.space/v1", "a search space"),
        (
            "x.yaml",
            "# mine\n\nname: x\nschema: 'vidnas.experiment/v1'",
            "an experiment",
        ),
        ("a0.yaml", "schema: vidnas.architecture/v1", "an architecture"),
        ("t.json", '{\n"schema": "vidnas.latency/v1",', "a latency table"),
        ("j.jsonl", '{"event":"study","schema":"x"}', "the journal of a study"),
        ("v.bin", "\0\0\0\x18ftypmp42", "a video"),
        ("v.yaml", "RIFF....AVI ", "a video"),
        ("w.npz", "PK", "a file of weights"),
        ("p.html", "", "a page"),
        ("x.yaml", "name: x", ""),
        ("x.yaml", "schema: vidnas.unheard/v1", ""),
    ],
)
def test_a_file_is_known_by_what_is_in_it(name, content, kind, tmp_path):
    (tmp_path / name).write_text(content)
    assert kind_of(tmp_path / name) == kind


def test_a_folder_is_known_by_its_records(tmp_path):
    assert kind_of(tmp_path) == "a folder"
    (tmp_path / "training.jsonl").touch()
    assert kind_of(tmp_path) == "the folder of a training"
    (tmp_path / "journal.jsonl").touch()
    assert kind_of(tmp_path) == "a study folder"


def test_a_file_of_another_kind_says_which_command_takes_it(write):
    path = write("schema: vidnas.experiment/v1")
    with pytest.raises(InputError) as caught:
        require_kind(path, SPACE)
    assert str(caught.value) == (
        f"{path} must be a search space, it is an experiment: "
        f"`vidnas search {path}` takes it."
    )


def test_the_right_kind_and_an_unknown_one_pass(write):
    require_kind(write("schema: vidnas.space/v1"), SPACE)
    require_kind(write("name: x"), ARCHITECTURE)


def test_a_file_that_is_far_too_large_is_not_read(tmp_path):
    path = tmp_path / "x.yaml"
    with path.open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(InputError, match="of at most 64 MiB, it has 1024 MiB"):
        require_kind(path, SPACE)
