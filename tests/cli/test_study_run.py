from vidnas.cli.study_run import defaults_in_words
from vidnas.study import load_experiment

SIX_LINES = """schema: vidnas.experiment/v1
space: space.yaml
clips: {folder: clips}
training: {epochs: 2, batch: 8}
budgets: {flops: 2 M}
effort: {trials: 4}
"""


def test_the_header_shows_each_default_that_is_taken(folder):
    (folder / "six.yaml").write_text(SIX_LINES)
    words = defaults_in_words(load_experiment(folder / "six.yaml").with_numbers(8))
    assert words.startswith("name six, seed 0; training optimizer adamw, learning_rate")
    assert "; strategy name ladder; workers count 2, cpus 1," in words
    assert "; front reference flops 2 M, top1 12.5; family ladder spread" in words
    for stated in ("epochs", "batch", "budgets", "effort"):
        assert stated not in words
    assert "flip no" in words
