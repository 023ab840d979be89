from vidnas.trials.published_augmentation import AUGMENTATIONS
from vidnas.trials.recipe import Recipe


def test_movinets_trained_with_what_their_configurations_say():
    # movinet_a2_k600_8x8.yaml: aug_min_area_ratio 0.08, aug_max_area_ratio 1.0,
    # aug_min_aspect_ratio 0.5, aug_max_aspect_ratio 2.0, aug_type autoaug,
    # random_stride_range 1; video_input.py flips and begins at a random frame.
    assert AUGMENTATIONS["movinet-kinetics"].applied_to(Recipe()) == Recipe(
        flip=True,
        crop_area=(0.08, 1.0),
        crop_aspect=(0.5, 2.0),
        stride_jitter=1,
        random_start=True,
        auto_augment=True,
    )


def test_their_small_streams_trained_without_policy_or_jitter():
    # movinet_a0_stream_k600_8x8.yaml: no aug_type, random_stride_range 0.
    assert AUGMENTATIONS["movinet-stream-kinetics"].applied_to(Recipe()) == Recipe(
        flip=True,
        crop_area=(0.08, 1.0),
        crop_aspect=(0.5, 2.0),
        random_start=True,
    )


def test_all_else_of_a_recipe_stays():
    recipe = Recipe(learning_rate=0.5, mixup=0.2)
    for published in AUGMENTATIONS.values():
        changed = published.applied_to(recipe)
        assert (changed.learning_rate, changed.mixup) == (0.5, 0.2)
        assert published.source
