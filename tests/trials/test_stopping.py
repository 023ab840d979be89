from types import SimpleNamespace

import numpy as np
import pytest

from vidnas.trials import Fidelity, Objectives, Trial
from vidnas.trials.stopping import LEAST, CurveRule, DoneCurves

FULL = Fidelity(6)
RULE = CurveRule()


def trial(number, flops, top1=None, **changes):
    facts = {
        "number": number,
        "candidate": (number,),
        "architecture": SimpleNamespace(arch_id=f"network {number}"),
        "fidelity": FULL,
        "seed": number,
        "costs": {"flops": flops, "parameters": flops},
        "state": "running" if top1 is None else "done",
        "measured": {} if top1 is None else {"top1": top1},
    }
    return Trial(**{**facts, **changes})


def curve(top1, name="top1", sign=1.0):
    """Half of the accuracy after epoch 1, all of it after epoch 6."""
    shares = np.linspace(0.5, 1.0, FULL.epochs)
    return {e: {name: sign * top1 * s} for e, s in enumerate(shares, start=1)}


def of_done(count=20, objectives=None, name="top1", sign=1.0, flops=1e6):
    """Trials of one size that reached 50 to 69 %, with a noise of a tenth."""
    done = DoneCurves(FULL, objectives or Objectives())
    rng = np.random.default_rng(0)
    for number in range(count):
        top1 = 50.0 + number % 20
        ended = trial(number, flops, top1 + 0.1 * rng.normal())
        done.add(ended, curve(top1, name, sign))
    return done


def judge(done, running, top1, epoch=3, rule=RULE, name="top1", sign=1.0):
    return done.verdict(rule, running, epoch, curve(top1, name, sign)[epoch])


def test_a_trial_that_will_stay_below_another_of_its_size_is_stopped():
    verdict = judge(of_done(), trial(40, 1e6), 55.0)
    assert verdict is not None
    assert verdict.expected == pytest.approx(55.0, abs=0.3)
    assert verdict.expected < verdict.at_most < verdict.reached
    assert (verdict.epoch, verdict.better) == (3, 19)
    assert "trial 19 reached 69" in verdict.words


def test_a_trial_that_may_be_the_best_of_its_size_goes_on():
    assert judge(of_done(), trial(40, 1e6), 69.1) is None
    assert judge(of_done(), trial(40, 1e6), 75.0) is None


def test_a_small_network_is_not_stopped_because_larger_ones_are_better():
    assert judge(of_done(), trial(40, 0.99e6), 40.0) is None


def test_with_several_costs_one_must_be_beaten_in_all_of_them():
    both = of_done(objectives=Objectives(("flops", "parameters")))
    slim = trial(40, 1e6, costs={"flops": 1e6, "parameters": 0.9e6})
    assert judge(both, slim, 55.0) is None
    assert judge(both, trial(41, 1e6), 55.0) is not None


def test_no_trial_is_stopped_before_its_first_epochs_or_at_its_last():
    done, running = of_done(), trial(40, 1e6)
    assert judge(done, running, 30.0, epoch=1) is None
    assert judge(done, running, 30.0, epoch=2) is not None
    assert judge(done, running, 30.0, epoch=6) is None
    assert judge(done, running, 30.0, epoch=2, rule=CurveRule(after_epochs=3)) is None


def test_the_first_trials_are_never_stopped_nor_the_first_of_a_size():
    assert judge(of_done(LEAST - 1), trial(40, 1e6), 30.0) is None
    assert judge(of_done(LEAST), trial(40, 1e6), 30.0) is not None
    assert judge(of_done(), trial(40, 2.5e6), 30.0) is None


def test_one_of_eight_is_spared():
    stopped = [judge(of_done(), trial(n, 1e6), 30.0) for n in range(40, 56)]
    assert [v is None for v in stopped] == 2 * [*7 * [False], True]


def test_curves_that_say_nothing_stop_nothing():
    rng, done = np.random.default_rng(1), DoneCurves(FULL)
    for number in range(40):  # the more it shows, the less it reaches
        top1 = 50.0 + number % 20
        done.add(trial(number, 1e6, top1), curve(120.0 - top1 + rng.normal()))
    assert judge(done, trial(40, 1e6), 30.0) is None
    flat = DoneCurves(FULL)
    for number in range(40):
        flat.add(trial(number, 1e6, 50.0 + number % 20), curve(50.0))
    assert judge(flat, trial(40, 1e6), 30.0) is None


@pytest.mark.parametrize(("name", "sign"), [("train_top1", 1.0), ("loss", -1.0)])
def test_without_validation_the_training_is_gone_by(name, sign):
    done = of_done(name=name, sign=sign)
    told = {"name": name, "sign": sign}
    assert judge(done, trial(40, 1e6), 55.0, **told) is not None
    assert judge(done, trial(40, 1e6), 75.0, **told) is None
    assert done.verdict(RULE, trial(40, 1e6), 3, {"val_loss": 1.0}) is None


@pytest.mark.parametrize(
    "changes",
    [{"fidelity": Fidelity(3)}, {"source": "inherited"}, {"number": -1}],
)
def test_what_fronts_do_not_compare_neither_stops_nor_is_stopped(changes):
    number = changes.get("number", 40)
    others = {k: v for k, v in changes.items() if k != "number"}
    assert judge(of_done(), trial(number, 1e6, **others), 30.0) is None
    done = DoneCurves(FULL)
    done.add(trial(number, 1e6, 90.0, **others), curve(90.0))
    assert len(done) == 0


def test_with_noise_few_stopped_trials_would_have_been_best():
    rng = np.random.default_rng(3)
    done, wrong, stopped = DoneCurves(FULL), 0, 0
    for number in range(400):
        top1 = rng.normal(60.0, 5.0)
        shown = {e: {"top1": top1 - 9 + 1.5 * e + rng.normal()} for e in range(1, 7)}
        ended = trial(number, 1e6, top1 + rng.normal())
        verdicts = [done.verdict(RULE, trial(number, 1e6), e, shown[e]) for e in shown]
        found = next((v for v in verdicts if v is not None), None)
        if found is None:
            done.add(ended, shown)
        else:
            stopped += 1
            wrong += ended.measured["top1"] >= found.reached
    assert stopped > 200
    assert wrong <= 4


def test_a_rule_says_what_it_is():
    assert str(CurveRule()) == "by curve, after 2 epochs at 99 % confidence"
    one = CurveRule(after_epochs=1, confidence=0.975)
    assert str(one) == "by curve, after 1 epoch at 97.5 % confidence"
