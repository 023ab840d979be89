"""Which commands are there, and which module holds each of them?

A module is imported when its command is typed: nobody who asks for a front waits for
the decoders of a training.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

COMMANDS = {  # name: module of `vidnas.cli`, what the overview says of it
    "init": ("init", "write a first experiment for clips of your own"),
    "space": ("space", "look at a search space"),
    "cost": ("cost", "parameters, FLOPs and memory of a network"),
    "latency": ("latency", "how long networks take on a device"),
    "search": ("search", "run, resume or extend a study"),
    "submit": ("submit", "run a study on a cluster: Ray Jobs, Slurm, Kubernetes"),
    "doctor": ("doctor", "check this machine, and every node of a cluster"),
    "repeat": ("repeat", "networks of a study again, under other seeds"),
    "import": ("import_trials", "take in trials that were made elsewhere"),
    "proxy": ("proxy", "how well does a cheap training rank"),
    "status": ("status", "how a study stands, from any terminal or node"),
    "front": ("results", "the Pareto front of a study"),
    "report": ("report", "one self-contained page on a study"),
    "why": ("why", "which choices matter at equal cost, beyond luck"),
    "family": ("family", "A0..A5 by a ladder of budgets"),
    "paper": ("paper", "figures, tables and methods of a study, for print"),
    "compare": ("compare", "seeds, strategies and studies side by side"),
    "board": ("board", "all studies of a folder in a browser, live"),
    "track": ("track", "show a study in TensorBoard, MLflow or Weights & Biases"),
    "repair": ("repair", "bring back what a damaged journal still holds"),
    "train": ("train", "train one architecture fully"),
    "predict": ("predict", "the most probable classes of videos"),
    "evaluate": ("evaluate", "accuracy of a network on the clips of a dataset"),
    "stream": ("stream", "follow a video, frame by frame"),
    "export": ("export", "a network as a file: LiteRT, SavedModel, ONNX, Keras"),
    "ensemble": ("ensemble", "make one network of several, each on every n-th frame"),
    "data": ("data", "video datasets"),
    "completion": ("completion", "complete commands in bash, zsh or fish"),
}


@dataclass(frozen=True)
class Commands:
    """Where modules add their commands, each with its line in the overview.

    Args:
        action: Commands of the parser, as argparse holds them.
    """

    action: Any

    def add_parser(self, name: str, **words: Any) -> Any:
        """The parser of a command, as argparse's own `add_parser` gives it."""
        return self.action.add_parser(name, help=COMMANDS[name][1], **words)


def add_all(action: Any, names: Iterable[str]) -> None:
    """Adds every command: those that are wanted whole, of others the name alone.

    Args:
        action: Commands of the parser, as argparse holds them.
        names: Names of the commands that are wanted whole.
    """
    commands = Commands(action)
    whole = {COMMANDS[name][0] for name in names}
    for name, (module, _) in COMMANDS.items():
        if name in action.choices:
            continue
        if module in whole:
            import_module(f"vidnas.cli.{module}").add_commands(commands)
        else:
            commands.add_parser(name)
