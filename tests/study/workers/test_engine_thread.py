"""An engine that returns, fails, hangs or is interrupted."""

import os
import signal
import threading
import time

import pytest

from vidnas.errors import EvaluationError, SurroundingsError
from vidnas.study.workers.assignment import Outcome
from vidnas.study.workers.engine_thread import Door, EngineThread


class AtDesk:
    """A study that notes what it is told."""

    def __init__(self):
        self.heard = []

    def report(self, outcome):
        self.heard.append((outcome.number, threading.current_thread()))

    def is_over(self):
        return False


@pytest.fixture
def door():
    return Door(AtDesk())


def never():
    return False


def test_what_an_engine_tells_reaches_the_study_before_the_wait_is_over(door):
    thread = EngineThread(lambda: door.report(Outcome(3, {"top1": 1.0})), door)
    thread.wait(never)
    assert door._desk.heard == [(3, thread)]


def test_what_an_engine_raises_is_raised_where_it_is_waited_for(door):
    def breaks():
        raise EvaluationError("a bug of the engine")

    with pytest.raises(EvaluationError, match="a bug of the engine"):
        EngineThread(breaks, door).wait(never)


def test_an_engine_that_hangs_is_given_up_and_tells_nothing_afterwards(door):
    goes_on, refused = threading.Event(), []

    def hangs():
        while True:
            try:
                goes_on.wait(20)  # one call: no error of ours ends it
            finally:
                try:
                    door.report(Outcome(3, {"top1": 1.0}))
                except SurroundingsError as wrong:
                    refused.append(str(wrong))

    thread = EngineThread(hangs, door)
    began = time.monotonic()
    thread.wait(lambda: thread.is_alive())
    assert time.monotonic() - began < 5
    assert thread.is_alive()
    goes_on.set()
    thread.join(5)
    assert not thread.is_alive()
    assert refused == ["The study takes nothing more from this engine."]
    assert door._desk.heard == []


def test_ctrl_c_ends_the_engine_as_it_would_have_ended_there(door):
    ended = []

    def works():
        try:
            os.kill(os.getpid(), signal.SIGINT)
            while True:
                time.sleep(0.01)
        except KeyboardInterrupt:
            ended.append("interrupted")
            raise

    with pytest.raises(KeyboardInterrupt):
        EngineThread(works, door).wait(never)
    assert ended == ["interrupted"]
