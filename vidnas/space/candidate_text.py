"""How does a candidate travel in a mail or a log? As text with a checksum.

`quickstart/78279f:0.2.1.0.12:9c41` names the space, the beginning of its hash, the
option indices and a checksum of all of that.
"""

import zlib

from vidnas.errors import SpaceError
from vidnas.space.candidate import Candidate
from vidnas.space.space import Space

HASH_DIGITS = 6


def candidate_text(space: Space, candidate: Candidate) -> str:
    """The text of a candidate, the same for equal candidates."""
    indices = ".".join(map(str, space.canonical(candidate)))
    return _with_checksum(f"{space.name}/{space.space_hash[:HASH_DIGITS]}:{indices}")


def read_candidate(space: Space, text: str) -> Candidate:
    """The candidate that a text spells.

    Raises:
        SpaceError: it was cut or changed, or belongs to another space.
    """
    body, _, _ = text.strip().rpartition(":")
    if not body or _with_checksum(body) != text.strip():
        raise SpaceError(
            f"A candidate's text must end in its checksum, got `{text.strip()}`. Was "
            "it cut or changed?"
        )
    head, _, indices = body.rpartition(":")
    own = f"{space.name}/{space.space_hash[:HASH_DIGITS]}"
    if head.rpartition("/")[2] not in (one[:HASH_DIGITS] for one in space.hashes):
        raise SpaceError(
            f"The candidate must be of space `{own}`, got one of `{head}`."
        )
    candidate = tuple(int(index) for index in indices.split(".") if index)
    space.decode(candidate)  # checks number and range of indices
    return candidate


def _with_checksum(body: str) -> str:
    return f"{body}:{zlib.crc32(body.encode()) & 0xFFFF:04x}"
