"""How does Weights & Biases show a study? A run a trial, in a group of its study.

Runs are written offline, so no key is asked for or kept; `wandb sync` sends them.
"""

from pathlib import Path

from vidnas.integrations.trackers.tracked import TrackedStudy, library

EXTRA = "wandb"


def write_wandb(study: TrackedStudy, out: Path) -> None:
    """Writes offline runs.

    Args:
        study: Study to show.
        out: Folder in which `wandb` makes its own.

    Raises:
        InputError: Weights & Biases is not installed.
    """
    wandb = library("wandb", EXTRA)
    out.mkdir(parents=True, exist_ok=True)
    for trial in study.trials:
        run = wandb.init(
            mode="offline",
            dir=str(out),
            project=study.name,
            group=study.identity,
            name=trial.name,
            id=f"{study.identity}-{trial.name}",
            config=dict(trial.choices),
            tags=[trial.state],
            settings=wandb.Settings(silent=True, console="off"),
        )
        for epoch, report in sorted(trial.curve.items()):
            run.log({f"epoch/{k}": v for k, v in report.items()}, step=epoch)
        run.summary.update({**trial.measured, "state": trial.state})
        run.finish(exit_code=int(trial.state == "failed"))
