"""Names that are paths or control a terminal, and files given to the wrong command."""

import json
import shutil

import pytest

from vidnas.cli.output import say_json


def line_of(answer):
    code, out, err = answer
    assert (code, out) == (2, ""), err
    (line,) = err.splitlines()
    assert line.isprintable()
    return line


@pytest.mark.parametrize(
    "name",
    ["../../x", ".", "/abs/x", "", "a/b", "a\x1b[31m", "a\u202eb", " x"],
    ids=json.dumps,
)
@pytest.mark.parametrize("file", ["experiment.yaml", "space.yaml"])
def test_a_name_that_is_none_is_refused(name, file, folder, vidnas):
    path = folder / file
    path.write_text(
        path.read_text().replace("name: small", f"name: {json.dumps(name)}", 1)
    )
    line = line_of(vidnas("search", "experiment.yaml"))
    assert f"{file}, line 3: `name` must" in line
    assert not (folder / "runs").exists()
    assert not (folder.parent / "x").exists()


@pytest.mark.parametrize("name", ["x\x1b[31m.yaml", " x.yaml", ".yaml", "-.yaml"])
def test_the_name_of_a_file_that_serves_as_name_is_one(name, folder, vidnas):
    text = (folder / "experiment.yaml").read_text().replace("name: small", "", 1)
    (folder / name).write_text(text)
    line = line_of(vidnas("search", f"./{name}"))
    assert "line 2: `name` is left out, so the name of the file must" in line
    assert not (folder / "runs").exists()


def test_a_name_of_a_baseline_is_refused_too(folder, vidnas):
    with (folder / "experiment.yaml").open("a") as file:
        file.write('baselines: [{network: movinet-a0, name: "a\\e[31m"}]\n')
    line = line_of(vidnas("search", "experiment.yaml"))
    assert "`baselines[0].name` must be without control characters" in line


def test_classes_and_files_of_others_are_made_visible(folder, clips, vidnas):
    root = folder / "odd"
    shutil.copytree(clips, root)
    for split in ("train", "val"):
        (root / split / "left").rename(root / split / "le\x1b[31mft")
    (root / "train" / "right" / "x\x1b]0;\n.mp4").write_bytes(b"no video")
    code, out, err = vidnas("data", "check", root)
    assert code == 0
    assert "\x1b" not in out + err
    assert "le\\x1b[31mft" in out
    assert "x\\x1b]0;" in out


def test_words_of_the_command_line_are_made_visible(vidnas):
    for words in (["cost", "a\x1b[2J"], ["front", "a\u202eb"], ["cots\x1b[2J"]):
        line_of(vidnas(*words))


def test_json_stays_json_whatever_it_holds(capsys):
    odd = "".join(map(chr, range(0x20))) + "\x7f\x9b\u202e\udcff"
    say_json({"name": odd})
    said = capsys.readouterr().out
    assert json.loads(said) == {"name": odd}
    assert all(one.isprintable() or one == "\n" for one in said)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["space", "show", "experiment.yaml"], "a search space, it is an experiment"),
        (["search", "space.yaml"], "must be an experiment, it is a search space"),
        (["search", "A0"], "must be an experiment, it is an architecture"),
        (["space", "show", "A0"], "must be a search space, it is an architecture"),
        (["cost", "space.yaml"], "must be an architecture, it is a search space"),
        (["cost", "STUDY"], "must be an architecture, it is a study folder"),
        (["cost", "JOURNAL"], "an architecture, it is the journal of a study"),
        (["cost", "VIDEO"], "must be an architecture, it is a video"),
        (["search", "STUDY"], "must be an experiment, it is a study folder"),
        (["front", "experiment.yaml"], "must be a study folder, it is an experiment"),
        (["front", "JOURNAL"], "`vidnas front` takes its folder"),
        (["train", "experiment.yaml"], "an architecture, it is an experiment"),
        (["repair", "experiment.yaml"], "a study folder, it is an experiment"),
        (["search", "RESOLVED"], "`vidnas search` takes the file that a study was beg"),
        (["report", "runs"], "has none. There are studies in it: runs/small."),
        (["family", "small"], "small has none. Did you mean `runs/small`?"),
        (["report", "A0"], "must be a study folder, it is an architecture"),
        (["latency", "check", "--table", "space.yaml"], "must be a latency table"),
        (["cost", "movinet-a0", "--latency", "A0"], "must be a latency table"),
    ],
)
def test_a_file_of_the_wrong_kind_says_what_it_is(words, says, study, vidnas):
    vidnas("family", study)
    named = {
        "STUDY": study,
        "RESOLVED": study / "experiment.yaml",
        "JOURNAL": study / "journal.jsonl",
        "A0": study / "family" / "a5.yaml",
        "VIDEO": next((study.parents[1] / "clips").rglob("*.mp4")),
    }
    assert says in line_of(vidnas(*[named.get(word, word) for word in words]))


@pytest.mark.parametrize("name", ["MoViNet-A0", "movinet_a0", "movineta0"])
def test_a_network_in_other_letters_is_suggested(name, vidnas):
    assert line_of(vidnas("cost", name)).endswith("Did you mean `movinet-a0`?")
