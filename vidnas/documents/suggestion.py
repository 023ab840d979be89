"""Which word did the user mean? Suggestions for unknown names."""

import difflib
from collections.abc import Iterable


def nearest(word: object, words: Iterable[str]) -> str:
    """` Did you mean `x`?` for the closest of `words`, or nothing.

    Case and what stands between letters count for nothing: `MoViNet_A0` is closest to
    `movinet-a0`, although it shares more characters with others.
    """
    if isinstance(word, (dict, list, tuple)):  # no word, whatever stands in it
        return ""
    known = [str(one) for one in words]
    plain = {_plain(one): one for one in reversed(known)}
    found = plain.get(_plain(str(word)))
    if found is None:
        close = difflib.get_close_matches(str(word), known, n=1)
        close = close or difflib.get_close_matches(_plain(str(word)), plain, n=1)
        found = plain.get(close[0], close[0]) if close else None
    return f" Did you mean `{found}`?" if found else ""


def _plain(word: str) -> str:
    """The word without case, and without what stands between its letters."""
    return "".join(filter(str.isalnum, word.casefold()))
