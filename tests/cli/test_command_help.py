"""Every command says what it does, with examples that are understood."""

import argparse
import shlex
import subprocess
import sys

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
    [
        (["serch"], "got `serch`. Did you mean `search`? See `vidnas --help`."),
        (["space", "shw"], "Did you mean `show`? See `vidnas space --help`."),
        (["search", "x", "--resume", "no"], "must, never, got `no`. See `vidnas sear"),
        (
            ["search", "x", "--trails", "3"],
            "unrecognized arguments: --trails 3. Did you mean `--trials`? See "
            "`vidnas search --help`.",
        ),
        (["cost", "x", "y"], "unrecognized arguments: y. See `vidnas cost --help`."),
    ],
    ids=str,
)
def test_a_wrong_word_is_answered_by_its_command_with_the_nearest(words, says, vidnas):
    code, out, err = vidnas(*words)
    assert (code, out) == (2, "")
    assert says in err
    assert len(err.splitlines()) == 1


def test_a_command_loads_no_module_of_another():
    script = (
        "import sys; from vidnas.cli.main import main; main(['cost', 'movinet-a0']); "
        "sys.exit(int('av' in sys.modules or 'vidnas.cli.train' in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_overview_is_the_same_whatever_was_typed():
    assert parser(["cost"]).format_help() == parser().format_help()


def test_an_error_with_its_traceback_keeps_its_exit_code(vidnas):
    code, _, err = vidnas("--traceback", "front", "nowhere")
    assert code == 2
    assert err.startswith("Traceback")
    assert err.splitlines()[-1].startswith("error: A study folder must hold")


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
