"""What does a report say of the family? What the files of the study hold."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vidnas.study.family.networks import Twin, whole_family
from vidnas.study.family.reading import FAMILY_FOLDER, families_there
from vidnas.study.history import History
from vidnas.trials.family import Size
from vidnas.views.drawings.drawing import scrolling
from vidnas.views.drawings.family_networks import family_drawing
from vidnas.views.pages.family_table import budgets_words, family_table, twins_table
from vidnas.views.pages.markup import escape, paragraph
from vidnas.views.text.places import place_in_words


@dataclass(frozen=True, slots=True)
class ShownFamily:
    """A family as a page shows it.

    Args:
        folder: Name of the folder of its files; empty where nobody wrote them.
        sizes: Sizes of its ladder.
        twins: Streaming twins beside them.
        changes: What the study would write there now instead, in words.
    """

    folder: str
    sizes: tuple[Size, ...]
    twins: tuple[Twin, ...] = ()
    changes: tuple[str, ...] = ()


def shown_families(history: History) -> tuple[ShownFamily, ...]:
    """The families that files hold, that of the study's own ladder first.

    Where its files are not there, it is what they would be.
    """
    there = tuple(
        ShownFamily(one.folder.name, one.sizes, one.twins, one.changes)
        for one in families_there(history)
    )
    if there and there[0].folder == FAMILY_FOLDER:
        return there
    found = whole_family(history)
    return (ShownFamily("", found.sizes, found.twins), *there)


def family_section(history: History, families: Iterable[ShownFamily]) -> str:
    """The families of a study as HTML: words, tables and the networks as strips.

    Args:
        history: The study, with a trial done in full.
        families: Families that are shown; see `shown_families`.
    """
    parts = []
    for number, family in enumerate(families):
        title = f"<h3>{escape(family.folder)}</h3>" if number else ""
        parts += [title, paragraph(_words(history, family, is_own=not number))]
        if family.changes:
            parts.append(paragraph(_changed(history, family)))
        parts.append(family_table(family.sizes, history))
        if family.twins:
            parts += [paragraph(_STREAMS), twins_table(family.twins)]
        parts += _drawn(family.sizes, history)
    return "".join(parts)


_STREAMS = (
    "Beside each network its streaming twin, which sees no later frame and runs one "
    "frame at a time. Where the search did not find it so, nobody trained it."
)


def _words(history: History, family: ShownFamily, *, is_own: bool) -> str:
    sizes, score = family.sizes, history.head.identity.score
    filled = sum(size.trial is not None for size in sizes)
    stated = history.experiment.family.ladder
    origin = stated.origin if is_own else "those that were asked for"
    within = "its budget and above the one below"
    if sizes[0].further:
        within = "its budgets that is better than the smaller sizes"
    words = (
        f"{filled} of {len(sizes)} sizes hold a network. The budgets of "
        f"{budgets_words(sizes)} are {origin}; each size takes the "
        f"{'best scored' if score else 'most accurate'} front trial within {within}, "
        "if it is better than the reference point."
    )
    scaled = sum(size.filling is not None for size in sizes)
    if scaled:
        words += (
            f" {scaled} empty {'size holds' if scaled == 1 else 'sizes hold'} the "
            "network of another size, scaled to the budgets and never trained."
        )
    if history.on_front:
        words += (
            " The best is the one whose interval begins highest; it stays in so many "
            f"draws of all accuracies within the noise of {history.doubt.noise}."
        )
    return words


def _changed(history: History, family: ShownFamily) -> str:
    folder = shlex.quote(place_in_words(history.folder, Path.cwd()))
    return (
        f"These are the files in {family.folder}. By what the study holds now it would "
        f"be {', '.join(family.changes)}: `vidnas family {folder}` writes them anew."
    )


def _drawn(sizes: Iterable[Size], history: History) -> tuple[str, ...]:
    """The networks of the filled sizes, each a strip, all on one scale."""
    drawing = family_drawing(sizes, len(history.classes))
    if drawing is None:
        return ()
    return paragraph("The networks, a block a layer, on one scale."), scrolling(drawing)
