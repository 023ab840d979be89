from vidnas.cli.main import main
from vidnas.integrations.trackers import tensorboard
from vidnas.study import load_history


def track(study, out):
    words = ["track", str(study), "--to", "tensorboard", "--out", str(out)]
    return main(words)


def test_a_journal_is_replayed_for_a_tracker(study, tmp_path, monkeypatch, capsys):
    told = []
    monkeypatch.setattr(tensorboard, "write_tensorboard", lambda s, out: told.append(s))
    assert track(study, tmp_path / "out") == 0
    (heard,) = told
    own = load_history(study).own
    assert [trial.state for trial in heard.trials] == [trial.state for trial in own]
    first = heard.trials[0]
    assert first.measured["top1"] == own[0].value("top1")
    assert first.choices["fidelity.epochs"] == own[0].fidelity.epochs
    assert len(first.choices) > 4
    assert "tensorboard --logdir" in capsys.readouterr().out


def test_a_folder_that_holds_something_is_refused(study, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "file").write_text("")
    assert track(study, tmp_path / "out") == 2
    assert "must be a new or empty folder" in capsys.readouterr().err


def test_a_tracker_that_fails_is_one_line(study, tmp_path, monkeypatch, capsys):
    def fail(study, out):
        raise ConnectionError("no route\nto it")

    monkeypatch.setattr(tensorboard, "write_tensorboard", fail)
    before = (study / "journal.jsonl").read_bytes()
    assert track(study, tmp_path / "out") == 1
    assert "ConnectionError: no route" in capsys.readouterr().err
    assert (study / "journal.jsonl").read_bytes() == before
