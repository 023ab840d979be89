import re
from pathlib import Path

import pytest

from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError
from vidnas.files.yaml_file import load_document
from vidnas.study.experiment.named_clips import (
    CACHE,
    COMMON,
    FOLDER,
    FORMS,
    read_clips,
)


def read(tmp_path, **clips):
    origin = Origin("e.yaml", {("clips",): 4, **{("clips", key): 5 for key in clips}})
    return read_clips(Node(clips, origin, ("clips",)), tmp_path)


@pytest.mark.parametrize("kind", FORMS)
def test_every_kind_takes_its_keys_and_gives_absolute_paths(tmp_path, kind):
    form = FORMS[kind]
    others = {"separator": "tab", "frames": True, "split": 2, "per": "action"}
    others["columns"] = {"path": "file"}
    keys = {key: others[key] for key in form.options}
    clips = {kind: "a/b", **dict.fromkeys(form.paths, "x.csv"), **keys}
    source = read(tmp_path, **clips, group=1, content=True).source
    assert next(iter(source.items())) == (kind, str(tmp_path / "a/b"))
    for key in form.paths:
        assert source[key] == str(tmp_path / "x.csv")
    assert {key: source[key] for key in keys} == keys
    assert (source["group"], source["content"]) == (1, True)


def test_videos_may_be_in_several_folders_and_in_a_store(tmp_path):
    source = read(tmp_path, kinetics="s3://b/train.csv", videos=["v", "w"]).source
    assert source["kinetics"] == "s3://b/train.csv"
    assert source["videos"] == [str(tmp_path / "v"), str(tmp_path / "w")]


@pytest.mark.parametrize(
    ("clips", "message"),
    [
        ({"kinetix": "a"}, "line 5: unknown key `kinetix` .* Did you mean `kinetics`"),
        ({"kinetics": "a", "vidoes": "v"}, "unknown key `vidoes` .* mean `videos`"),
        ({"list": "a", "table": "b"}, "name one dataset, got `list` and `table`"),
        ({"list": "a", "motion": {}}, "unknown key `motion`"),
        (
            {"folder": "a", "group": 0},
            "`clips.group` must be a whole number of at leas",
        ),
        ({"ucf101": "a", "split": 4}, "`clips.split` must be a whole number from 1 to"),
        ({"charades": "a", "per": "clip"}, "must be one of video, action, got `clip`"),
        ({"table": "a", "columns": {"lable": "x"}}, "unknown key `lable` .* `labels`"),
        ({"list": 3}, "`clips.list` must be text, got 3"),
        ({"list": "a", "content": "yes"}, "`clips.content` must be true or false"),
    ],
)
def test_a_wrong_key_or_value_is_told_with_its_line(tmp_path, clips, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, **clips)


PAGE = Path(__file__).parents[3] / "docs" / "clips.md"


def test_the_page_names_every_kind_with_its_keys():
    rows = re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
    told = {kind: set(re.findall(r"`(\w+)`", keys)) for kind, keys in rows}
    assert told == {
        kind: {*form.keys} - {*COMMON, CACHE}
        | ({"motion"} if kind == FOLDER else set())
        for kind, form in FORMS.items()
    }


def test_what_the_page_shows_is_read(tmp_path):
    shown = re.findall(r"^clips: .*$", PAGE.read_text(), re.MULTILINE)
    assert len(shown) == 4
    for line in shown:
        (tmp_path / "e.yaml").write_text(line)
        node = load_document(tmp_path / "e.yaml").child("clips")
        assert read_clips(node, tmp_path).source
