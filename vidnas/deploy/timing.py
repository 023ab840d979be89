"""How long do operators and networks take on this device? Medians, without its drift.

A machine that others share runs faster and slower by the minute. Whatever is timed is
timed in turns with a reference, and told in the time of a machine on which the
reference takes what it took at first.
"""

import datetime
import platform
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from vidnas.architecture.architecture import Architecture
from vidnas.costs.latency.operators import Operators
from vidnas.deploy.litert import convert, make_invoker
from vidnas.deploy.single_operator import (
    RunnableOperator,
    compile_frozen,
    compile_in_turn,
    make_operator,
)
from vidnas.errors import InputError
from vidnas.nets.network import build

RUNTIMES = ("tensorflow", "litert")
CALM = 6  # turns that count: those that found the machine fastest
ROUNDS = 36  # turns at most, where it is not calm as often before
BUSY = 1.15  # of the reference's best time: beyond it a machine does something else too
BUSY_MS = 0.5  # an operator that may be faster is run some times over
COPIES = 16
BEGINNING = 300  # times that the reference is told before a table begins
SHORT_MS = 2.0  # what may be faster is run AGAIN times a turn, and its median counts
AGAIN = 7
LEAST_MS = 1e-4  # what takes less than it takes to call it
REFERENCE = Operators(
    kind="pointwise",
    at=slice(None),
    frames=16,
    side=28,
    out_frames=16,
    out_side=28,
    width_in=40,
    width_out=120,
    activation=3,
)
Run = Callable[[], Any]


