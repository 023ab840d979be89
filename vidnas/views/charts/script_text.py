"""How do data stand in a script of a page? As JSON that cannot end the script."""

import json
from typing import Any


def script_text(value: Any) -> str:
    """Plain data as JSON that neither ends a script nor opens a comment in it."""
    return json.dumps(value).replace("<", "\\u003c")
