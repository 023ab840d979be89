"""Memory statistics need TensorFlow's environment prepared before its import."""

import sys

from vidnas.training import prepare

if "tensorflow" not in sys.modules:
    prepare(cpus=1)
