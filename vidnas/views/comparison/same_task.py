"""May studies be compared? Where objectives, clips and chance are the same."""

from collections.abc import Sequence
from typing import Any

from vidnas.errors import InputError
from vidnas.files.same_clips import with_common_digests
from vidnas.views.comparison.compared_study import ComparedStudy

# Facts of the clips of an identity; a digest that one side lacks decides nothing.
_CLIPS = ("classes", "train", "val", "digest", "content")


def require_one_task(studies: Sequence[ComparedStudy]) -> None:
    """Raises where numbers of two studies do not mean the same.

    Training clips count as well: whether they differ, a digest of all clips does not
    tell apart from other validation clips.

    Args:
        studies: Studies to compare.

    Raises:
        InputError: there are fewer than two, one stands twice or is of a score, or
            objectives, clips or chance differ; says which, with both values.
    """
    if len(studies) < 2:
        raise InputError(f"A comparison needs at least 2 studies, got {len(studies)}.")
    for study in studies:
        score = study.history.head.identity.score
        if score:
            raise InputError(
                f"Studies of a comparison must be of trainings, {study.place} is of "
                f"the score {score}, which is no accuracy."
            )
    seen: dict[str, str] = {}
    for study in studies:
        same = seen.get(study.history.study_id)
        if same is not None:
            raise InputError(
                "Every study of a comparison must stand once, "
                f"{study.place} is the study of {same}."
            )
        seen[study.history.study_id] = study.place
    first, *others = studies
    for other in others:
        _require_same(first, other)


def _require_same(first: ComparedStudy, other: ComparedStudy) -> None:
    for name, was, here in _facts(first, other):
        if was != here:
            raise InputError(
                f"Studies of a comparison must have the same {name}, {first.place} has "
                f"{_in_words(was)}, {other.place} {_in_words(here)}."
            )


def _facts(first: ComparedStudy, other: ComparedStudy) -> list[tuple[str, Any, Any]]:
    """Names of what must be the same, with the values of both."""
    ours, theirs = first.history, other.history
    one, two = (h.head.identity.to_document() for h in (ours, theirs))
    clips = with_common_digests(one, two)["clips"]
    others = with_common_digests(two, one)["clips"]
    pairs: list[tuple[str, Any, Any]] = [
        ("objectives", ours.objectives.names, theirs.objectives.names)
    ]
    for name in _CLIPS:
        words = _CLIP_WORDS.get(name, name)
        pairs.append((words, clips.get(name), others.get(name)))
    was, here = (round(h.chance.level, 6) for h in (ours, theirs))
    return [*pairs, ("chance", was, here)]


_CLIP_WORDS = {
    "train": "number of training clips",
    "val": "number of validation clips",
    "digest": "clips",
    "content": "content of the clips",
}


def _in_words(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value[:6])) + (", ..." if len(value) > 6 else "")
    return str(value)
