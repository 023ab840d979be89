"""Every command says what it does, with examples that are understood."""

import argparse
import shlex

import pytest

from vidnas.cli.main import parser


def commands(one=None, words=()):
    one = one or parser()
    yield pytest.param(words, one, id=" ".join(words) or "vidnas")
    for action in one._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                yield from commands(below, (*words, name))


@pytest.mark.parametrize(("words", "command"), list(commands())[1:])
def test_help_has_a_sentence_two_examples_and_exit_codes(words, command):
    text = command.format_help()
    assert command.description.endswith(".")
    assert "exit codes: 0 done, 1 the run failed, 2 the input is wrong" in text
    _, _, epilog = text.partition("examples:\n")
    examples = [line for line in epilog.splitlines() if "vidnas" in line]
    assert len(examples) >= 2
    for example in examples:
        if example.strip().startswith("vidnas"):
            typed = shlex.split(example.split(">")[0])[1:]
            assert typed[: len(words)] == list(words)
            assert callable(parser().parse_args(typed).run)


@pytest.mark.parametrize(
    ("words", "says"),
    [([], "COMMAND"), (["space"], "VERB"), (["latency"], "VERB"), (["data"], "VERB")],
    ids=str,
)
def test_a_command_without_its_verb_prints_help(words, says, vidnas):
    code, out, err = vidnas(*words)
    assert (code, err) == (0, "")
    assert out.startswith("usage: vidnas")
    assert says in out
    assert "exit codes: " in out
