"""Completion as the shells themselves answer it."""

import shutil
import subprocess

import pytest

from vidnas.cli.completion import SHELLS

ASKED = [
    ("vidnas ", {"space", "search", "family", "train", "completion"}),
    ("vidnas sp", {"space"}),
    ("vidnas space ", {"show", "diff", "scale"}),
    ("vidnas search --st", {"--study"}),
    ("vidnas search --resume ", {"auto", "must", "never"}),
    ("vidnas space show --cl", {"--classes"}),
    ("vidnas completion ", set(SHELLS)),
]
# Each shell is told a line and prints what it offers.
BASH = """
set -u
{script}
COMP_LINE={line!r}
read -ra COMP_WORDS <<< "$COMP_LINE"
[[ $COMP_LINE == *" " ]] && COMP_WORDS+=("")
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_vidnas
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
FISH = "{script}\ncomplete -C{line!r}\n"


def offered(shell, program):
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed here")
    flags = ["--norc"] if shell == "bash" else []
    ran = subprocess.run(
        [path, *flags], input=program, capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""
    return {line.split("\t")[0].strip() for line in ran.stdout.splitlines()}


@pytest.fixture(scope="module")
def script():
    """`script(shell)`: what the command prints."""
    import contextlib
    import io

    from vidnas.cli.main import main

    def printed(shell):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            assert main(["completion", shell]) == 0
        return out.getvalue()

    return printed


@pytest.mark.parametrize(("line", "words"), ASKED)
def test_bash_completes(line, words, script):
    found = offered("bash", BASH.format(script=script("bash"), line=line))
    assert words <= found
    assert all(word.startswith(line.rpartition(" ")[2]) for word in found)


@pytest.mark.parametrize(("line", "words"), ASKED)
def test_fish_completes(line, words, script):
    assert words <= offered("fish", FISH.format(script=script("fish"), line=line))


def test_zsh_reads_the_script_and_knows_the_command(script):
    program = f"{script('zsh')}\nprint -- ${{_comps[vidnas]}}\n"
    assert any("_vidnas" in line for line in offered("zsh", program))


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_flag_is_in_the_script(shell, script):
    text = script(shell)
    for word in ("search", "decode", "motion", "family"):
        assert word in text
    for flag in ("--ladder", "--address", "--learning-rate"):
        assert (flag if shell != "fish" else flag[2:]) in text
