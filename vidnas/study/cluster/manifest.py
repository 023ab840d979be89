"""How does a document for Kubernetes look? YAML that every reader takes alike.

Readers of YAML 1.1 and 1.2 differ on `on`, `1e3` or `012`. Text that is not plainly
text stands in quotes.
"""

import re
from collections.abc import Iterable
from typing import Any

import yaml

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*[A-Za-z0-9_/-]|[A-Za-z]")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan"})


class _Dumper(yaml.SafeDumper):
    """Text is quoted unless it can be nothing else; nothing is an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        """Repeated values are written out: nobody edits anchors by hand."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if "\n" in text and text.isprintable() is False and _is_block(text):
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    style = None if plain else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_block(text: str) -> bool:
    """Whether lines can stand as they are, without a single escape."""
    lines = text.split("\n")
    shown = all(line.isprintable() and line == line.rstrip() for line in lines)
    return shown and not text.startswith((" ", "\n"))


_Dumper.add_representer(str, _text)


def manifest_text(documents: Iterable[dict[str, Any]], heading: str) -> str:
    """Documents one after another, with a comment above.

    Args:
        documents: Documents as plain data.
        heading: Lines of the comment.
    """
    above = "".join(f"# {line}\n" for line in heading.splitlines())
    body = yaml.dump_all(
        documents,
        Dumper=_Dumper,
        sort_keys=False,
        width=4096,
        allow_unicode=True,
        explicit_start=True,
    )
    return above + body
