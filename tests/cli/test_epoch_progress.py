from vidnas.cli.epoch_progress import EpochProgress

REPORT = {
    "loss": 1.2344,
    "train_top1": 45.25,
    "val_loss": 1.5,
    "top1": 50.0,
    "top5": 97.5,
    "seconds": 61.0,
}


def test_a_log_gets_one_line_an_epoch_with_the_time_left(capsys):
    with EpochProgress(total=12, done=9, val_clips=100) as progress:
        progress.step(1, 2)
        progress.step(2, 2)
        for number in (10, 11, 12):
            progress.epoch(number, REPORT)
    # Wilson's interval of 50 of 100 is 40.4 to 59.6.
    facts = "loss 1.234  train top1  45.2 %  val top1  50.0 % (40-60)  top5  97.5 %"
    assert capsys.readouterr().err.splitlines() == [
        f"[10/12] {facts}  61.0 s  2 min 2 s left",
        f"[11/12] {facts}  61.0 s  1 min 1 s left",
        f"[12/12] {facts}  61.0 s",
    ]


def test_the_moving_line_says_where_an_epoch_is():
    progress = EpochProgress(total=4, done=0, val_clips=10)
    assert progress._view().plain == "[1/4] preparing"
    progress.step(3, 10)
    assert progress._view().plain == "[1/4] step 3 of 10"
    progress.epoch(1, REPORT | {"seconds": 10.0})
    progress.step(5, 10)
    # Half of the second epoch and two more are left.
    assert progress._view().plain == "[2/4] step 5 of 10  25 s left"
