"""What does an experiment say of stopping trials? By which rule, if by any.

A stopped trial is compared with none, so the rule changes how effort is spent and not
what a done trial means: it may change while a study goes on.
"""

from dataclasses import asdict
from typing import Any

from vidnas.documents.node import Node
from vidnas.trials.stopping import AFTER_EPOCHS, CONFIDENCE, CurveRule

RULES = ("curve", "none")


def read_stopping(node: Node) -> CurveRule | None:
    """The `stopping` of an experiment: `{rule: curve, after_epochs: 2}`.

    Raises:
        InputError: the rule is unknown, or a number is out of range.
    """
    node.fields("rule", "after_epochs", "confidence")
    if node.need("rule").one_of(*RULES) == "none":
        return None
    return CurveRule(
        node.read("after_epochs", Node.integer, AFTER_EPOCHS),
        node.read("confidence", _confidence, CONFIDENCE),
    )


def stopping_document(rule: CurveRule | None) -> dict[str, Any]:
    """The rule as an experiment spells it; nothing where there is none."""
    return {} if rule is None else {"stopping": {"rule": "curve", **asdict(rule)}}


def _confidence(node: Node) -> float:
    share = node.number()
    if not 0.5 <= share <= 0.999:
        raise node.error(f"`{node.label}` must be from 0.5 to 0.999")
    return share
