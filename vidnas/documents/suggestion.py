"""Which word did the user mean? Suggestions for unknown names."""

import difflib
from collections.abc import Iterable


def nearest(word: str, words: Iterable[str]) -> str:
    """` Did you mean `x`?` for the closest of `words`, or nothing."""
    close = difflib.get_close_matches(str(word), [str(w) for w in words], n=1)
    return f" Did you mean `{close[0]}`?" if close else ""
