import sys

import pytest

from vidnas.errors import InputError
from vidnas.integrations.trackers.mlflow import write_mlflow
from vidnas.integrations.trackers.tensorboard import write_tensorboard
from vidnas.integrations.trackers.tracked import TrackedStudy, TrackedTrial
from vidnas.integrations.trackers.wandb import write_wandb

STUDY = TrackedStudy(
    "small",
    "0123456789abcdef",
    (
        TrackedTrial(
            "trial-00000",
            {"width": "1.5", "seed": 3.0},
            "done",
            measured={"top1": 61.5, "flops": 2e6},
            curve={1: {"loss": 2.0, "top1": 40.0}, 2: {"loss": 1.5, "top1": 61.5}},
        ),
        TrackedTrial(
            "trial-00001", {"width": "1.0"}, "stopped", "by its curve", {"flops": 1e6}
        ),
    ),
)


@pytest.mark.parametrize(
    ("write", "name", "extra"),
    [
        (write_tensorboard, "tensorboard.plugins.hparams.summary_v2", "tensorboard"),
        (write_mlflow, "mlflow", "mlflow"),
        (write_wandb, "wandb", "wandb"),
    ],
)
def test_a_missing_library_is_one_line_with_its_extra(
    write, name, extra, monkeypatch, tmp_path
):
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match=rf"vidnas\[{extra}\]") as caught:
        write(STUDY, tmp_path / "out")
    assert "\n" not in str(caught.value)


def test_tensorboard_reads_choices_and_curves_back(tmp_path):
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    write_tensorboard(STUDY, tmp_path)
    read = EventAccumulator(str(tmp_path / "trial-00000"))
    read.Reload()
    points = [(p.step, p.value) for p in read.Scalars("epoch/top1")]
    assert points == [(1, 40.0), (2, 61.5)]
    assert [p.value for p in read.Scalars("top1")] == [61.5]
    assert "hparams" in read.summary_metadata["_hparams_/session_start_info"].__str__()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "trial-00000",
        "trial-00001",
    ]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_mlflow_reads_a_run_per_trial_below_that_of_the_study(tmp_path, monkeypatch):
    pytest.importorskip("mlflow", reason="mlflow is not installed")
    import mlflow

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    write_mlflow(STUDY, tmp_path / "store")
    client = mlflow.MlflowClient(tracking_uri=(tmp_path / "store").as_uri())
    place = client.get_experiment_by_name("small").experiment_id
    runs = {run.info.run_name: run for run in client.search_runs([place])}
    assert set(runs) == {"small", "trial-00000", "trial-00001"}
    first = runs["trial-00000"]
    parent = runs["small"].info.run_id
    assert first.data.tags["mlflow.parentRunId"] == parent
    assert first.data.params["width"] == "1.5"
    assert first.data.metrics["top1"] == 61.5
    history = client.get_metric_history(first.info.run_id, "epoch/loss")
    assert [(point.step, point.value) for point in history] == [(1, 2.0), (2, 1.5)]
    assert runs["trial-00001"].data.tags["vidnas.state"] == "stopped"


@pytest.mark.real
def test_weights_and_biases_writes_offline_runs_without_a_key(tmp_path, monkeypatch):
    pytest.importorskip("wandb", reason="wandb is not installed")
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    write_wandb(STUDY, tmp_path)
    files = list(tmp_path.glob("wandb/offline-run-*/*.wandb"))
    assert len(files) == 2
