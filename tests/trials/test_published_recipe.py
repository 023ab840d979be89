from vidnas.trials.published_recipe import PUBLISHED_RECIPES
from vidnas.trials.recipe import Evaluation, Recipe


def test_movinets_trained_as_their_configurations_say():
    # movinet_a3_k600_8x8.yaml: rmsprop with clipnorm 1.0, cosine from 1.8 over 85785
    # steps of 1024 clips after 2145 of warm-up, l2_weight_decay 0.00003, 64 frames,
    # measured on 120, min_image_size 288 for a crop of 256.
    published = PUBLISHED_RECIPES["movinet-a3"]
    assert published.epochs == round(85_785 * 1024 / 366_016)
    assert published.frames == 64
    assert published.recipe == Recipe(
        optimizer="rmsprop",
        learning_rate=1.8,
        warmup=0.025,
        weight_decay=0.0,
        l2=3e-5,
        clip_norm=1.0,
        label_smoothing=0.1,
        batch=1024,
        dropout=0.5,
        stochastic_depth=0.2,
        crop=0.125,
        flip=True,
        crop_area=(0.08, 1.0),
        crop_aspect=(0.5, 2.0),
        stride_jitter=1,
        random_start=True,
        auto_augment=True,
        evaluation=Evaluation(frames=120),
    )


def test_sizes_differ_in_dropout_frames_and_transforms_alone():
    def said(name):
        published = PUBLISHED_RECIPES[name]
        recipe = published.recipe
        measured = recipe.evaluation.frames
        return recipe.dropout, published.frames, measured, recipe.auto_augment

    assert [said(f"movinet-a{n}") for n in range(6)] == [
        (0.2, None, None, True),
        (0.5, None, None, True),
        (0.5, None, None, True),
        (0.5, 64, 120, True),
        (0.5, 32, 80, True),
        (0.5, 32, 120, True),
    ]
    assert [said(f"movinet-a{n}-stream") for n in range(6)] == [
        (0.2, None, None, False),
        (0.2, None, None, False),
        (0.5, None, None, False),
        (0.5, 64, 120, False),
        (0.5, 32, 80, True),
        (0.5, 32, 115, True),
    ]


def test_x3ds_trained_as_pyslowfast_does():
    # X3D_L.yaml: BASE_LR 0.05 for 64 clips, 256 epochs, 35 of warm-up, WEIGHT_DECAY
    # 5e-5 in the gradient, jitter of the short side 356 to 446 for a crop of 312.
    published = PUBLISHED_RECIPES["x3d-l"]
    recipe = published.recipe
    assert (published.epochs, recipe.batch, recipe.learning_rate) == (256, 64, 0.05)
    assert (recipe.optimizer, recipe.l2, recipe.weight_decay) == ("sgd", 5e-5, 0.0)
    assert round(recipe.warmup * published.epochs) == 35
    assert [round(312 * side) for side in recipe.short_side] == [356, 446]
    assert recipe.evaluation.views == 30
    assert recipe.label_smoothing == 0.0
