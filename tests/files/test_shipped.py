import pytest

from vidnas.errors import InputError, SpaceError
from vidnas.files.loading import load_space
from vidnas.files.shipped import EXPERIMENTS, NOTEBOOKS, SPACES, shipped, shipped_file


def test_everything_that_ships_has_a_name(root):
    for kind, suffix in ((SPACES, "yaml"), (EXPERIMENTS, "yaml"), (NOTEBOOKS, "ipynb")):
        files = sorted((root / kind).glob(f"*.{suffix}"))
        assert files
        assert list(shipped(kind).values()) == files
    assert shipped_file(SPACES, "movinet_a2") == root / SPACES / "movinet_a2.yaml"
    assert shipped_file(SPACES, "movinet_a9") is None


def test_a_space_is_loaded_by_its_name(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    named = load_space("x3d")
    assert named == load_space(root / SPACES / "x3d.yaml")


def test_a_file_of_that_name_wins(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x3d").write_text((root / SPACES / "quickstart.yaml").read_text())
    assert load_space("x3d").name == "quickstart"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("movinet-a2", "Did you mean `movinet_a2`?"),
        ("qickstart", "Did you mean `quickstart`?"),
        ("mine", "Did you mean `mine.yaml`?"),
        ("movinet_a2.yaml", "movinet_a2.yaml cannot be read: No such file"),
        ("here/movinet_a2", "here/movinet_a2 cannot be read: No such file"),
    ],
)
def test_an_unknown_name_gets_the_nearest_one(tmp_path, monkeypatch, typed, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("{}")
    with pytest.raises(SpaceError) as refused:
        load_space(typed)
    assert isinstance(refused.value, InputError)
    assert says in str(refused.value)