class Bench:
    """Times operators and clip networks, one clip at a time, on a named device.

    Args:
        device: Name of the device: `cpu-1t` (a CPU, 1 thread), `cpu-2t` ..., or `gpu`.
        runtime: Name of the runtime, one of `RUNTIMES`.
        reference_ms: Time the reference took when a table was begun; None to begin.
        clock: Function that gives seconds; None for time of the processor where one
            thread computes, which other programs lengthen less, and else for time of
            day.

    Raises:
        InputError: there is no such device, or this process has used TensorFlow with
            other threads.
    """

    def __init__(
        self,
        device: str,
        runtime: str = "tensorflow",
        reference_ms: float | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.device, self.runtime = device, runtime
        self.threads = _threads(device, runtime)
        alone = device == "cpu-1t"
        self._clock = clock or (time.process_time if alone else time.perf_counter)
        self._place = "/GPU:0" if device == "gpu" else "/CPU:0"
        # Past allocations decide how the C library gets memory: let all be past.
        tf.zeros([31 * 2**18])
        self._reference, _ = self._operator(REFERENCE)
        self._nothing = self._nothings()
        if reference_ms is None:
            times = [self._refer() for _ in range(BEGINNING)]
            reference_ms = float(np.quantile(times, 0.05))
        self.reference_ms = reference_ms

    def facts(self) -> dict[str, Any]:
        """What was measured on, as plain data."""
        return {
            "name": self.device,
            "runtime": self.runtime,
            "processor": _processor(self._place),
            "threads": self.threads,
            "tensorflow": tf.__version__,
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        }

    def time_operators(self, operators: Sequence[Operators]) -> list[float]:
        """Time of each operator alone [ms]."""
        runs, copies = zip(*map(self._operator, operators), strict=True)
        one, several, *times = self._time_in_turns([*self._nothing, *runs])
        each = (several - one) / (COPIES - 1)  # calling takes so much a copy
        return [
            max(LEAST_MS, (took - one - each * (count - 1)) / count)
            for took, count in zip(times, copies, strict=True)
        ]

    def time_networks(
        self, networks: Sequence[tuple[Architecture, int]]
    ) -> list[float]:
        """Time of one clip through each network, of so many classes [ms]."""
        return self._time_in_turns([self._network(*each) for each in networks])

    def _network(self, architecture: Architecture, classes: int) -> Run:
        network = build(architecture, classes)
        clip = architecture.clip
        shape = (1, clip.frames, clip.resolution, clip.resolution, clip.channels)
        with tf.device(self._place):
            function = compile_frozen(
                lambda x: network(x, training=False), network.weights, [shape]
            )
            return self._run(function, [tf.random.uniform(shape)])

    def _operator(self, operator: Operators) -> tuple[Run, int]:
        count = COPIES if self.runtime == "tensorflow" else 1
        rngs = [np.random.default_rng(n) for n in range(COPIES)]
        if count > 1 and self._guess(operator) > BUSY_MS:
            count = 1
        with tf.device(self._place):
            function, inputs = compile_in_turn(
                [make_operator(operator, rng) for rng in rngs[:count]]
            )
            return self._run(function, inputs), count

    def _guess(self, operator: Operators) -> float:
        """About what an operator takes [ms]."""
        o = operator
        pixels = int(o.out_frames * o.out_side**2)
        taps = int(o.kernel_frames * o.kernel_side**2)
        dense = o.kind in ("convolution", "pointwise", "dense")
        work = pixels * int(o.width_out) * taps * (int(o.width_in) if dense else 1)
        values = int(o.frames * o.side**2 * o.width_in) + pixels * int(o.width_out)
        return work / 3e7 + values / 1e6

    def _nothings(self) -> list[Run]:
        """Calls of nothing, once and as often as there are copies."""
        if self.runtime == "litert":
            return [lambda: None] * 2
        nothing = RunnableOperator(lambda x: x, (), ((1,),))
        return [self._run(*compile_in_turn([nothing] * count)) for count in (1, COPIES)]

    def _run(self, function: Any, inputs: list[Any]) -> Run:
        if self.runtime == "litert":
            return make_invoker(convert(function), inputs, self.threads)
        return lambda: function(*inputs).numpy()

    def _time_in_turns(self, runs: Sequence[Run]) -> list[float]:
        """Time of each run, in turns with the reference [ms]."""
        for run in runs:
            run()
        times = [AGAIN if self._time(run) < SHORT_MS else 1 for run in runs]
        turns: list[list[Any]] = []
        references: list[float] = []
        calm, before = 0, self._refer()
        while calm < CALM and len(turns) < ROUNDS:
            turn = [
                np.median([self._time(run) for _ in range(count)])
                for run, count in zip(runs, times, strict=True)
            ]
            turns.append(turn)
            after = self._refer()
            references.append((before + after) / 2)
            calm += max(before, after) <= BUSY * self.reference_ms
            before = after
        fastest = np.argsort(references)[:CALM]
        slower = np.array(references)[fastest, None] / self.reference_ms
        medians: list[float] = np.median(np.array(turns)[fastest] / slower, 0).tolist()
        return medians

    def _refer(self) -> float:
        return float(np.median([self._time(self._reference) for _ in range(3)]))

    def _time(self, run: Run) -> float:
        began = self._clock()
        run()
        return 1e3 * (self._clock() - began)


def _threads(device: str, runtime: str) -> int:
    cpu = re.fullmatch(r"cpu-([1-9][0-9]*)t", device)
    if not cpu and (device != "gpu" or runtime == "litert"):
        raise InputError(
            "`--device` must be `cpu-1t`, a CPU with so many threads, or `gpu` (with "
            f"TensorFlow), got `{device}`."
        )
    if not cpu:
        if not tf.config.list_physical_devices("GPU"):
            raise InputError(
                "`--device gpu` needs a GPU that TensorFlow sees, it sees none."
            )
        return 1
    threads = int(cpu[1])
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        if tf.config.threading.get_intra_op_parallelism_threads() != threads:
            raise InputError(
                f"`--device {device}` must be set before TensorFlow runs anything in "
                "this process."
            ) from None
    return threads


def _processor(place: str) -> str:
    if place == "/GPU:0":
        gpu = tf.config.list_physical_devices("GPU")[0]
        details = tf.config.experimental.get_device_details(gpu)
        return str(details.get("device_name", gpu.name))
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        text = ""
    match = re.search(r"model name\s*:\s*(.+)", text)
    return match[1].strip() if match else platform.processor() or platform.machine()
