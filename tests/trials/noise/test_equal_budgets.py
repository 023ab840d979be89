"""Which baseline stands beside a size, and whether the size is surely better."""

from dataclasses import replace

from vidnas.trials.family import select_family
from vidnas.trials.noise.equal_budgets import baselines_within
from vidnas.trials.objectives import ACCURACIES


def test_the_best_baseline_within_the_budget_stands_beside_a_size(make_trial):
    def trial(number, flops, top1, **facts):
        measured = {"top1": top1, "val_clips": 1000.0}
        return make_trial(number, flops=flops, measured=measured, **facts)

    front = [trial(0, 1e6, 40.0), trial(1, 3e6, 60.0)]
    small, large = (
        trial(-1, 9e5, 41.0, baseline="small"),
        trial(-2, 3.5e6, 50.0, baseline="large"),
    )
    failed = replace(small, number=-3, state="failed", measured={})
    sizes = select_family(front, [1e6, 2e6, 4e6])
    top1 = ACCURACIES["top1"]
    found = baselines_within(sizes, [large, failed, small], top1)
    assert [one.trial for one in found] == [small, small, large]
    # At 1000 clips an interval is 3 points wide to each side: 1 point is noise.
    assert [one.text(top1) for one in found] == [
        "small 41.0, -1.0 within error",
        "small 41.0",
        "large 50.0, +10.0",
    ]
    nothing = baselines_within(sizes, [failed], top1)
    assert [one.text(top1) for one in nothing] == ["-", "-", "-"]
