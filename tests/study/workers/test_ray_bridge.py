"""A journal that takes no more stops the study, and lets running trials end."""

import pytest

from vidnas.errors import JournalError

ray_tune = pytest.importorskip("vidnas.study.workers.ray_tune")


class Assigned:
    number = 0


@pytest.mark.parametrize("error", [JournalError("it was replaced"), OSError("full")])
def test_what_goes_wrong_in_a_report_is_kept_and_nothing_new_begins(error):
    reported = []

    def report(outcome):
        reported.append(outcome)
        raise error

    bridge = ray_tune._Bridge(lambda: Assigned(), report)
    assert bridge.next("a") is not None
    assert bridge.next("b") is not None
    for trial in "ab":  # the second one's outcome is left in the outbox too
        bridge.done(trial, ray_tune.Outcome(0, {"top1": 1.0}))
    assert len(reported) == 2
    assert bridge.error is error
    assert bridge.next("c") is None
    assert not bridge.waiting
