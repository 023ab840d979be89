"""`vidnas export`: what it writes and says, and what it refuses before it loads."""

import json
import sys

import pytest

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem
from vidnas.architecture.architecture import ARCHITECTURE_SCHEMA
from vidnas.cli.main import main
from vidnas.files.yaml_file import dump_document


@pytest.fixture
def tiny(tmp_path):
    """The file of an architecture of one layer."""
    architecture = Architecture(
        clip=Clip(4, 9),
        stem=Stem(4),
        stages=(Stage(4, (Layer(8, Kernel(3, 3)),)),),
        head=Head(8, 8),
        activation="relu6",
    )
    document = {"schema": ARCHITECTURE_SCHEMA, **architecture.to_document()}
    path = tmp_path / "tiny.yaml"
    path.write_text(dump_document(document))
    return path


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("--to x.tflite --quantize int8", "`--quantize int8` needs `--clips`, real"),
        ("--to x.onnx --quantize float16", "`--quantize float16` goes with NAME.tfl"),
        ("--to x.pb", "`--to` must be NAME.keras, NAME.tflite, NAME.onnx, NAME.py or"),
        ("--to x-1.py", "`--to` must be a name that Python can import, got x-1.py."),
        ("--to x.tflite --stream", "`--stream` goes with `--untrained`: a trained net"),
        ("--to x.tflite --untrained --weights w", "A network is `--untrained` or has"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_line(tiny, capsys, words, line):
    assert main(["export", str(tiny), *words.split()]) == 2
    assert capsys.readouterr().err.startswith(f"error: {line}")


@pytest.mark.keras
def test_a_stream_is_written_and_checked_beside_its_network(tiny, tmp_path, capsys):
    to = tmp_path / "out" / "tiny.tflite"
    words = ["--untrained", "--stream", "--licence", "CC0", "--check", "--json"]
    assert main(["export", str(tiny), "--to", str(to), *words]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"] == [str(to), f"{to}.json"]
    assert told["check"]["passed"]
    assert told["check"]["answers"] == 8 * 100
    assert told["check"]["latency_ms"] > 0
    beside = json.loads((to.parent / "tiny.tflite.json").read_text())
    assert beside == told["about"] | {"states": beside["states"]}
    assert (beside["kind"], beside["licence"]) == ("stream", "CC0")
    assert [state["name"] for state in beside["states"]] == [
        "frames",
        "head_mean",
        "stage1_layer0_buffer",
    ]


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.real
def test_a_file_that_computes_something_else_fails_loudly(tiny, tmp_path, monkeypatch):
    from vidnas.deploy.exported.litert import LiteRTStream

    honest = LiteRTStream.frame_logits
    monkeypatch.setattr(
        LiteRTStream, "frame_logits", lambda self, frames: honest(self, frames) + 0.01
    )
    to = tmp_path / "tiny.tflite"
    words = ["--untrained", "--stream", "--check"]
    assert main(["export", str(tiny), "--to", str(to), *words]) == 1


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.real
def test_code_that_hides_a_module_of_python_is_said(tiny, tmp_path, capsys):
    to = tmp_path / "code.py"
    assert main(["export", str(tiny), "--untrained", "--to", str(to)]) == 0
    said = capsys.readouterr()
    assert f"written  {to}: Keras code" in said.out
    assert "in the place of its own module `code`" in said.err


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.real
def test_code_runs_where_only_keras_and_tensorflow_are(tiny, tmp_path):
    import subprocess

    to = tmp_path / "plain.py"
    assert main(["export", str(tiny), "--untrained", "--to", str(to)]) == 0
    script = (
        "import sys; sys.modules['vidnas'] = None; import numpy as np, plain\n"
        "model = plain.build(); plain.load_weights(model, 'plain.npz')\n"
        "print(model(np.zeros((1, 4, 9, 9, 3), 'float32')).shape)\n"
    )
    run = [sys.executable, "-c", script]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(1, 600)"
