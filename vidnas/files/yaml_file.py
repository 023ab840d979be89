"""How do documents reach the disk and come back? YAML with a line for every value."""

import re
from pathlib import Path
from typing import Any

import yaml

from vidnas.documents.node import Node, Origin
from vidnas.documents.node import Path as Keys
from vidnas.errors import InputError


class _Loader(yaml.SafeLoader):
    """YAML 1.2 numbers and flags: `1e-3` is a number, `on` and `12:30` are text."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in ("tag:yaml.org,2002:" + name for name in ("bool", "float", "int"))
        and tag != "tag:yaml.org,2002:timestamp"
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    """`010` is ten, as in YAML 1.2; PyYAML reads octal."""
    return int(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_SCALARS = (
    ("bool", r"true|false", "tf"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?",
        "-+.0123456789",
    ),
)
for _tag, _pattern, _first in _SCALARS:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first)
    )


MOST_VALUES = 100_000  # in a document
_TEXT = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")


def load_document(path: Path, error: type[InputError] = InputError) -> Node:
    """The document in a YAML file; its errors name the file and the line.

    Args:
        path: YAML file.
        error: Error class of this document, which every wrong value raises.

    Raises:
        InputError: the file cannot be read, is not valid YAML, nests too deeply or
            holds too many values, or a key is not text or stands twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as wrong:
        raise error(f"{path} cannot be read: {wrong.strerror}.") from wrong
    except UnicodeDecodeError as wrong:
        raise error(f"{path} cannot be read: it is not UTF-8 text.") from wrong
    lines: dict[Keys, int] = {}
    try:
        loader = _Loader(text)
        tree = loader.get_single_node()
        value = loader.construct_document(tree) if tree is not None else None
        if tree is not None:
            _note_lines(tree, (), lines, path, error)
    except yaml.MarkedYAMLError as wrong:
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else 1
        what = str(wrong.problem).splitlines()[0].rstrip(".")
        raise error(f"{path}, line {line} is not valid YAML: {what}.") from wrong
    except yaml.reader.ReaderError as wrong:
        line = text.count("\n", 0, wrong.position) + 1
        raise error(
            f"{path}, line {line} is not valid YAML: it must not hold the control "
            f"character U+{wrong.character:04X}."
        ) from wrong
    except RecursionError as wrong:
        raise error(f"{path} nests too deeply to be read.") from wrong
    except (ValueError, TypeError, KeyError, AttributeError) as wrong:
        if isinstance(wrong, InputError):
            raise
        # PyYAML's own constructors, of tags such as `!!timestamp x`.
        raise error(
            f"{path} is not valid YAML: a value does not fit its tag."
        ) from wrong
    return Node(value, Origin(str(path), lines, error))


def _note_lines(
    tree: yaml.Node,
    keys: Keys,
    lines: dict[Keys, int],
    path: Path,
    error: type[InputError],
) -> None:
    lines.setdefault(keys, tree.start_mark.line + 1)
    if len(lines) > MOST_VALUES:  # aliases of aliases double at every line
        raise error(f"{path} must hold at most {MOST_VALUES} values, it holds more.")
    if isinstance(tree, yaml.MappingNode):
        for key, value in tree.value:
            below = (*keys, key.value)
            line = key.start_mark.line + 1
            if key.tag not in _TEXT:
                said = (
                    f"`{key.value}`" if isinstance(key, yaml.ScalarNode) else "a list"
                )
                raise error(f"{path}, line {line}: a key must be text, got {said}.")
            if below in lines:
                raise error(
                    f"{path}, line {line}: `{key.value}` must stand once, it is on "
                    f"line {lines[below]} already."
                )
            lines[below] = line
            _note_lines(value, below, lines, path, error)
    elif isinstance(tree, yaml.SequenceNode):
        for index, value in enumerate(tree.value):
            _note_lines(value, (*keys, index), lines, path, error)


SHORT = 4  # keys of a mapping that takes one line


class _Dumper(yaml.SafeDumper):
    """Block style, except lists and short mappings of plain values."""

    def ignore_aliases(self, data: Any) -> bool:
        """Repeated values are written out: nobody edits anchors by hand."""
        return True

    def represent_mapping(
        self, tag: str, mapping: Any, flow_style: bool | None = None
    ) -> yaml.MappingNode:
        """A short mapping of plain values takes one line."""
        short = len(mapping) <= SHORT and _is_plain(mapping.values())
        return super().represent_mapping(tag, mapping, flow_style=short)

    def represent_sequence(
        self, tag: str, sequence: Any, flow_style: bool | None = None
    ) -> yaml.SequenceNode:
        """A list of plain values takes one line."""
        return super().represent_sequence(tag, sequence, _is_plain(sequence))


# Text that `_Loader` would read as a number is quoted, such as the `arch_id`
# 1234567890e12345.
for _tag, _pattern, _first in _SCALARS:
    _Dumper.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first)
    )


def _is_plain(values: Any) -> bool:
    return not any(isinstance(value, dict | list) for value in values)


def dump_document(document: dict[str, Any]) -> str:
    """The document as YAML, keys in their order."""
    return yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, width=88, allow_unicode=True
    )
