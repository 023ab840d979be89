"""How does MLflow show a study? A run a study, and one below it for every trial."""

import os
from pathlib import Path
from typing import Any

from vidnas.integrations.trackers.tracked import TrackedStudy, TrackedTrial, library

EXTRA = "mlflow"
STATES = {"done": "FINISHED", "failed": "FAILED", "stopped": "KILLED"}
# MLflow asks for it since its file store is only kept up.
ALLOWED = "MLFLOW_ALLOW_FILE_STORE"


def write_mlflow(study: TrackedStudy, out: Path) -> None:
    """Writes a file store.

    Args:
        study: Study to show.
        out: Folder of the store.

    Raises:
        InputError: MLflow is not installed.
    """
    os.environ.setdefault(ALLOWED, "true")
    mlflow = library("mlflow", EXTRA)
    client = mlflow.MlflowClient(tracking_uri=out.resolve().as_uri())
    found = client.get_experiment_by_name(study.name)
    place = found.experiment_id if found else client.create_experiment(study.name)
    parent = client.create_run(
        place, tags={"mlflow.runName": study.name, "vidnas.study": study.identity}
    ).info.run_id
    for trial in study.trials:
        _write(trial, client, place, parent)
    client.set_terminated(parent)


def _write(trial: TrackedTrial, client: Any, place: str, parent: str) -> None:
    tags = {
        "mlflow.runName": trial.name,
        "mlflow.parentRunId": parent,
        "vidnas.state": trial.state,
        **({"vidnas.reason": trial.reason} if trial.reason else {}),
    }
    run = client.create_run(place, tags=tags).info.run_id
    for name, value in trial.choices.items():
        client.log_param(run, name, value)
    for epoch, report in sorted(trial.curve.items()):
        for name, value in report.items():
            client.log_metric(run, f"epoch/{name}", value, step=epoch)
    for name, value in trial.measured.items():
        client.log_metric(run, name, value)
    if trial.state in STATES:
        client.set_terminated(run, STATES[trial.state])
