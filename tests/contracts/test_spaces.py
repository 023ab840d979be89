"""What every space must offer strategies and budgets, of networks or of choices alone.

One law above all: a row of the matrix is a candidate.
"""

from pathlib import Path

import numpy as np
import pytest

from vidnas.documents.node import Node, Origin
from vidnas.files.loading import load_space
from vidnas.space import ChoiceSpace, read_space

ROOT = Path(__file__).parents[2]
OPTIONS = {"size": (1, 2, 4, 8), "kind": ("a", "b", "c"), "flag": (False, True)}
SPACES = {
    "quickstart": lambda: load_space(ROOT / "search_spaces" / "quickstart.yaml"),
    "movinet_mobile": lambda: load_space(
        ROOT / "search_spaces" / "movinet_mobile.yaml"
    ),
    "frame_based": lambda: load_space(ROOT / "search_spaces" / "frame_based.yaml"),
    "clips": lambda: clips_of_any_kind(),
    "choices": lambda: ChoiceSpace.of("choices", OPTIONS),
}


def clips_of_any_kind():
    """The quickstart with clips by time and by stride, in RGB and grayscale."""
    document = load_space(ROOT / "search_spaces" / "quickstart.yaml").to_document()
    document["clip"] |= {
        "fps": [0, 4, 12.5],
        "frame_stride": {"options": [1, 2, 3], "when": "clip.fps == 0"},
        "channels": [1, 3],
    }
    return read_space(Node(document, Origin("a test")))


@pytest.fixture(scope="module", params=SPACES)
def searchable(request):
    return SPACES[request.param]()


def rng(seed=0):
    return np.random.default_rng(seed)


def rows_of(matrix):
    return [tuple(row) for row in matrix.tolist()]


def test_it_is_named_and_identified(searchable):
    assert searchable.name
    assert len(searchable.space_hash) == 16
    assert int(searchable.space_hash, 16) >= 0
    assert searchable.choices == searchable.program.choices


@pytest.mark.parametrize("seed", range(4))
def test_a_sample_is_canonical_and_the_same_for_the_same_generator(searchable, seed):
    for draw in (searchable.sample, searchable.sample_coherent):
        candidate = draw(rng(seed))
        assert candidate == draw(rng(seed))
        assert searchable.canonical(candidate) == candidate
        assert len(candidate) == len(searchable.choices)


def test_a_row_of_the_matrix_is_a_candidate(searchable):
    matrix = searchable.many.sample(rng(), 40)
    assert searchable.many.meets(matrix).all()
    np.testing.assert_array_equal(searchable.many.canonical(matrix), matrix)
    active = searchable.many.active(matrix)
    for row, flags in zip(rows_of(matrix), active, strict=True):
        assert searchable.canonical(row) == row
        switched = [c for c, on in zip(searchable.choices, flags, strict=True) if on]
        assert searchable.active(row) == tuple(switched)


def test_rows_are_equal_where_what_they_become_is(searchable):
    matrix = searchable.many.sample(rng(1), 60)
    matrix = np.concatenate([matrix, searchable.many.mutate(matrix, rng(2))])
    names = searchable.many.identities(matrix).tolist()
    ids = [searchable.decode(row).arch_id for row in rows_of(matrix)]
    assert len(set(names)) == len(set(ids)) == len(set(zip(names, ids, strict=True)))


@pytest.mark.parametrize("seed", range(4))
def test_a_mutation_is_another_network_one_or_many_at_a_time(searchable, seed):
    candidate = searchable.sample(rng(seed))
    before = searchable.decode(candidate).arch_id
    mutated = searchable.mutate(candidate, rng(seed), changes=2)
    assert searchable.canonical(mutated) == mutated
    assert searchable.decode(mutated).arch_id != before
    rows = searchable.many.sample(rng(seed), 10)
    for was, now in zip(
        rows_of(rows), rows_of(searchable.many.mutate(rows, rng(seed))), strict=True
    ):
        assert searchable.decode(now).arch_id != searchable.decode(was).arch_id


@pytest.mark.parametrize("seed", range(4))
def test_a_crossing_takes_each_option_from_a_parent(searchable, seed):
    first, second = (searchable.sample(rng([seed, n])) for n in (0, 1))
    child = searchable.cross(first, second, rng(seed))
    assert searchable.canonical(child) == child
    options = zip(child, first, second, strict=True)
    assert all(index in (mine, yours, 0) for index, mine, yours in options)


def test_inactive_choices_stand_at_zero(searchable):
    whole = [len(choice.options) - 1 for choice in searchable.choices]
    for candidate in (
        searchable.canonical(whole),
        searchable.canonical([0] * len(whole)),
    ):
        active = {choice.name for choice in searchable.active(candidate)}
        for choice, index in zip(searchable.choices, candidate, strict=True):
            assert choice.name in active or index == 0
