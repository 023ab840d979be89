"""How is an expression written? Text to tree and back, with a whitelist.

The grammar is Python's, so a whole expression means there what it means here; only
arithmetic, comparisons, `and`, `or`, `not`, `a if b else c`, dotted names and the
functions of `FUNCTIONS` are let in. Nothing is ever executed.
"""

import ast
import warnings

from vidnas.architecture.kernel import Kernel
from vidnas.documents.suggestion import nearest
from vidnas.errors import InputError, SpaceError
from vidnas.space.language.expression import (
    Call,
    Constant,
    Expression,
    Name,
    as_expression,
    call,
)
from vidnas.space.language.functions import FUNCTIONS

_BINARY: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.And: "and",
    ast.Or: "or",
}
_NAMED = tuple(name for name in FUNCTIONS if name.isidentifier() and len(name) > 3)
_CALLABLE = (*_NAMED, "min", "max", "abs")
_CONSTANTS = {"true": True, "false": False}
LENGTH = 500  # characters of an expression
# How tightly each binds, as in Python; functions and names bind tightest.
_BINDING = {
    "if": 0,
    "or": 1,
    "and": 2,
    "not": 3,
    **dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "//", "%"), 6),
}
_ATOM = 9


def parse_expression(text: str) -> Expression:
    """The tree that `text` spells.

    Raises:
        SpaceError: it is no expression, or holds what is not let in.
    """
    if len(text) > LENGTH:
        raise SpaceError(
            f"An expression must have at most {LENGTH} characters, got {len(text)}."
        )
    text = " ".join(text.split())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as `\\d` in quotes
            tree = ast.parse(text, mode="eval")
        return _tree(tree.body, text)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as wrong:
        if isinstance(wrong, InputError):
            raise
        reason = getattr(wrong, "msg", "") or "it is too deep"
        shown = text if len(text) <= 80 else f"{text[:77]}..."
        raise SpaceError(
            f"`{shown}` must be an expression such as `round8(24 * width)`: "
            f"{reason.rstrip('.')}."
        ) from wrong


def _tree(node: ast.expr, text: str) -> Expression:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
        return Constant(node.value)
    if isinstance(node, ast.Name | ast.Attribute):
        return _name(node, text)
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return call(
            _BINARY[type(node.op)], _tree(node.left, text), _tree(node.right, text)
        )
    if isinstance(node, ast.UnaryOp):
        return _signed(node, text)
    if isinstance(node, ast.BoolOp):
        return _join(_BINARY[type(node.op)], [_tree(v, text) for v in node.values])
    if isinstance(node, ast.Compare) and all(type(op) in _BINARY for op in node.ops):
        return _compare(node, text)
    if isinstance(node, ast.IfExp):
        parts = (node.test, node.body, node.orelse)
        return call("if", *(_tree(part, text) for part in parts))
    if isinstance(node, ast.Call):
        return _call(node, text)
    raise _refuse(node, text)


def _refuse(node: ast.AST, text: str) -> SpaceError:
    part = ast.get_source_segment(text.strip(), node) or text
    return SpaceError(
        f"`{part}` must be arithmetic, a comparison, `and`, `or`, `not`, `a if b else "
        f"c`, a name or one of {', '.join(_CALLABLE)}."
    )


def _name(node: ast.Name | ast.Attribute, text: str) -> Expression:
    parts: list[str] = []
    inner: ast.expr = node
    while isinstance(inner, ast.Attribute):
        parts.insert(0, inner.attr)
        inner = inner.value
    if not isinstance(inner, ast.Name):
        raise _refuse(node, text)
    name = ".".join([inner.id, *parts])
    if name in _CONSTANTS:
        return Constant(_CONSTANTS[name])
    return Name(name)


def _signed(node: ast.UnaryOp, text: str) -> Expression:
    inner = _tree(node.operand, text)
    if isinstance(node.op, ast.Not):
        return call("not", inner)
    if isinstance(node.op, ast.USub):
        return call("-", 0, inner)
    if isinstance(node.op, ast.UAdd):
        return inner
    raise _refuse(node, text)


def _join(word: str, parts: list[Expression]) -> Expression:
    joined = parts[0]
    for part in parts[1:]:
        joined = call(word, joined, part)
    return joined


def _compare(node: ast.Compare, text: str) -> Expression:
    sides = [_tree(side, text) for side in (node.left, *node.comparators)]
    signs = [_BINARY[type(op)] for op in node.ops]
    pairs = zip(signs, sides[:-1], sides[1:], strict=True)
    return _join("and", [call(sign, left, right) for sign, left, right in pairs])


def _call(node: ast.Call, text: str) -> Expression:
    if not isinstance(node.func, ast.Name) or node.keywords:
        raise _refuse(node, text)
    if node.func.id not in _CALLABLE:
        raise SpaceError(
            f"A function must be one of {', '.join(_CALLABLE)}, got "
            f"`{node.func.id}`.{nearest(node.func.id, _CALLABLE)}"
        )
    return call(node.func.id, *(_tree(argument, text) for argument in node.args))


def expression_text(expression: Expression) -> str:
    """The text of a tree, which parses to an equal one."""
    return _text(expression, 0)


def _text(expression: Expression, around: int) -> str:
    binding, text = _spell(as_expression(expression))
    return f"({text})" if binding < around else text


def _spell(expression: Expression) -> tuple[int, str]:
    if isinstance(expression, Name):
        return _ATOM, expression.name
    if isinstance(expression, Constant):
        value = expression.constant
        if isinstance(value, bool):
            return _ATOM, str(value).lower()
        if isinstance(value, str | Kernel):
            return _ATOM, f"'{value}'"
        return (_ATOM if value >= 0 else _BINDING["-"]), repr(value)
    assert isinstance(expression, Call)
    word, parts = expression.function, expression.arguments
    if word not in _BINDING:
        return _ATOM, f"{word}({', '.join(_text(part, 0) for part in parts)})"
    binding = _BINDING[word]
    if word == "if":
        test, met, unmet = parts
        texts = (_text(met, 1), _text(test, 1), _text(unmet, 0))
        return binding, "{} if {} else {}".format(*texts)
    if word == "not":
        return binding, f"not {_text(parts[0], binding)}"
    # Left to right; comparisons do not chain, so both their sides are bracketed.
    left = binding + 1 if binding == _BINDING["<"] else binding
    return binding, f"{_text(parts[0], left)} {word} {_text(parts[1], binding + 1)}"
