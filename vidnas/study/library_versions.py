"""Which versions of its libraries has a study? Those that its driver has installed."""

import platform
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = ("tensorflow", "keras", "ray", "numpy")


def library_versions() -> dict[str, str]:
    """Versions by name, Python's among them; a library that is not there is left out.

    None of them is loaded.
    """
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
