"""`vidnas paper`: a folder for a paper, and whose files it leaves alone."""

import pytest


def test_a_paper_is_printed_file_by_file_with_its_methods(study, vidnas):
    pytest.importorskip("matplotlib")
    code, out, err = vidnas("paper", study, "--formats", "svg", "--width", 60)
    assert code == 0, err
    written = sorted(path for path in (study / "paper").iterdir())
    assert sorted(out.split()) == list(map(str, written))
    assert 'width="170.' in (study / "paper" / "front.svg").read_text()  # 60 mm in pt
    assert "Strategy random with seed 1" in err
    assert vidnas("paper", study)[0] == 0
    code, _, err = vidnas("paper", study, "--to", study)
    assert code == 2
    assert "must be a new folder or an earlier paper of" in err
    code, _, err = vidnas("paper", study, "--formats", "png")
    assert (code, err.count("\n")) == (2, 1)
