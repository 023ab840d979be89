"""Does a folder go on with the clips that it was begun with? Digests are compared.

What was begun before there were digests records them at its next run.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vidnas.errors import StudyError
from vidnas.files.journal import Record

# Of the clips of an identity: what is compared where both sides have it.
DIGESTS = ("digest", "content")
CLIPS = "clips"  # event that adds digests to what was begun without them
_HEADS = ("study", "training")


def new_digests(
    records: Sequence[Record],
    now: Mapping[str, str],
    changes: Callable[[], str],
    refusal: str,
    remedy: str,
) -> tuple[dict[str, str], str]:
    """The digests that are not recorded yet, and what to say of that, once.

    Args:
        records: Records of a study or a training.
        now: Digests of the clips by name, as far as they are known.
        changes: Function that tells in words which clips changed; it may not know.
        refusal: Beginning of the message, such as whose folder it is.
        remedy: End of the message: what to do instead.

    Raises:
        StudyError: the clips are others; says which changed.
    """
    before = _recorded(records)
    both = [name for name in DIGESTS if before.get(name) and now.get(name)]
    if any(before[name] != now[name] for name in both):
        what = changes() or "names, sizes or classes are others"
        raise StudyError(f"{refusal} was begun with other clips: {what}. {remedy}")
    new = {name: digest for name, digest in now.items() if name not in before}
    if not new:
        return {}, ""
    by = "class, name and size" if "digest" in new else "content"
    return new, f"begun before clips were recorded by {by}; from now on they are"


def _recorded(records: Sequence[Record]) -> dict[str, str]:
    """The digests that records hold, by name."""
    found: dict[str, str] = {}
    for record in records:
        facts: Any = record if record["event"] == CLIPS else {}
        if record["event"] in _HEADS:
            facts = record.get("identity", {}).get("clips", {})
        found |= {name: facts[name] for name in DIGESTS if facts.get(name)}
    return found


def without_digests(identity: Mapping[str, Any]) -> dict[str, Any]:
    """An identity without the digests of its clips."""
    return with_common_digests(identity, {})


def with_common_digests(
    identity: Mapping[str, Any], other: Mapping[str, Any]
) -> dict[str, Any]:
    """An identity whose clips have those digests alone that the other's have too."""
    there = other.get("clips", {})
    if not isinstance(identity.get("clips"), Mapping):
        return dict(identity)
    clips = {
        name: fact
        for name, fact in identity["clips"].items()
        if name not in DIGESTS or there.get(name)
    }
    return {**identity, "clips": clips}
