"""The chart library is bundled once for a user, and only a whole one is taken."""

from pathlib import Path

import pytest

from vidnas.views.charts import library

HOME = Path("/home/someone")


@pytest.fixture
def bundled(tmp_path, monkeypatch):
    """Counts bundlings of a library that is quickly made; the cache is a new folder."""
    count = []
    monkeypatch.setenv(library.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(library, "_bundled", lambda: count.append(1) or "let a = 1;\n")
    library.library.cache_clear()
    yield count
    library.library.cache_clear()


def asked_anew():
    library.library.cache_clear()
    return library.library()


def test_a_second_process_bundles_nothing(bundled):
    assert asked_anew() == asked_anew() == "let a = 1;\n"
    assert len(bundled) == 1


def test_what_was_cut_off_or_changed_is_bundled_anew(bundled, tmp_path):
    asked_anew()
    (kept,) = (tmp_path / "cache").iterdir()
    for damaged in (kept.read_bytes()[:-3], kept.read_bytes() + b"x", b"\xff", b""):
        kept.write_bytes(damaged)
        assert asked_anew() == "let a = 1;\n"
    assert len(bundled) == 5
    assert asked_anew() == "let a = 1;\n"
    assert len(bundled) == 5


def test_a_folder_that_cannot_be_written_to_stops_nothing(bundled, tmp_path):
    (tmp_path / "cache").write_text("a file")
    assert asked_anew() == asked_anew() == "let a = 1;\n"
    assert len(bundled) == 2


def test_each_system_has_a_folder_for_what_can_be_made_anew():
    folder = library.cache_folder
    assert folder({}, HOME, "linux") == HOME / ".cache" / "vidnas"
    assert folder({"XDG_CACHE_HOME": "/c"}, HOME, "linux") == Path("/c/vidnas")
    assert folder({"XDG_CACHE_HOME": "c"}, HOME, "linux") == HOME / ".cache" / "vidnas"
    assert folder({}, HOME, "darwin") == HOME / "Library" / "Caches" / "vidnas"
    assert folder({}, HOME, "win32") == HOME / "AppData" / "Local" / "vidnas"
    assert folder({"VIDNAS_CACHE": "/own"}, HOME, "win32") == Path("/own")
