"""Does a study go on in the space that it was begun in? Spaces are compared by meaning.

Trials are recorded by the indices of their options, so a study whose space was written
anew, with the same networks, goes on in the order that it was begun in.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from vidnas.documents.difference import changes
from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError, StudyError
from vidnas.space.reading import read_space
from vidnas.strategies.starting_networks import (
    StartingNetworks,
    without_starting_networks,
)
from vidnas.study.experiment.experiment import Experiment

SHOWN = 3  # changes that a refusal tells


def as_begun(
    experiment: Experiment, begun: Mapping[str, Any], folder: Path
) -> Experiment:
    """The experiment in the space that its study was begun in.

    Args:
        experiment: Experiment as its file says it now.
        begun: First record of the study's journal.
        folder: Folder of the study, for errors.

    Raises:
        StudyError: the space is another one; says what differs, and the ways on.
    """
    try:
        head = Node(dict(begun), Origin(f"{folder}, head"))
        document = head.need("experiment").need("space").value
        if _spelled(document) == _spelled(experiment.space.to_document()):
            return experiment
        space = read_space(Node(document, Origin(f"{folder}, its space")))
    except InputError as wrong:
        raise _refusal(folder, str(wrong).rstrip(".")) from wrong
    if space.meaning != experiment.space.meaning:
        raise _refusal(folder, _told(document, experiment.space.to_document()))
    first = tuple(
        replace(one, candidate=space.encode(one.network.architecture))
        for one in experiment.starting_networks
    )
    strategy = experiment.strategy
    if first:
        candidates = tuple(one.candidate for one in first)
        strategy = StartingNetworks(without_starting_networks(strategy), candidates)
    return replace(experiment, space=space, strategy=strategy, starting_networks=first)


def _spelled(document: Any) -> str:
    """Text that tells orders apart, as indices do, and 1 from 1.0."""
    return json.dumps(document)


def _told(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The first changes: `stages[0].depth: 3 added`."""
    found = [str(change) for change in changes(before, after)]
    more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return "; ".join(found[:SHOWN]) + more


def _refusal(folder: Path, told: str) -> StudyError:
    return StudyError(
        f"{folder} belongs to another experiment: its space differs ({told}). `vidnas "
        f"space diff {folder} SPACE` shows all of it. Give this one a folder "
        f"of its own with --study; `known: [{folder}]` takes over what it holds."
    )
