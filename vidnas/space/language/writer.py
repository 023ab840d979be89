"""How does a space become a document? One normal form, however it was written."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from vidnas.architecture.fields import DECIDED
from vidnas.space.language.declaration import SpaceDeclaration
from vidnas.space.language.expression import Constant, alike
from vidnas.space.language.options import spell

# Where numbers need not be whole.
_FRACTIONS = ("named", "expand", "multiplier", "squeeze_ratio", "fps")
SPACE_SCHEMA = "vidnas.space/v1"


def space_document(space: SpaceDeclaration) -> dict[str, Any]:
    """The space as plain data, in the order a person reads it."""
    document: dict[str, Any] = {"schema": SPACE_SCHEMA, "name": space.name}
    if space.block != "movinet":
        document["block"] = space.block
    for key, given in (("choices", space.named), ("derived", space.derived)):
        if given:
            document[key] = {name: spell(spec) for name, spec in given.items()}
    document["clip"] = space.clip.to_document()
    document["stem"] = space.stem.to_document()
    document["stages"] = [stage.to_document() for stage in space.stages]
    document["head"] = space.head.to_document()
    for field in DECIDED["network"]:
        spec = getattr(space, field.name)
        if field.name == "activation" or not alike(spec, Constant(field.default)):
            document[field.place] = spell(spec)
    if space.rules:
        document["rules"] = {n: spell(rule) for n, rule in space.rules.items()}
    return document


def document_hash(document: Mapping[str, Any], *, as_written: bool = False) -> str:
    """Identity of a document: 16 hexadecimal digits; 1 and 1.0 alike, or as written."""
    facts = _hashed("", document, as_written)
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _hashed(key: str, value: Any, as_written: bool) -> Any:
    if isinstance(value, Mapping):
        named = "named" if key == "choices" else ""
        inner = {
            k: _hashed(named or (key if k == "options" else k), v, as_written)
            for k, v in value.items()
        }
        return [*inner.items()] if key == "choices" else inner  # an order of candidates
    if isinstance(value, list) and isinstance(value[0], Mapping):
        return [_hashed(key, one, as_written) for one in value]
    numbers = value if isinstance(value, list) else [value]
    all_numbers = all(type(number) in (int, float) for number in numbers)
    if as_written or key not in _FRACTIONS or not all_numbers:
        return value
    whole = key == "named" and all(number == int(number) for number in numbers)
    plain = [int(number) if whole else float(number) for number in numbers]
    return plain if isinstance(value, list) else plain[0]
