import math
from dataclasses import replace

import pytest

from vidnas.statistics.proportion import wilson
from vidnas.trials import FLOPS, Front, Objective, Size
from vidnas.views.tables import curves_frame, family_frame, front_frame, trials_frame

TRAINING = Objective("training_bytes", maximise=False)


def test_every_trial_has_a_row_in_order_of_proposal(history):
    frame = trials_frame(history)
    assert list(frame["trial"]) == [trial.number for trial in history.trials]
    assert list(frame["arch_id"]) == [trial.arch_id for trial in history.trials]
    assert set(frame["state"]) == {"done", "failed"}


def test_a_row_says_the_rate_and_the_channels_of_its_clips(history, make_trial, small):
    frame = trials_frame(history)
    assert frame["fps"].isna().all()
    assert set(frame["channels"]) == {3}
    timed = replace(small, clip=replace(small.clip, fps=12.5, channels=1))
    costs = dict.fromkeys(("flops", "parameters", "inference_bytes"), 1.0)
    front = Front.of([make_trial(architecture=timed, costs=costs)], (FLOPS,))
    row = front_frame(front, history.chance).iloc[0]
    assert (row["fps"], row["channels"]) == (12.5, 1)


def test_curves_have_a_row_per_epoch_in_order(history):
    told = {0: {1: {"loss": 2.0, "train_top1": 30.0}}, 2: {2: {"loss": 0.5}}}
    told[2][1] = {"loss": 1.0, "val_loss": 1.5, "top1": 40.0}
    frame = curves_frame(replace(history, curves={2: told[2], 0: told[0], 999: {}}))
    assert list(frame.columns[:4]) == ["trial", "arch_id", "epoch", "loss"]
    assert frame["trial"].tolist() == [0, 2, 2]
    assert frame["epoch"].tolist() == [1, 1, 2]
    assert frame["loss"].tolist() == [2.0, 1.0, 0.5]
    assert frame["top1"].isna().tolist() == [True, False, True]
    assert frame["arch_id"][1] == history.trials[2].arch_id
    assert len(curves_frame(replace(history, curves={}))) == 0


def test_a_continued_trial_names_the_one_that_it_went_on_from(history):
    done = next(t for t in history.trials if t.state == "done" and t.number)
    gone = {**done.measured, "continued_epochs": 2.0}
    trials = [
        replace(t, continues=0, measured=gone) if t is done else t
        for t in history.trials
    ]
    told = trials_frame(replace(history, trials=tuple(trials)))["continued_from"]
    assert told[done.number] == 0
    assert told.isna().sum() == len(told) - 1


def test_front_marks_the_trials_of_the_front_and_no_others(history):
    frame = trials_frame(history)
    on_front = sorted(trial.number for trial in history.front().trials)
    assert sorted(frame.loc[frame["front"], "trial"]) == on_front


def test_the_interval_is_wilsons_over_the_validation_clips(history):
    row = trials_frame(history).query("state == 'done'").iloc[0]
    low, high = wilson(row["top1"], 256)
    assert (row["top1_low"], row["top1_high"]) == pytest.approx((low, high))


def test_a_failed_trial_has_its_reason_and_no_accuracy(history):
    failed = trials_frame(history).query("state == 'failed'")
    assert len(failed) > 0
    assert failed["reason"].str.startswith("out of memory at batch 32").all()
    assert failed[["top1", "top1_low", "top1_high", "seconds"]].isna().all(axis=None)
    assert (failed["flops"] > 0).all()


def test_a_study_without_a_done_trial_still_makes_a_frame(unfinished):
    frame = trials_frame(unfinished)
    assert len(frame) == 3
    assert not frame["front"].any()
    assert len(front_frame(unfinished.front(), unfinished.chance)) == 0
    assert frame.dtypes["flops"] == "int64"


def test_the_front_frame_rises_in_flops_and_in_accuracy(history):
    frame = front_frame(history.front(), history.chance)
    assert frame["flops"].is_monotonic_increasing
    assert frame["top1"].is_monotonic_increasing
    assert frame["stages"].str.contains(" | ", regex=False).all()


def test_an_objective_without_a_column_gets_one(history):
    frame = front_frame(history.front((TRAINING, FLOPS)), history.chance)
    trial = history.front((TRAINING, FLOPS)).trials[0]
    assert frame["training_bytes"].iloc[0] == trial.value("training_bytes")


def test_an_empty_rung_says_so_and_holds_no_trial(history):
    trial = history.front().trials[0]
    flops = trial.value("flops")
    sizes = (Size("a0", 0.0, flops, trial), Size("a1", flops, 2 * flops, None))
    filled, empty = (row for _, row in family_frame(sizes, history.chance).iterrows())
    assert filled["arch_id"] == trial.arch_id
    assert filled["note"] == ""
    assert empty["note"].startswith("a1 is empty: no front trial between ")
    assert empty["arch_id"] == ""
    assert math.isnan(empty["top1"])
