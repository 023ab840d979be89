"""The small experiment of the tests of studies."""

import importlib.util
from pathlib import Path

_SPEC = importlib.util.spec_from_file_location(
    "small_experiment", Path(__file__).parents[1] / "study" / "conftest.py"
)
assert _SPEC
assert _SPEC.loader
_STUDY = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_STUDY)
experiment_file = _STUDY.experiment_file
experiment = _STUDY.experiment
