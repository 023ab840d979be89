"""What does a running training show? A line an epoch; on a terminal, one that moves."""

import time
from statistics import median
from typing import Any

from rich.text import Text

from vidnas.cli.live_view import LiveView
from vidnas.documents.quantity import format_duration
from vidnas.trials.objectives import STANDARD, Accuracy


class EpochProgress:
    """Renders the steps and epochs of one training; a context manager.

    Args:
        total: Number of epochs of the schedule.
        done: Number of epochs that earlier processes trained.
        val_clips: Clips that the accuracy is measured on, for its interval.
        accuracy: Accuracy that is shown first.
    """

    def __init__(
        self,
        total: int,
        done: int,
        val_clips: int,
        accuracy: Accuracy = STANDARD.accuracy,
    ) -> None:
        self._accuracy = accuracy
        self._total = total
        self._done = done
        self._val_clips = val_clips
        self._seconds: list[float] = []
        self._step = (0, 0)
        self._began = time.monotonic()
        self._live = LiveView(self._view)

    def __enter__(self) -> "EpochProgress":
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def step(self, number: int, steps: int) -> None:
        """Takes news of a step."""
        if number == 1:
            self._began = time.monotonic()
        self._step = (number, steps)

    def epoch(self, number: int, report: dict[str, float]) -> None:
        """Takes news of an epoch, and says it in a line."""
        self._done = number
        self._seconds.append(report["seconds"])
        self._step = (0, 0)
        self._live.console.print(self._line(report), soft_wrap=True, markup=False)

    def _line(self, report: dict[str, Any]) -> str:
        parts = [f"{self._epoch_text(self._done)} loss {report['loss']:.3f}"]
        if "train_top1" in report:
            parts.append(f"train top1 {report['train_top1']:5.1f} %")
        name = self._accuracy.name
        counted = {**report, "val_clips": self._val_clips}
        interval = self._accuracy.interval_of(counted)
        limits = f" ({interval[0]:.0f}-{interval[1]:.0f})" if interval else ""
        parts.append(f"val {name} {report[name]:5.1f} %{limits}")
        if "top5" in report and name != "top5":
            parts.append(f"top5 {report['top5']:5.1f} %")
        parts.append(f"{report['seconds']:.1f} s")
        left = self._time_left()
        return "  ".join([*parts, f"{left} left"] if left else parts)

    def _view(self) -> Text:
        step, steps = self._step
        view = Text()
        view.append(f"{self._epoch_text(self._done + 1)} ", style="bold")
        if not step:
            view.append("preparing" if not self._seconds else "")
            return view
        view.append(f"step {step} of {steps}")
        left = self._time_left(step / steps)
        if left:
            view.append(f"  {left} left")
        return view

    def _time_left(self, share: float = 0.0) -> str:
        """Time to the end, `share` of an epoch after the last; "" where unknown."""
        epochs = self._total - self._done - share
        if epochs <= 0:
            return ""
        if self._seconds:
            return format_duration(epochs * median(self._seconds))
        passed = time.monotonic() - self._began
        return format_duration(epochs * passed / share) if passed > 2 and share else ""

    def _epoch_text(self, epoch: int) -> str:
        width = len(str(self._total))
        return f"[{min(epoch, self._total):{width}d}/{self._total}]"
