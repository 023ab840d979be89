"""How is text shown that may hold anything? What controls a terminal becomes visible.

Names of files and classes come from disks of others: an escape sequence in one must
not move the cursor, a mark of direction must not turn a line round, and a newline must
not begin a line of its own.
"""

import unicodedata

# Controls, separators of lines and paragraphs, and lone halves of surrogate pairs.
_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
# Formats that turn the direction of text (Trojan Source, CVE-2021-42574).
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e")
_ISOLATES = frozenset("\u2066\u2067\u2068\u2069")
MOST = 100  # characters of a name
LINES = "\n\t"  # what a text of several lines may hold


def visible(text: str, keep: str = LINES) -> str:
    r"""The text with each character that controls a terminal spelled out: `\x1b`.

    Args:
        text: Text of any origin.
        keep: Controls that stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        _spelled(one) if is_control(one) and one not in keep else one for one in text
    )


def is_control(character: str) -> bool:
    """Whether a character moves, hides or turns what stands around it."""
    return (
        character in _DIRECTIONS
        or character in _ISOLATES
        or unicodedata.category(character) in _CATEGORIES
    )


def _spelled(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def spelled_out(text: str) -> str:
    """The text with all that the eye may miss spelled: controls, blanks, marks, NFD."""
    return "".join(
        _spelled(one)
        if one != " " and (is_control(one) or not one.isascii() or one.isspace())
        else one
        for one in text
    )


def name_fault(text: str) -> str:
    """What a name must be and this text is not; empty where it is a name.

    Names become folders and stand on terminals and pages.
    """
    if any(map(is_control, text)):
        return "must be without control characters"
    if text != text.strip():
        return "must not begin or end with a blank"
    if text.startswith(".") or "/" in text or "\\" in text:
        return "must be a name and no path: without `/`, `\\` and a leading point"
    if not any(map(str.isalnum, text)) or len(text) > MOST:
        return f"must have a letter or digit, and at most {MOST} characters"
    return ""
