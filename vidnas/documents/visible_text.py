"""How is text shown that may hold anything? What controls a terminal becomes visible.

Names of files and classes come from disks of others: an escape sequence in one must
not move the cursor, a mark of direction must not turn a line round, and a newline must
not begin a line of its own.
"""

import unicodedata

# Controls, separators of lines and paragraphs, lone halves of surrogate pairs, and
# formats: some turn the direction of text (Trojan Source, CVE-2021-42574), some are
# nothing to the eye.
_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")  # formats that letters of some scripts need
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
    code = ord(character)
    if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:  # no character for ever
        return True
    return unicodedata.category(character) in _CATEGORIES and character not in _JOINERS


def _spelled(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte of a file name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shown_name(name: str) -> str:
    """The name on one line; one that begins or ends with a blank in backticks."""
    shown = visible(name, keep="")
    return shown if shown == shown.strip() and shown else f"`{shown}`"


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
