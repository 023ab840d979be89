import json
import subprocess
import sys

import pytest

from vidnas.cli.main import main
from vidnas.files.loading import load_table

# Threads are set before TensorFlow runs anything, so in a process of its own.
BOTH = """
import sys
from vidnas.cli.main import main
out, space = sys.argv[1:]
small = ["--space", space, "--flops", "3M"]
measured = main(["latency", "measure", "--out", out, "--seconds", "0.1", *small])
more = main(["latency", "measure", "--out", out, "--seconds", "0.1", *small])
checked = main(
    ["latency", "check", "--table", out, "--networks", "3", "--json", *small]
)
sys.exit(measured or more or checked)
"""


@pytest.mark.keras
@pytest.mark.slow
def test_a_device_is_measured_and_checked(tmp_path, pytestconfig, capsys):
    out = tmp_path / "table.json"
    space = str(pytestconfig.rootpath / "search_spaces/quickstart.yaml")
    ran = subprocess.run(
        [sys.executable, "-c", BOTH, str(out), space],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stderr
    table = load_table(out)
    # Two steps, of ten operators each at most, and the second goes on.
    assert 10 < len(table.operators) <= 20
    assert len({(o.kind, o.shape) for o in table.operators}) == len(table.operators)
    assert all(0 < o.ms < 1000 for o in table.operators)
    told = json.loads(ran.stdout)
    assert told["networks"] == len(told["checked"]) == 3
    for one in told["checked"]:
        assert 0 < one["measured_ms"] < 1000
        assert 0 < one["latency_ms"] < 1000
    assert not {n.architecture.arch_id for n in table.networks} & {
        one["arch_id"] for one in told["checked"]
    }

    assert main(["cost", "x3d-s", "--latency", str(out), "--json"]) == 2
    assert "has no `temporal`: measure it" in capsys.readouterr().err
    assert main(["cost", "movinet-a0", "--latency", str(out)]) == 0
    assert "latency, cpu-1t" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check", "--table", "none.json"], "none.json cannot be read: No such file"),
        (["measure", "--space", "none.yaml"], "none.yaml cannot be read: No such file"),
        (["measure", "--flops", "many"], "must be a number of FLOPs such as 500M"),
        (["measure", "--runtime", "onnx"], "of tensorflow, litert, got `onnx`"),
    ],
)
def test_wrong_words_are_answered_in_one_line(
    tmp_path, monkeypatch, capsys, arguments, told
):
    monkeypatch.chdir(tmp_path)
    try:
        code = main(["latency", *arguments])
    except SystemExit as ended:
        code = ended.code
    assert code == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
