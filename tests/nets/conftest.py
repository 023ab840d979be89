"""Networks are tested in the environment that workers prepare."""

import sys

from vidnas.training.environment import prepare

if "tensorflow" not in sys.modules:
    prepare(cpus=1)
