"""The house as its listing says it: rooms, faces, purity, and no circle anywhere."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "vidnas"
# Every room stands on exactly one of the two lists.
PURE = {
    "architecture",
    "budgets",
    "costs",
    "documents",
    "space",
    "statistics",
    "strategies",
    "trials",
}
NOT_PURE = {
    "cli",
    "clips",
    "cluster",
    "datasets",
    "deploy",
    "files",
    "integrations",
    "nets",
    "study",
    "training",
    "video",
    "views",
}
GROUND = {"arrays.py", "errors.py", "lazy.py", "version.py", "whole_file.py"}
DOOR = {"__init__.py", "__main__.py", "py.typed"}
FACES = {
    "architecture",
    "architecture/published",
    "budgets",
    "costs",
    "nets",
    "space",
    "strategies",
    "study",
    "training",
    "trials",
}
# What reads a file, asks a clock or the environment, or starts a process.
IMPURE_MODULES = {
    "glob",
    "io",
    "os",
    "pathlib",
    "random",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "datetime",
}
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}
NO_NAMES = {"core", "runs", "given", "placed", "many", "kinds", "words", "utils"}
NO_NAMES |= {"common", "base", "helpers"}
HEAVY = {"tensorflow", "keras", "keras_tuner", "ray", "pandas", "altair", "optuna"}
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(
        ".__init__"
    ): path
    for path in sorted(HOUSE.rglob("*.py"))
}


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(name):
    """Modules of ours that one imports anywhere, for types and inside functions too."""
    found = set()
    for node in ast.walk(tree_of(MODULES[name])):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in MODULES}
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in MODULES else node.module)
    return found


GRAPH = {name: imports_of(name) for name in MODULES}


def circles(graph):
    """Strongly connected parts of more than one node, or one that names itself."""
    order, seen = [], set()

    def visit(start, edges, into):
        stack = [(start, iter(sorted(edges[start])))]
        seen.add(start)
        while stack:
            node, left = stack[-1]
            following = next((n for n in left if n not in seen), None)
            if following is None:
                into.append(node)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(sorted(edges[following]))))

    for node in graph:
        if node not in seen:
            visit(node, graph, order)
    back = {node: set() for node in graph}
    for node, targets in graph.items():
        for target in targets:
            back[target].add(node)
    seen.clear()
    found = []
    for node in reversed(order):
        if node not in seen:
            part = []
            visit(node, back, part)
            if len(part) > 1 or node in graph[node]:
                found.append(sorted(part))
    return found


def test_circles_are_found():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"d"}, "e": {"a"}}
    assert sorted(circles(graph)) == [["b", "c"], ["d"]]


def test_nothing_imports_in_a_circle_not_even_for_types():
    assert len(GRAPH) > 200
    assert circles(GRAPH) == []


def test_every_room_is_pure_or_says_that_it_is_not():
    rooms = {path.name for path in HOUSE.iterdir() if (path / "__init__.py").exists()}
    assert PURE.isdisjoint(NOT_PURE)
    assert rooms == PURE | NOT_PURE
    files = {path.name for path in HOUSE.iterdir() if path.is_file()}
    assert files == GROUND | DOOR


def test_the_import_contract_knows_the_same_pure_rooms():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contracts = tomllib.loads(text)["tool"]["importlinter"]["contracts"]
    (pure,) = [c for c in contracts if c["name"].startswith("the pure rooms")]
    ground = {Path(name).stem for name in GROUND} - {"version", "whole_file"}
    named = {module.removeprefix("vidnas.") for module in pure["source_modules"]}
    assert named == PURE | ground


def pure_modules():
    return [p for p in MODULES.values() if p.relative_to(HOUSE).parts[0] in PURE]


@pytest.mark.parametrize(
    "path", pure_modules(), ids=lambda path: str(path.relative_to(ROOT))
)
def test_nothing_pure_opens_a_file_or_asks_a_clock_or_the_environment(path):
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names = {alias.name.partition(".")[0] for alias in node.names}
            assert names.isdisjoint(IMPURE_MODULES)
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").partition(".")[0] not in IMPURE_MODULES
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in IMPURE_CALLS


def test_no_module_or_folder_has_a_name_that_says_nothing():
    names = {part for path in MODULES.values() for part in path.with_suffix("").parts}
    inside = {
        part
        for path in MODULES.values()
        for part in path.relative_to(HOUSE).with_suffix("").parts
    }
    assert names  # there are modules
    assert inside.isdisjoint(NO_NAMES)


def test_the_largest_room_holds_less_than_17_percent_of_the_lines():
    lines = dict.fromkeys(PURE | NOT_PURE, 0)
    whole = 0
    for path in MODULES.values():
        count = len(path.read_text(encoding="utf-8").splitlines())
        whole += count
        room = path.relative_to(HOUSE).parts[0]
        if room in lines:
            lines[room] += count
    assert {room: n for room, n in lines.items() if n >= 0.17 * whole} == {}


def floors(room):
    """How high a room is: the longest chain of imports among what lies in it."""

    def box(name):
        return ".".join(name.split(".")[:3])

    boxes = {}
    for name, targets in GRAPH.items():
        if name.split(".")[1:2] == [room] and name.count(".") >= 2:
            inside = {box(t) for t in targets if t.split(".")[1:2] == [room]}
            inside -= {box(name), f"vidnas.{room}"}
            boxes.setdefault(box(name), set()).update(inside)

    def height(name):
        return 1 + max((height(below) for below in boxes[name]), default=0)

    return max(map(height, boxes))


@pytest.mark.parametrize("room", sorted(PURE | NOT_PURE))
def test_no_room_is_higher_than_six_floors(room):
    assert floors(room) <= 6


@pytest.mark.parametrize("face", sorted(FACES))
def test_a_face_loads_nothing_heavy_and_hands_on_what_it_says(face):
    package = f"vidnas.{face.replace('/', '.')}"
    script = (
        f"import {package} as face, json, sys\n"
        "light = [name.partition('.')[0] for name in sys.modules]\n"
        "print(json.dumps([face.__all__, light]))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names, loaded = json.loads(ran.stdout)
    assert set(loaded) & HEAVY == set()
    assert len(names) == len(set(names)) > 0
    # A name that is also a module or a folder would hide one of the two.
    folder = HOUSE / face
    modules = {path.stem for path in folder.glob("*.py")}
    modules |= {path.parent.name for path in folder.glob("*/__init__.py")}
    assert set(names).isdisjoint(modules)
    shown = ast.get_docstring(tree_of(folder / "__init__.py"))
    assert shown
    if "/" not in face:
        assert "```text" in shown  # a small map


@pytest.mark.keras
@pytest.mark.parametrize("face", sorted(FACES))
def test_every_name_of_a_face_is_there(face):
    import importlib

    module = importlib.import_module(f"vidnas.{face.replace('/', '.')}")
    for name in module.__all__:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = module.no_such_name


@pytest.mark.parametrize("face", sorted(FACES))
def test_the_map_of_a_room_names_what_lies_in_it(face):
    folder = HOUSE / face
    shown = ast.get_docstring(tree_of(folder / "__init__.py")) or ""
    found = re.search(r"```text\n(.*?)```", shown, re.DOTALL)
    if found is None:
        assert "/" in face
        return
    named = set(re.findall(r"\w+", found.group(1)))
    folders = {path.parent.name for path in folder.glob("*/__init__.py")}
    assert folders <= named


def test_code_imports_modules_and_never_a_face():
    faces = {f"vidnas.{face.replace('/', '.')}" for face in FACES} | {"vidnas"}
    through = {
        f"{name} imports {target}"
        for name, targets in GRAPH.items()
        for target in targets & faces
    }
    assert through == set()


def test_tests_mirror_the_rooms():
    rooms = {
        path.name
        for path in (ROOT / "tests").iterdir()
        if path.is_dir() and not path.name.startswith("__")
    }
    assert rooms - {"contracts", "golden"} <= PURE | NOT_PURE
    assert rooms >= PURE
