"""How does a text stand in HTML and SVG? Escaped, here and nowhere else."""

import html
from typing import Any

from vidnas.documents.visible_text import visible


def escape(value: Any) -> str:
    """The text of a value, safe between tags and in attributes, all of it visible."""
    return html.escape(visible(str(value), keep=""))
