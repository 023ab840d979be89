"""`vidnas space decode`: which network does the text of a candidate name?"""

import argparse
from typing import Any

from vidnas.cli.arguments import positive
from vidnas.cli.command_help import described
from vidnas.cli.cost import NetworkFacts, cost_text
from vidnas.cli.output import say, say_json, table
from vidnas.costs.network_cost import CLASSES, cost
from vidnas.files.loading import load_space
from vidnas.space.candidate import Candidate
from vidnas.space.candidate_text import candidate_text, read_candidate
from vidnas.space.space import Space


def add_verb(verbs: Any) -> None:
    """Adds `space decode`."""
    decode = verbs.add_parser(
        "decode",
        help="the network of a candidate's text",
        **described(
            "Prints the choices and costs of the candidate that a text names.",
            "vidnas space decode mine.yaml mine/78279f:0.2.1:9c41",
            "vidnas space decode mine.yaml mine/78279f:0.2.1:9c41 --json",
        ),
    )
    decode.add_argument("space", metavar="SPACE", help="file of a search space")
    decode.add_argument(
        "candidate",
        metavar="TEXT",
        help="such as quickstart/78279f:0.2.1:9c41, from `vidnas front --json`",
    )
    decode.add_argument(
        "--classes", type=positive, default=CLASSES, help="default %(default)s"
    )
    decode.add_argument("--json", action="store_true")
    decode.set_defaults(run=show_candidate)


def show_candidate(chosen: argparse.Namespace) -> None:
    """Prints the choices of a candidate, and what its network costs."""
    space = load_space(chosen.space)
    candidate = read_candidate(space, chosen.candidate)
    architecture = space.decode(candidate)
    priced = cost(architecture, chosen.classes)
    text, choices = candidate_text(space, candidate), chosen_options(space, candidate)
    if chosen.json:
        say_json(
            {
                "candidate": text,
                "space": space.name,
                "space_hash": space.space_hash,
                "choices": choices,
                "arch_id": architecture.arch_id,
                "classes": chosen.classes,
                **priced.to_document(),
            }
        )
        return
    say(f"candidate  {text}")
    say(f"space      {space.name}, hash {space.space_hash}")
    say(f"arch_id    {architecture.arch_id}\n")
    if choices:
        say(f"{table(['choice', 'option'], list(map(list, choices.items())))}\n")
    say(cost_text(NetworkFacts(text, architecture, chosen.classes, priced)))


def chosen_options(space: Space, candidate: Candidate) -> dict[str, str]:
    """The option that a candidate takes of each choice that shapes its network."""
    active = {choice.name for choice in space.active(candidate)}
    return {
        choice.name: str(choice.options[index])
        for choice, index in zip(space.choices, candidate, strict=True)
        if choice.name in active
    }
