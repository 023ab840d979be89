"""What a study has spent, by hand-written records."""

import pytest

from vidnas.study.accounts import Accounts, Try
from vidnas.trials.effort import Spent

HOUR = 3600.0
GROUPS = {
    "groups": [
        {"name": "small", "gpus": 0.25, "hourly_cost": 1.0},
        {"name": "large", "gpus": 2.0, "hourly_cost": 8.0},
    ]
}


def head(workers):
    return {"event": "study", "time": 0.0, "experiment": {"workers": workers}}


def started(trial, time, **facts):
    fidelity = {"epochs": 4}
    about = {"trial": trial, "arch_id": str(trial), "fidelity": fidelity}
    return {"event": "started", "time": time, **about, **facts}


def placed(trial, time, group):
    return {"event": "placed", "time": time, "trial": trial, "group": group}


def ended(event, trial, time, **facts):
    return {"event": event, "time": time, "trial": trial, **facts}


def test_fractions_of_gpus_count_as_fractions_and_groups_have_their_price():
    records = [
        head(GROUPS),
        started(0, 0.0),
        placed(0, 0.0, "small"),
        started(1, 0.0),
        placed(1, 0.0, "large"),
        ended("done", 0, 2 * HOUR, spent={"seconds": 2 * HOUR, "group": "small"}),
        ended("failed", 1, 3 * HOUR, spent={"seconds": HOUR, "group": "large"}),
    ]
    # 0.25 GPU x 2 h and 2 GPUs x 1 h; 1 x 2 h and 8 x 1 h; the failed try has no epochs
    assert Accounts(records).spent() == Spent(2, 3.0, 2.5, 4, 10.0)


def test_interrupted_and_repeated_tries_cost_too():
    records = [head({"gpus": 1}), started(0, 0.0)]
    for hour, event in enumerate(("interrupted", "retried", "done")):
        records.append(placed(0, hour * HOUR, ""))
        records.append(ended(event, 0, (hour + 1) * HOUR))
    assert Accounts(records).spent() == Spent(1, 3.0, 3.0, 4)


def test_a_trial_that_its_curve_stopped_costs_no_longer():
    records = [
        head({"gpus": 1}),
        started(0, 0.0),
        placed(0, 0.0, ""),
        ended("stopped", 0, HOUR),
        started(1, HOUR),
    ]
    accounts = Accounts([*records, placed(1, HOUR, ""), ended("done", 1, 3 * HOUR)])
    # 1 h of the stopped one, 2 h of the other
    assert accounts.spent().gpu_hours == 3.0
    assert accounts.open == {}


def test_tries_are_told_in_time_that_was_worked():
    records = [
        head({"gpus": 1}),
        started(0, 0.0),
        placed(0, 0.0, "") | {"node": "b", "process": 7},
        ended("epoch", 0, HOUR, epoch=1),  # its driver dies
        placed(0, 9 * HOUR, "") | {"opened": 9 * HOUR},
        ended("retried", 0, 10 * HOUR, spent={"seconds": 0.5 * HOUR}),
        placed(0, 10 * HOUR, ""),
        ended("epoch", 0, 11 * HOUR, epoch=2),
    ]
    assert Accounts(records).tries == (
        Try(0, "b", 7, 0.0, HOUR, ""),
        Try(0, "", 0, HOUR, 1.5 * HOUR, "retried"),
        Try(0, "", 0, 2 * HOUR, 3 * HOUR, "running"),
    )


def test_running_trials_cost_up_to_now():
    accounts = Accounts([head({"gpus": 0.5}), started(0, 0.0), placed(0, 0.0, "")])
    assert accounts.spent().gpu_hours == 0.0
    assert accounts.spent(2 * HOUR).gpu_hours == 1.0


def test_a_try_whose_driver_died_counts_up_to_its_last_record_and_not_the_break():
    records = [
        head({"gpus": 1}),
        started(0, 0.0),
        placed(0, 0.0, ""),
        ended("epoch", 0, HOUR, epoch=1),
        placed(0, 9 * HOUR, "") | {"opened": 9 * HOUR},
        ended("done", 0, 10 * HOUR),
    ]
    assert Accounts(records).spent() == Spent(1, 2.0, 2.0, 1)


def test_what_a_worker_did_after_its_driver_died_counts_once():
    records = [
        head({"gpus": 1}),
        started(0, 0.0),
        placed(0, 0.0, ""),
        started(1, HOUR),
        ended("done", 0, 9 * HOUR, measured={"seconds": 1.5 * HOUR})
        | {"opened": 9 * HOUR},
    ]
    assert Accounts(records).spent() == Spent(2, 1.0, 1.5, 4)


def test_journals_of_before_tell_the_seconds_that_done_trials_measured():
    measured = {"seconds": HOUR / 2}
    records = [head({"gpus": 1}), started(0, 0.0)]
    records.append(ended("done", 0, HOUR, measured=measured))
    assert Accounts(records).spent() == Spent(1, 1.0, 0.5, 4)


def test_a_trial_that_ended_like_its_twin_took_no_worker():
    records = [
        head({"gpus": 1}),
        started(-1, 0.0),
        placed(-1, 0.0, ""),
        ended("done", -1, HOUR),
        started(0, HOUR),
        ended("done", 0, HOUR, measured={"seconds": HOUR}),
    ]
    assert Accounts(records).spent() == Spent(1, 1.0, 1.0, 4)


def test_a_clock_that_is_set_back_takes_nothing_away():
    records = [head({}), started(0, HOUR), started(1, 0.5 * HOUR), started(2, HOUR)]
    assert Accounts(records).spent().hours == 1.5
    assert Accounts(records).spent(0.0).hours == 1.5


@pytest.mark.parametrize("seconds", [-5, float("inf"), float("nan"), "x", True, 1e300])
def test_what_no_clock_says_counts_as_what_the_records_say(seconds):
    records = [head({"gpus": 1}), started(0, 0.0), placed(0, 0.0, "")]
    records.append(ended("done", 0, HOUR, spent={"seconds": seconds}))
    assert Accounts(records).spent().gpu_hours == 1.0


@pytest.mark.parametrize("workers", [None, [], {"groups": 3}, {"groups": [None]}])
def test_workers_that_nobody_can_read_cost_nothing(workers):
    records = [head(workers), started(0, 0.0), placed(0, 0.0, "")]
    assert Accounts(records).spent(HOUR) == Spent(1, 1.0)


def test_what_a_try_spent_says_its_group_and_its_gpus():
    accounts = Accounts([head(GROUPS), started(0, 0.0), placed(0, 1.0, "small")])
    said = {"seconds": 7.0, "gpus": 0.25, "group": "small"}
    assert accounts.spent_of(0, 0.0, 8.0) == {"spent": said}
    assert accounts.spent_of(0, 3.5, 8.0)["spent"]["seconds"] == 3.5
    assert accounts.spent_of(1, 3.5, 8.0) == {}
