"""Architectures put together from pieces are those that the reader reads."""

import json
from pathlib import Path

import numpy as np
import pytest

from vidnas.architecture.pieces import Pieces
from vidnas.architecture.published import published
from vidnas.architecture.published.catalogue import published_names
from vidnas.architecture.reader import architecture_from
from vidnas.files.loading import load_space

SPACES = sorted(Path(__file__).parents[2].glob("search_spaces/*.yaml"))


def written(architecture):
    return json.dumps(architecture.to_document(), separators=(",", ":")).encode()


def same(found, architecture):
    """Equal in every field, and with the same identity and classes."""
    return (
        found == architecture
        and found.arch_id == architecture.arch_id
        and found.classes == architecture.classes
        and vars(found).keys() - {"arch_id"} == vars(architecture).keys() - {"arch_id"}
    )


@pytest.mark.slow
@pytest.mark.parametrize("file", SPACES, ids=lambda file: file.stem)
def test_every_candidate_of_a_shipped_space_is_read_alike(file):
    space, pieces = load_space(file), Pieces(classes=7)
    for row in space.many.sample(np.random.default_rng(0), 30).tolist():
        text = written(space.decode(tuple(row)))
        assert same(pieces.read(text), architecture_from(json.loads(text), classes=7))


@pytest.mark.parametrize("name", published_names())
def test_every_published_network_is_read_alike(name):
    text = written(published(name))
    assert same(Pieces().read(text), architecture_from(json.loads(text)))


SOUND = written(published("movinet-a2", stream=True))


@pytest.mark.parametrize("seed", range(150))
def test_a_changed_text_is_read_alike_or_left_to_the_reader(seed):
    rng, pieces = np.random.default_rng(seed), Pieces()
    assert pieces.read(SOUND) is not None
    text = bytearray(SOUND)
    at, to = rng.integers(len(text), size=2)
    change = int(rng.integers(4))
    if change == 0:
        text[at] = SOUND[to]
    elif change == 1:
        del text[at : at + int(rng.integers(1, 80))]
    elif change == 2:
        text[at:at] = SOUND[to : to + int(rng.integers(1, 80))]
    else:
        text[at] = rng.choice(list(b'09-."{}[],:\\ax \xc3'))
    found = pieces.read(bytes(text))
    if found is not None:
        assert same(found, architecture_from(json.loads(bytes(text))))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"causal":true', b'"causal":false'),  # a default is never written
        (b'"expand":', b'"expand": '),
        (b'"stride":1', b'"stride":1.0'),
        (b'"stride":1', b'"stride":true'),
        (b'"stride":1', b'"stride":1,"temporal_stride":2'),  # it is causal
        (b'"stride":1', b'"stride":1,"stride":1'),
        (b'"width":', b'"width":0'),
        (b'"width":', b'"width":-'),
        (b'"kernel":"3x3x3"', b'"kernel":"3x3x4"'),
        (b'"layers":[{', b'"layers":[],"layers":[{'),
        (b'{"block"', b'{"arch_id":"0","block"'),
        (b'"activation":"hard_swish"', b'"activation":"tanh"'),
    ],
)
def test_what_no_journal_writes_is_left_to_the_reader(old, new):
    assert old in SOUND
    assert Pieces().read(SOUND.replace(old, new)) is None


def test_a_layer_that_repeats_the_networks_word_is_left_to_the_reader():
    layer, word = b'"squeeze_excite":24}', b'"squeeze_excite":24,"activation":"%b"}'
    assert layer in SOUND
    pieces = Pieces()
    other = pieces.read(SOUND.replace(layer, word % b"relu", 1))
    assert "relu" in {one.activation for one in other.layers}
    assert pieces.read(SOUND.replace(layer, word % b"hard_swish", 1)) is None
