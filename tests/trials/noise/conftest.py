"""Done trials whose measured numbers are stated."""

import pytest


@pytest.fixture(scope="session")
def measured_trial(make_trial):
    """A done trial of these numbers; keywords beside them are measured ones."""

    def make(number=0, *, top1=50.0, flops=1e6, inference_bytes=1e6, **measured):
        costs = {"flops": flops, "inference_bytes": inference_bytes}
        return make_trial(number, measured={"top1": top1, **measured}, costs=costs)

    return make
