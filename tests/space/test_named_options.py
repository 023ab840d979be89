import numpy as np
import pytest

from vidnas.errors import SpaceError
from vidnas.space.named_options import candidate_named


def spelled(space, candidate):
    made = {choice.name for choice in space.active(candidate)}
    return {
        choice.name: str(choice.options[at])
        for choice, at in zip(space.choices, candidate, strict=True)
        if choice.name in made
    }


def test_names_and_texts_of_choices_give_the_candidate_back(space):
    rng = np.random.default_rng(0)
    for _ in range(5):
        candidate = space.sample(rng)
        assert candidate_named(space, spelled(space, candidate)) == candidate


def test_an_option_counts_by_what_it_means(quickstart):
    candidate = quickstart.sample(np.random.default_rng(1))
    options = spelled(quickstart, candidate)
    for name, text in options.items():
        if text.isdecimal():
            options[name] = f"{text}.0"
        if text in ("True", "False"):
            options[name] = text.upper()
    assert candidate_named(quickstart, options) == candidate


def test_what_spells_no_candidate_is_told(quickstart):
    options = spelled(quickstart, quickstart.sample(np.random.default_rng(1)))
    with pytest.raises(SpaceError, match=r"`stem\.width` must be one of .*, got `7`"):
        candidate_named(quickstart, options | {"stem.width": "7"})
    del options["stem.width"]
    with pytest.raises(SpaceError, match=r"choice `stem\.width` must be named"):
        candidate_named(quickstart, options)
