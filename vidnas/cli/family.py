"""`vidnas family`: the sizes of a study as files."""

import argparse
from pathlib import Path
from typing import Any

from vidnas.cli.arguments import positive, study_argument
from vidnas.cli.command_help import described
from vidnas.cli.family_text import family_facts, family_text
from vidnas.cli.output import note, say, say_json
from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError
from vidnas.files.mirror import publish, study_path
from vidnas.study.experiment.stated_family import LADDER_COSTS
from vidnas.study.family.files import FamilyFiles, stated_folder, write_family
from vidnas.study.family.networks import whole_family
from vidnas.study.family.reading import FAMILY_FOLDER
from vidnas.study.history import History, load_history
from vidnas.trials.ladders.stated import PUBLISHED, SPREAD, StatedLadder, read_ladder


def add_commands(commands: Any) -> None:
    """Adds `family`."""
    family = commands.add_parser(
        "family",
        **described(
            "Writes the most accurate network within each budget of a ladder as a "
            "file, and says each file. Budgets are of the study's first cost (FLOPs, "
            "unless its objectives say otherwise), or of those that a ladder names.",
            "vidnas family runs/quickstart",
            "vidnas family runs/quickstart --ladder 1M,2M,4M,6M,8M,12M",
            "vidnas family runs/quickstart --ladder parameters=40k..160k --sizes 3",
            "vidnas family runs/quickstart --fill --stream --to sizes",
        ),
    )
    study_argument(family)
    family.add_argument(
        "--ladder",
        metavar="[COST=]BUDGETS",
        action="append",
        help="rising budgets, such as 2M,5M,10M, or 2M..10M (each the same multiple "
        f"of the one before), {SPREAD} over the front, or those of published networks: "
        f"{', '.join(PUBLISHED)}. Several, each of another cost, hold together "
        "(default: the experiment's)",
    )
    family.add_argument(
        "--sizes",
        type=positive,
        metavar="N",
        help=f"number of budgets between two ends or of `{SPREAD}` (default 6)",
    )
    family.add_argument(
        "--fill",
        action="store_true",
        default=None,
        help="put the network of the next size, scaled to the budgets, into an empty "
        "one; it is marked, and nobody trained it",
    )
    family.add_argument(
        "--stream",
        action="store_true",
        default=None,
        help="write the causal twin of each network beside it, a0.stream.yaml",
    )
    family.add_argument(
        "--to",
        metavar="FOLDER",
        type=Path,
        help="default STUDY/family, or STUDY/family-2M-5M-10M for a ladder of your own",
    )
    family.add_argument("--json", action="store_true")
    family.set_defaults(run=show_family)


def show_family(chosen: argparse.Namespace) -> None:
    """Writes the family and prints it."""
    study = study_path(chosen.study, whole=True)
    history = load_history(study)
    ladder = _ladder(chosen, history.objectives.cost)
    family = whole_family(history, ladder, fills=chosen.fill, streams=chosen.stream)
    folder = chosen.to or study / _family_folder(history, ladder)
    files = write_family(history, family.sizes, folder, family.twins)
    if chosen.json:
        say_json(family_facts(family, history, folder))
    else:
        say(family_text(family, history))
    note_family(files)
    store = publish(study)
    if store is not None and not chosen.to:
        note(f"uploaded to {store}")


def _family_folder(history: History, ladder: StatedLadder | None) -> str:
    """`family` for the experiment's own ladder; others have folders of their own."""
    own = history.experiment.family.ladder
    if ladder is None or ladder.columns == own.columns:
        return FAMILY_FOLDER
    return stated_folder(ladder, history.objectives.cost)


def note_family(files: FamilyFiles, *, briefly: bool = False) -> None:
    """Says each file of a family that was written, removed, or holds another network.

    Args:
        files: What became of the files.
        briefly: Whether to leave out what was written anew.
    """
    for path in () if briefly else files.written:
        note(f"wrote {path}")
    for path, arch_id in files.replaced:
        note(f"{path} held {arch_id} before, of an earlier family of this study")
    for path in files.removed:
        note(f"removed {path}, of an earlier family of this study")
    if not files.written and not briefly:
        note("wrote nothing: every size is empty")


def _ladder(chosen: argparse.Namespace, cost: str) -> StatedLadder | None:
    """The ladder that options state; None for the experiment's."""
    if chosen.ladder is None and chosen.sizes is None:
        return None
    columns: dict[str, Any] = {}
    for text in chosen.ladder or [SPREAD]:
        name, equals, budgets = text.partition("=")
        name, budgets = (name.strip(), budgets) if equals else (cost, text)
        if name in columns:
            raise InputError(f"`--ladder` must limit each cost once, got {name} twice.")
        columns[name] = _budgets(budgets.strip(), chosen.sizes)
    listed = all(isinstance(one, str) and one != SPREAD for one in columns.values())
    if chosen.sizes is not None and listed:
        raise InputError(
            f"`--sizes` is of budgets between two ends, or of `{SPREAD}`, got "
            f"{' and '.join(columns.values())}."
        )
    node = Node({"ladder": columns}, Origin("--ladder"))
    return read_ladder(node.child("ladder"), cost, LADDER_COSTS)


def _budgets(text: str, sizes: int | None) -> Any:
    """Budgets of one cost, as an experiment would spell them."""
    low, ends, high = text.partition("..")
    number = {} if sizes is None else {"sizes": sizes}
    if ends:
        return {"from": low, "to": high, **number}
    return number if number and text == SPREAD else text
