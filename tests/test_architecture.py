"""The house rules that no single module can keep: light import, floors, size."""

import ast
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import vidnas
from vidnas.cli.commands import COMMANDS

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "vidnas").rglob("*.py"))
ROOMS = sorted({f"vidnas.cli.{room}" for room, _ in COMMANDS.values()})
HEAVY = {"tensorflow", "keras", "keras_tuner", "ray", "pandas", "altair", "optuna"}


def name_of(path):
    return str(path.relative_to(ROOT))


# One after another in one process: the first one that loads what is heavy is named.
IMPORTS = """
import importlib, json, sys
loaded = {}
for module in sys.argv[1:]:
    importlib.import_module(module)
    loaded[module] = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps(loaded))
"""


def test_importing_stays_light():
    modules = ["vidnas", "vidnas.cli.main", *ROOMS]
    ran = subprocess.run(
        [sys.executable, "-c", IMPORTS, *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = json.loads(ran.stdout)
    assert list(loaded) == modules
    heavy = {module: HEAVY & set(names) for module, names in loaded.items()}
    assert {module: names for module, names in heavy.items() if names} == {}


def test_exports_are_sorted_and_exist():
    names = vidnas.__all__
    assert list(names) == sorted(set(names))
    assert [name for name in names if not hasattr(vidnas, name)] == []


def test_every_import_of_the_package_is_exported():
    tree = ast.parse((ROOT / "vidnas" / "__init__.py").read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    public = {name for name in imported if not name.startswith("_")}
    assert public - set(vidnas.__all__) == set()


@pytest.mark.parametrize(
    "path", [p for p in MODULES if p.name == "__init__.py"], ids=name_of
)
def test_a_room_is_named_by_a_docstring(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    hands_on = "__all__" in path.read_text(encoding="utf-8")  # a face
    if not hands_on:
        assert len(tree.body) == 1, f"{name_of(path)} must hold a docstring only"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_is_above_400_lines(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 400, f"{name_of(path)} has {lines} lines: split it"


def is_overload(node):
    return any(ast.unparse(one) == "overload" for one in node.decorator_list)


def undocumented(body, prefix=""):
    """Public functions, classes and methods without a docstring; overloads aside."""
    for node in body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_") or is_overload(node):
            continue
        if not ast.get_docstring(node):
            yield f"{prefix}{node.name}"
        if isinstance(node, ast.ClassDef):
            yield from undocumented(node.body, f"{node.name}.")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_everything_public_says_what_it_is(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    assert list(undocumented(tree.body)) == []


WITHOUT_A_NOUN = ("Of ", "See ", "The same")


def argument_lines(docstring):
    """The first line of each argument in the Args section of a docstring."""
    _, _, section = docstring.partition("\nArgs:\n")
    # The section ends where a line stands at the margin again.
    section = re.split(r"^\S", section, maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^    (\*{0,2}\w+: .*)", section, flags=re.MULTILINE)


def unreadable_alone(tree):
    """Argument lines that begin as if the line above had been read."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            for line in argument_lines(ast.get_docstring(node) or ""):
                if line.partition(": ")[2].startswith(WITHOUT_A_NOUN):
                    yield f"{getattr(node, 'name', 'module')}: {line}"


def test_argument_lines_are_read_from_the_args_section_alone():
    docstring = """Cost of a layer.

    Args:
        width: Of the layer,
            Of which is not looked at.
        **options: See `cost`.

    Returns:
        Of: nothing.
    """
    lines = ["width: Of the layer,", "**options: See `cost`."]
    assert argument_lines(inspect.cleandoc(docstring)) == lines


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_line_of_an_argument_makes_sense_read_alone(path):
    found = list(unreadable_alone(ast.parse(path.read_text(encoding="utf-8"))))
    assert found == []


def test_imports_only_go_down():
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
