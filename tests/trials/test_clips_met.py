"""What trainings met among their clips, in words."""

from vidnas.trials.clips_met import clips_met


def test_the_most_that_one_training_met_is_told():
    trainings = [
        {"top1": 50.0, "skipped_clips": 2.0, "still_clips": 1.0, "damaged_clips": 0.0},
        {"top1": 60.0, "skipped_clips": 2.0, "still_clips": 3.0, "short_clips": 4.0},
        {"top1": 70.0},  # measured before anybody counted
    ]
    assert clips_met(trainings) == "2 unreadable, 3 still, 4 shorter than the window"


def test_nothing_is_told_where_nothing_was_met():
    assert clips_met([]) == ""
    assert clips_met([{"top1": 1.0, "still_clips": 0.0}]) == ""
