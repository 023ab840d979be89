"""How much classes weigh in the loss."""

import pytest

from vidnas.errors import InputError
from vidnas.trials import Recipe
from vidnas.trials.class_weights import require_known_classes, weights_of

CLASSES = ("clap", "jump", "run")


def test_balanced_classes_weigh_what_is_missing_to_an_equal_share():
    # N / (K n): 12 / (3 * 6), 12 / (3 * 4), 12 / (3 * 2)
    weights = weights_of("balanced", CLASSES, (6, 4, 2), multi_label=False)
    assert weights == pytest.approx([2 / 3, 1.0, 2.0])
    # Every class then has the same share of the loss.
    assert weights * [6, 4, 2] == pytest.approx([4.0, 4.0, 4.0])


def test_weights_by_name_keep_their_ratio_and_a_mean_of_one_over_the_clips():
    weights = weights_of((("run", 4.0),), CLASSES, (6, 4, 2), multi_label=False)
    # 1, 1, 4 over the mean (6 + 4 + 8) / 12 = 1.5
    assert weights == pytest.approx([1 / 1.5, 1 / 1.5, 4 / 1.5])
    assert (weights * [6, 4, 2]).sum() / 12 == pytest.approx(1.0)


@pytest.mark.parametrize("multi_label", [False, True])
def test_weights_that_are_equal_are_none(multi_label):
    equal = tuple((name, 7.0) for name in CLASSES)
    for weights in (None, equal):
        found = weights_of(weights, CLASSES, (6, 4, 2), multi_label=multi_label)
        assert found == pytest.approx([1.0, 1.0, 1.0])


def test_where_clips_have_several_classes_the_mean_is_over_classes():
    weights = weights_of("balanced", CLASSES, (6, 3, 0), multi_label=True)
    # 1/6, 1/3, and 1 for the one that none has, over their mean of 1/2
    assert weights == pytest.approx([1 / 3, 2 / 3, 2.0])


def test_a_class_that_is_not_there_is_named_with_the_nearest():
    with pytest.raises(InputError, match=r"got `jmp`\. Did you mean `jump`\?"):
        require_known_classes((("jmp", 2.0),), CLASSES)
    require_known_classes("balanced", CLASSES)


@pytest.mark.parametrize(
    "weights", [None, "balanced", (("jump", 2.0), ("run", 0.5))], ids=str
)
def test_a_recipe_is_read_as_it_was_written(weights):
    recipe = Recipe(class_weights=weights)
    document = recipe.to_document()
    assert Recipe.from_document(document) == recipe
    assert hash(recipe) is not None
    # A recipe without weights is written as it was before there were any.
    assert ("class_weights" in document) == (weights is not None)
