"""How does TensorBoard show a study? A run a trial; choices as its HParams."""

from pathlib import Path
from typing import Any

from vidnas.integrations.trackers.tracked import TrackedStudy, TrackedTrial, library
from vidnas.nets.tensorflow_import import import_tensorflow

EXTRA = "tensorboard"


def write_tensorboard(study: TrackedStudy, out: Path) -> None:
    """Writes event files, a folder a trial.

    Args:
        study: Study to show.
        out: Folder that `tensorboard --logdir` is given.

    Raises:
        InputError: TensorBoard is not installed.
    """
    import_tensorflow()  # which TensorBoard does, with all its notices
    hparams = library("tensorboard.plugins.hparams.summary_v2", EXTRA)
    files = library("tensorboard.summary.writer.event_file_writer", EXTRA)
    for trial in study.trials:
        writer = files.EventFileWriter(str(out / trial.name))
        try:
            _write(trial, study, writer, hparams)
        finally:
            writer.close()


def _write(trial: TrackedTrial, study: TrackedStudy, writer: Any, hparams: Any) -> None:
    events = library("tensorboard.compat.proto.event_pb2", EXTRA)
    summaries = library("tensorboard.compat.proto.summary_pb2", EXTRA)

    def add(summary: Any, step: int = 0) -> None:
        writer.add_event(events.Event(step=step, summary=summary))

    def scalar(name: str, value: float, step: int) -> None:
        one = summaries.Summary.Value(tag=name, simple_value=value)
        add(summaries.Summary(value=[one]), step)

    identity = f"{study.identity}/{trial.name}"
    add(hparams.hparams_pb(dict(trial.choices), trial_id=identity))
    for epoch, report in sorted(trial.curve.items()):
        for name, value in report.items():
            scalar(f"epoch/{name}", value, epoch)
    last = max(trial.curve, default=0)
    for name, value in trial.measured.items():
        scalar(name, value, last)
