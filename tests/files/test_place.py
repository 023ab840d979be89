import errno
import time

import fsspec
import pytest

from vidnas.errors import StudyError
from vidnas.files import place as places
from vidnas.files.place import Place, is_address


@pytest.fixture(params=["disk", "file", "memory", "strict"])
def place(request, tmp_path, monkeypatch):
    """A place on a disk, in an object store, and in a store that renames."""
    if request.param == "disk":
        return Place.of(tmp_path / "x")
    if request.param == "file":
        return Place.of(f"file://{tmp_path}/x")
    if request.param == "strict":
        monkeypatch.setattr(places, "_WHOLE", set())
    return Place.of(f"memory://{tmp_path.name}-{request.param}/x")


def test_what_is_written_is_read_back_and_replaced(place):
    assert place.names() == []
    place.write("a.json", b"1")
    place.write("b.json", b"2")
    place.write("a.json", b"3")
    assert place.read("a.json") == b"3"
    assert place.names() == ["a.json", "b.json"]


def test_a_child_is_a_place_of_its_own(place):
    place.child("below").write("a", b"1")
    assert place.names() == []
    assert place.child("below").names() == ["a"]


def test_folders_below_are_named_apart_from_files(place):
    assert place.folders() == []
    place.write("file", b"1")
    for name in ("b", "a"):
        place.child(name).write("x", name.encode())
    assert (place.folders(), place.names()) == (["a", "b"], ["file"])
    place.child("a").remove("x")
    place.child("a").remove_folder()
    assert place.folders() == ["b"]


def test_several_files_are_read_in_the_order_that_they_are_named(place):
    for name in "abc":
        place.write(name, name.encode())
    assert place.read_all(["c", "a", "b"]) == [b"c", b"a", b"b"]
    assert place.read_all(["b"]) == [b"b"]
    assert place.read_all([]) == []
    with pytest.raises(FileNotFoundError):
        place.read_all(["a", "absent"])


def test_a_file_takes_another_name_and_replaces_what_had_it(place):
    place.write("a", b"1")
    place.write("b", b"2")
    place.rename("a", "b")
    place.rename("absent", "b")
    assert (place.names(), place.read("b")) == (["b"], b"1")


def test_a_file_was_modified_when_it_was_written(place):
    began = time.time() - 1  # a disk counts in ticks
    place.write("a", b"1")
    assert began <= place.modified("a") <= time.time() + 1
    with pytest.raises(FileNotFoundError):
        place.modified("b")


def test_removing_twice_is_removing_once(place):
    place.write("a", b"1")
    place.remove("a")
    place.remove("a")
    assert place.names() == []


def test_what_is_not_there_is_an_error_that_names_it(place):
    with pytest.raises(FileNotFoundError, match=r"x/a\.json"):
        place.read("a.json")


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "a\\b", "a\nb", "a\x1b[2J"])
def test_a_name_that_is_a_path_leads_nowhere(place, name):
    for act in (place.read, place.remove, place.child, lambda n: place.write(n, b"")):
        with pytest.raises(OSError, match="must be a name and no path"):
            act(name)


def test_only_a_place_on_a_disk_has_a_path(tmp_path):
    assert Place.of(tmp_path).path == tmp_path
    assert Place.of(f"file://{tmp_path}").path == tmp_path
    assert Place.of("memory://x").path is None
    assert not is_address("runs/a:b//c")


def test_a_link_that_leads_elsewhere_is_not_written_to(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "x").symlink_to(tmp_path / "out")
    with pytest.raises(StudyError, match="symbolic link"):
        Place.of(tmp_path / "x").write("a", b"1")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_store_that_fails_now_and_then_is_asked_again(monkeypatch):
    monkeypatch.setattr(places, "PAUSE_SECONDS", 0.0)
    memory, calls = fsspec.filesystem("memory"), []
    upload = type(memory).pipe_file

    def flaky(self, *given, **named):
        calls.append(given)
        if len(calls) < 3:
            raise ConnectionError("reset by peer")
        return upload(self, *given, **named)

    monkeypatch.setattr(type(memory), "pipe_file", flaky)
    place = Place.of("memory://flaky/x")
    place.write("a", b"1")
    assert place.read("a") == b"1"
    assert len(calls) == 3


def test_a_store_that_stays_away_is_an_os_error_of_one_line(monkeypatch):
    monkeypatch.setattr(places, "PAUSE_SECONDS", 0.0)
    memory = type(fsspec.filesystem("memory"))

    def broken(self, *given, **named):
        raise RuntimeError("SlowDown\n\x1b[2Jtry later")

    monkeypatch.setattr(memory, "pipe_file", broken)
    with pytest.raises(OSError, match=r"SlowDown \\x1b\[2Jtry later") as caught:
        Place.of("memory://away/x").write("a", b"1")
    assert caught.value.errno == errno.EIO
    assert caught.value.filename == "memory://away/x/a"


def test_an_unknown_store_says_so():
    with pytest.raises(OSError, match="no store can be reached"):
        Place.of("nosuch://bucket/x").read("a")
