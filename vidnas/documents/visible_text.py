"""How is a text shown that holds characters nobody sees? With these spelled out.

Names of classes, files and baselines come from disks and people. A control character
in one clears a terminal, ends a line or stops a renderer, and one that turns the
direction of writing around makes a name look like another.
"""

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # Unicode's controls, surrogates, separators
_JOINERS = {"\u200c", "\u200d"}  # letters of some scripts need them


def visible(text: str) -> str:
    r"""The text with every hidden character spelled: `\x1b`, `\n`, `\u202e`.

    A byte of a file's name that is no UTF-8 is spelled as that byte.
    """
    if text.isprintable():
        return text
    return "".join(_spelled(c) if _is_hidden(c) else c for c in text)


def _is_hidden(character: str) -> bool:
    if character in _JOINERS:
        return False
    code = ord(character)
    is_none = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF  # no XML may hold it
    return is_none or unicodedata.category(character) in _HIDDEN


def _spelled(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python holds a byte that is no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if character in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
