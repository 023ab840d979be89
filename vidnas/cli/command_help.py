"""What does `--help` say of a command? A sentence, examples, and its exit codes."""

import argparse
import textwrap
from typing import Any

EXIT_CODES = (
    "exit codes: 0 done, 1 the run failed, 2 the input is wrong, 130 interrupted"
)


def described(sentence: str, *examples: str) -> dict[str, Any]:
    """Arguments of `add_parser` for the help of a command.

    Args:
        sentence: What the command does, and what it writes.
        examples: Whole commands as a user types them.
    """
    lines = "\n".join(f"  {example}" for example in examples)
    return {
        "description": textwrap.fill(sentence, 80),
        "epilog": f"examples:\n{lines}\n\n{EXIT_CODES}",
        "formatter_class": argparse.RawDescriptionHelpFormatter,
    }


def show_help_alone(parser: argparse.ArgumentParser) -> None:
    """Lets a command without a verb print its help."""
    parser.set_defaults(run=lambda _: parser.print_help())
