import pytest

from vidnas.trials.mirrored_classes import mirror_warning, sided_classes
from vidnas.trials.recipe import Recipe


@pytest.mark.parametrize(
    "name",
    [
        "left",
        "Turn Right",
        "swipe_left",
        "SwipeRight",
        "Pushing something from left to right",
        "leftwards",
        "right-handed serve",
        "rotating clockwise",
        "turn counterclockwise",
        "nach links",
        "à gauche",
        "LEFT",
    ],
)
def test_a_name_that_holds_a_side_is_found(name):
    assert sided_classes(["run", name]) == (name,)


@pytest.mark.parametrize("name", ["bright", "cleft", "wright", "copyright", "clock"])
def test_a_word_that_only_holds_the_letters_is_not(name):
    assert sided_classes([name]) == ()


def test_the_warning_names_three_and_says_what_to_do():
    classes = ["left", "right", "turn left", "turn right", "stop"]
    assert mirror_warning(Recipe(flip=True), classes) == (
        "half of the clips are mirrored and keep their labels, `left`, `right`, `turn "
        "left` and 1 more among them: a class that names a side needs `flip: false` "
        "(--no-flip)"
    )
    assert mirror_warning(Recipe(flip=False), classes) == ""
    assert mirror_warning(Recipe(flip=True), ["stop", "go"]) == ""
