"""Where does the chart library come from? Bundled once, then kept for the user.

To bundle it takes a second and more, and each version of it is the same text every
time. What was kept is taken only if it is whole; where no folder may be written to, it
is bundled anew.
"""

import hashlib
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

from vidnas.whole_file import write_whole

CACHE_VARIABLE = "VIDNAS_CACHE"


@cache
def library() -> str:
    """The chart library as a script that no tag of HTML ends."""
    kept = _kept_file()
    found = _whole(kept)
    if found:
        return found
    source = _bundled()
    with suppress(OSError):
        write_whole(kept, _stamp(source) + source)
    return source


def cache_folder(env: Mapping[str, str], home: Path, system: str) -> Path:
    """Folder for what can be made anew, as each system knows one.

    Args:
        env: Environment; `VIDNAS_CACHE` names another folder.
        home: Home folder of the user.
        system: Name of the system, as `sys.platform` says it.
    """
    if env.get(CACHE_VARIABLE):
        return Path(env[CACHE_VARIABLE])
    if system == "darwin":
        return home / "Library" / "Caches" / "vidnas"
    if system == "win32":
        return Path(env.get("LOCALAPPDATA") or home / "AppData" / "Local") / "vidnas"
    # An address that is not absolute is to be ignored, says the XDG specification.
    named = Path(env.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else home / ".cache") / "vidnas"


def _kept_file() -> Path:
    try:
        home = Path.home()
    except RuntimeError:  # a user without a home
        home = Path(os.devnull)
    folder = cache_folder(os.environ, home, sys.platform)
    converter = version("vl-convert-python")
    return folder / f"charts-{converter}-{_schema_version()}.js"


def _whole(kept: Path) -> str:
    """The kept library; empty where there is none, or not all of it."""
    try:
        first, _, source = kept.read_text(encoding="utf-8").partition("\n")
    except (OSError, UnicodeError):
        return ""
    return source if f"{first}\n" == _stamp(source) else ""


def _stamp(source: str) -> str:
    return f"// {hashlib.sha256(source.encode()).hexdigest()}\n"


def _bundled() -> str:
    bundle: Any = vl_convert.javascript_bundle  # its stub demands a snippet
    source: str = bundle(vl_version=_schema_version())
    # The source must not end its script; in its strings this changes nothing.
    return source.replace("</script", "<\\/script")


def _schema_version() -> str:
    return ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
