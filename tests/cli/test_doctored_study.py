"""A study folder that somebody doctored is refused in one line, or survived."""

import os
import pickle
from contextlib import suppress

import pytest

import vidnas as package
from vidnas.errors import VidnasError
from vidnas.files.journal import read_journal, record_text

ESCAPE = "\x1b[2J\x1b]0;owned\x07"
SCRIPT = "<script>alert(1)</script>"


class Bomb:
    """What touches a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (str(self.path),))


def records_of(study):
    return read_journal(study / "journal.jsonl")


def rewrite(study, records):
    (study / "journal.jsonl").write_text("".join(map(record_text, records)))


def with_name(name):
    def doctor(study):
        head, *rest = records_of(study)
        head["name"] = head["experiment"]["name"] = name
        rewrite(study, [head, *rest])

    return doctor


def with_class(name):
    def doctor(study):
        head, *rest = records_of(study)
        head["classes"][0] = head["identity"]["clips"]["classes"][0] = name
        rewrite(study, [head, *rest])

    return doctor


def with_reason(text):
    def doctor(study):
        records = records_of(study)
        for record in records:
            if record["event"] == "done" and record["trial"] == 1:
                record.update(event="failed", reason=text)
        rewrite(study, records)

    return doctor


def with_line(raw):
    def doctor(study):
        with (study / "journal.jsonl").open("ab") as file:
            file.write(raw + b"\n")

    return doctor


def with_pickles(study):
    bomb = pickle.dumps(Bomb(study / "unpickled"))
    for name in ("outbox/0.json", "outbox/state.pkl", "checkpoints/00000/state.npz"):
        (study / name).parent.mkdir(parents=True, exist_ok=True)
        (study / name).write_bytes(bomb)
    (study / "experiment_state.pkl").write_bytes(bomb)


def with_bad_sum(study):
    path = study / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"top1":', b'"top1":1', 1))


def with_yaml_bomb(study):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    for name in ("experiment.yaml", "family/a0.yaml"):
        (study / name).parent.mkdir(exist_ok=True)
        (study / name).write_text("\n".join(lines))


def with_python_yaml(study):
    text = f"!!python/object/apply:os.mkdir ['{study / 'unpickled'}']"
    for name in ("experiment.yaml", "family/a0.yaml"):
        (study / name).parent.mkdir(exist_ok=True)
        (study / name).write_text(text)


def with_links(study):
    out = study.parent / "elsewhere"
    out.mkdir()
    for name in ("outbox", "family", "checkpoints"):
        if (study / name).is_dir():
            (study / name).rename(study / f"{name}-before")
        (study / name).symlink_to(out)


DOCTORED = {
    "a path for a name": with_name("../../x"),
    "an absolute path for a name": with_name("/tmp/x"),
    "an escape sequence in the name": with_name(ESCAPE),
    "a script in the name": with_name(SCRIPT),
    "an escape sequence in a class": with_class(ESCAPE),
    "a script in a class": with_class(SCRIPT),
    "an escape sequence in a reason": with_reason(ESCAPE),
    "a script in a reason": with_reason(SCRIPT),
    "a formula in a reason": with_reason("=cmd|' /C calc'!A0"),
    "a number of a trial that is a path": with_line(
        record_text({"event": "started", "time": 1.0, "trial": "../x"})[:-1].encode()
    ),
    "zero bytes": with_line(b"\x00" * 1000),
    "binary rubbish": with_line(bytes(range(128, 256)) * 10),
    "a deep line": with_line(b'{"event":' * 50_000),
    "an endless number": with_line(b'{"event":"done","time":' + b"9" * 10_000 + b"}"),
    "pickles": with_pickles,
    "a wrong checksum": with_bad_sum,
    "a bomb of aliases": with_yaml_bomb,
    "objects of Python": with_python_yaml,
    "links that lead elsewhere": with_links,
}
COMMANDS = {
    "front": lambda study: ("front", study),
    "front as CSV": lambda study: ("front", study, "--csv"),
    "report": lambda study: ("report", study),
    "family": lambda study: ("family", study),
    "search": lambda study: ("search", "experiment.yaml", "--study", study),
    "cost": lambda study: ("cost", study / "family" / "a0.yaml"),
    "status": lambda study: ("status", study),
    "repair": lambda study: ("repair", study),
}


@pytest.mark.parametrize("how", DOCTORED)
def test_a_doctored_study_is_refused_or_survived(study, inline, vidnas, how):
    DOCTORED[how](study)
    before = {
        path for path in study.parent.parent.rglob("*") if study not in path.parents
    }
    for name, words in COMMANDS.items():
        code, out, err = vidnas(*words(study))
        assert code in (0, 1, 2), (name, code)
        assert "Traceback" not in err, name
        assert "\x1b" not in out + err, name
        if code:
            errors = [line for line in err.splitlines() if line.startswith("error:")]
            assert len(errors) == 1, (name, err)
    with suppress(VidnasError):
        package.open_study(study).trials()
    assert not (study / "unpickled").exists()
    there = {
        path for path in study.parent.parent.rglob("*") if study not in path.parents
    }
    assert there == before
    page = study / "report.html"
    if page.exists():
        assert SCRIPT not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["../../x", "/tmp/x", "a/b", ".hidden", ESCAPE])
def test_an_experiment_whose_name_is_a_path_is_refused(folder, inline, vidnas, name):
    text = (folder / "experiment.yaml").read_text()
    quoted = name.encode("unicode_escape").decode()
    (folder / "experiment.yaml").write_text(
        text.replace("name: small\nspace", f'name: "{quoted}"\nspace')
    )
    before = sorted(folder.parent.rglob("*"))
    code, _, err = vidnas("search", "experiment.yaml")
    assert (code, err.count("\n")) == (2, 1)
    assert "`name` must be" in err
    assert sorted(folder.parent.rglob("*")) == before
