"""`vidnas completion`: what a shell needs to complete our commands, from the grammar.

The scripts are made from the parser itself, so a new command or flag is in them at
once. What is neither a command, a flag nor one of a flag's words is a file, which the
shells complete themselves.
"""

import argparse
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vidnas.cli.command_help import described
from vidnas.cli.output import say

SHELLS = ("bash", "zsh", "fish")


def add_commands(commands: Any) -> None:
    """Adds `completion`."""
    completion = commands.add_parser(
        "completion",
        **described(
            "Prints the script by which a shell completes commands and flags.",
            'eval "$(vidnas completion bash)"     # in ~/.bashrc',
            'eval "$(vidnas completion zsh)"      # in ~/.zshrc',
            "vidnas completion fish > ~/.config/fish/completions/vidnas.fish",
        ),
    )
    completion.add_argument("shell", choices=SHELLS, help="shell to complete in")
    completion.set_defaults(run=show_completion)


def show_completion(chosen: argparse.Namespace) -> None:
    """Prints the script of a shell."""
    grammar = list(_commands(chosen.grammar()))
    scripts = {"bash": bash_script, "zsh": zsh_script, "fish": fish_script}
    say(scripts[chosen.shell](grammar))


@dataclass(frozen=True, slots=True)
class Command:
    """A command as a shell sees it.

    Args:
        words: Words that lead to it, without `vidnas`.
        verbs: What may follow: commands below it by name, with what they do.
        flags: Flags by name, with what they mean.
        values: Words that may follow a flag, by flag; positional ones under "".
    """

    words: tuple[str, ...]
    verbs: dict[str, str]
    flags: dict[str, str]
    values: dict[str, tuple[str, ...]]


def _commands(
    parser: argparse.ArgumentParser, words: tuple[str, ...] = ()
) -> Iterator[Command]:
    """A command and those below it."""
    verbs: dict[str, str] = {}
    flags: dict[str, str] = {}
    values: dict[str, tuple[str, ...]] = {}
    below: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            below = dict(action.choices)
            verbs = {a.dest: a.help or "" for a in action._choices_actions}
            continue
        flags |= dict.fromkeys(action.option_strings, _plain(action.help))
        if action.choices:
            for flag in action.option_strings or [""]:
                values[flag] = tuple(map(str, action.choices))
    yield Command(words, verbs, flags, values)
    for name, one in below.items():
        yield from _commands(one, (*words, name))


def _plain(text: str | None) -> str:
    """The first words of a help, without argparse's own formats."""
    words = (text or "").split("%(")[0].split("(default")[0]
    return words.strip().removesuffix("default").rstrip(" ,;:")


def bash_script(grammar: list[Command]) -> str:
    """The script for bash: a case for each command."""
    cases = []
    for command in grammar:
        path = " ".join(command.words)
        offered = " ".join((*command.verbs, *command.values.get("", ())))
        after = "".join(
            f"        {shlex.quote(flag)}) words={shlex.quote(' '.join(values))} ;;\n"
            for flag, values in command.values.items()
            if flag
        )
        flags = " ".join(command.flags)
        cases.append(
            f"    {shlex.quote(path)})\n      words={shlex.quote(offered)}\n"
            f"      [[ $current == -* ]] && words={shlex.quote(flags)}\n"
            f'      case "$previous" in\n{after}        *) ;;\n      esac ;;\n'
        )
    known = " ".join(shlex.quote(" ".join(c.words)) for c in grammar if c.words)
    return _BASH.replace("CASES", "".join(cases).rstrip()).replace("KNOWN", known)


_BASH = """\
_vidnas() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local path='' words='' word known
  local -a commands=(KNOWN)
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    for known in "${commands[@]}"; do
      if [[ $known == "${path:+$path }$word" ]]; then path=$known; break; fi
    done
  done
  case "$path" in
CASES
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -o bashdefault -F _vidnas vidnas"""


def zsh_script(grammar: list[Command]) -> str:
    """The script for zsh, which runs that of bash."""
    setup = "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit"
    return f"{setup} && bashcompinit\n{bash_script(grammar)}"


def fish_script(grammar: list[Command]) -> str:
    """The script for fish: a line for each word that may stand somewhere."""
    lines = []
    for command in grammar:
        seen = [f"__fish_seen_subcommand_from {word}" for word in command.words]
        if command.verbs:
            names = " ".join(command.verbs)
            seen.append(f"not __fish_seen_subcommand_from {names}")
        start = f"complete -c vidnas -n {shlex.quote('; and '.join(seen) or 'true')}"
        lines += [
            f"{start} -f -a {verb} -d {shlex.quote(about)}"
            for verb, about in command.verbs.items()
        ]
        offered = " ".join(command.values.get("", ()))
        lines += [f"{start} -f -a {shlex.quote(offered)}"] if offered else []
        for flag, about in command.flags.items():
            kind = "l" if flag.startswith("--") else "s"
            line = f"{start} -{kind} {flag.lstrip('-')} -d {shlex.quote(about)}"
            values = " ".join(command.values.get(flag, ()))
            lines.append(f"{line} -x -a {shlex.quote(values)}" if values else line)
    return "\n".join(lines)
