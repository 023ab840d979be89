"""Two trainings at half the frame rate become one network that is asked as any."""

import json

import pytest

from vidnas.files.yaml_file import load_document


@pytest.mark.real
@pytest.mark.keras
def test_two_trainings_at_half_rate_are_priced_measured_and_followed(
    folder, tiny_file, vidnas
):
    tiny_file(6)
    for seed in ("0", "1"):
        code, _, err = vidnas(
            *("train", "tiny.yaml", "--clips", "clips", "--epochs", "1", "--stream"),
            *("--half-rate", "--seed", seed, "--cpus", "1", "--batch", "8"),
            *("--out", f"runs/half{seed}"),
        )
        assert code == 0, err
    made = ("ensemble", "runs/half0", "runs/half1", "--out", "runs/two.yaml")
    code, out, err = vidnas(*made, "--json")
    assert code == 0, err
    assert json.loads(out)["members"] == ["half0", "half1"]
    assert load_document(folder / "runs" / "two.yaml").value == json.loads(out)
    answers = []
    for flags in ((), ("--stream",)):
        code, out, err = vidnas(
            *("evaluate", "runs/two.yaml", "--clips", "clips", "--json", *flags)
        )
        assert code == 0, err
        answers.append(json.loads(out))
    assert answers[0]["top1"] == answers[1]["top1"]
    assert "6 frames x 16 px" in err
    video = next((folder / "clips" / "val").rglob("*.mp4"))
    code, out, err = vidnas("stream", "runs/two.yaml", str(video), "--json")
    assert code == 0, err
    assert len(out.splitlines()) == 8  # every other of 16 frames
    code, _, err = vidnas("ensemble", "runs/half0", "--out", "tiny.yaml")
    assert (code, err.count("\n")) == (2, 1)
