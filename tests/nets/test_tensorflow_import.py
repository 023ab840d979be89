"""TensorFlow's notices are held back, and nothing else is."""

import os
import subprocess
import sys

import pytest

from vidnas.nets import tensorflow_import

NOTICES = (
    b"WARNING: All log messages before absl::InitializeLog() is called are written\n"
    b"I0000 00:00:1795877140.044689   24335 port.cc:153] oneDNN custom operations\n"
    b"E0000 00:00:1795877703.190655   29471 cuda_platform.cc:52] failed to cuInit\n"
    b"2024-05-01 10:00:00.123456: W tensorflow/tsl/cuda/cudart_stub.cc:28] Could not\n"
    b"To enable the following instructions: AVX2 FMA, in other operations, rebuild\n"
    b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n"
)


def test_notices_are_held_back_and_what_others_write_is_not(capfd):
    with tensorflow_import.hold_back_notices():
        os.write(2, NOTICES + b"free disk: 3 %\n" + NOTICES)
        sys.stderr.write("a warning of ours\n")
    assert sorted(capfd.readouterr().err.splitlines()) == [
        "a warning of ours",
        "free disk: 3 %",
    ]


def test_what_fails_says_all(capfd):
    def fail(name):
        os.write(2, NOTICES)
        raise ImportError(name)

    with pytest.raises(ImportError), tensorflow_import.hold_back_notices():
        fail("tensorflow")
    assert capfd.readouterr().err.encode() == NOTICES


@pytest.mark.parametrize(("level", "after", "heard"), [("0", "0", 1), ("", "3", 0)])
def test_who_has_set_a_level_keeps_it(level, after, heard, monkeypatch, capfd):
    monkeypatch.setattr(os, "environ", {"TF_CPP_MIN_LOG_LEVEL": level} if level else {})
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.setattr(
        tensorflow_import, "import_module", lambda name: os.write(2, NOTICES)
    )
    tensorflow_import.import_tensorflow()
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == after
    assert bool(capfd.readouterr().err) == heard


@pytest.mark.keras
def test_to_build_a_network_says_nothing():
    code = """
from vidnas.nets import build
import vidnas, numpy
network = build(vidnas.published("movinet-a0").at(frames=3, resolution=32), 5)
network(numpy.zeros((1, 3, 32, 32, 3), "float32"))
"""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
