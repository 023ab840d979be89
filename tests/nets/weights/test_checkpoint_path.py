"""Whatever people give of a checkpoint means that checkpoint, or says what would."""

import shutil
import tarfile
import zipfile

import pytest

from vidnas.errors import InputError
from vidnas.nets.weights.checkpoint_path import checkpoint_path, open_checkpoint

INDEX, DATA = "ckpt-1.index", "ckpt-1.data-00000-of-00001"


@pytest.fixture
def folder(tmp_path):
    """A checkpoint as it is downloaded, unpacked."""
    folder = tmp_path / "zoo" / "movinet_a0_base"
    folder.mkdir(parents=True)
    for name in ("checkpoint", INDEX, DATA):
        (folder / name).write_text(name)
    return folder


@pytest.mark.parametrize("name", ["ckpt-1", INDEX, DATA])
def test_a_checkpoint_is_meant_by_its_name_and_by_its_files(folder, name):
    assert checkpoint_path(folder / name) == folder / "ckpt-1"


def test_a_folder_is_meant_by_itself_and_by_those_above(folder):
    for path in (folder, folder / "checkpoint", folder.parent, folder.parents[1]):
        assert checkpoint_path(path) == folder


@pytest.mark.parametrize("name", ["a0.tar.gz", "a0.tgz", "a0.tar", "a0.zip"])
def test_an_archive_is_read_as_it_was_downloaded(folder, name):
    archive = folder.parent / name
    others = folder / "training.log"
    others.write_text("large")
    if name.endswith(".zip"):
        with zipfile.ZipFile(archive, "w") as content:
            for file in folder.iterdir():
                content.write(file, f"movinet/{file.name}")
    else:
        with tarfile.open(archive, "w" if name.endswith("tar") else "w:gz") as content:
            content.add(folder, "movinet")
    with open_checkpoint(archive) as found:
        assert {file.name for file in found.iterdir()} == {
            DATA,
            INDEX,
            "checkpoint",
        }
    assert not found.exists()


def test_an_archive_writes_nowhere_else(folder):
    archive = folder / "a0.tar"
    with tarfile.open(archive, "w") as content:
        content.add(folder / INDEX, "../../ckpt-1.index")
    with pytest.raises(InputError, match="cannot be unpacked"):
        open_checkpoint(archive).__enter__()


@pytest.mark.parametrize("name", ["a0.tar.gz", "a0.zip"])
@pytest.mark.parametrize("part", ["damaged", "empty", "without"])
def test_an_archive_of_nothing_says_so(tmp_path, name, part):
    archive = tmp_path / name
    if part == "without":
        form = {"a0.tar.gz": "gztar", "a0.zip": "zip"}[name]
        (tmp_path / "inside").mkdir()
        (tmp_path / "inside" / "saved_model.pb").write_text("other")
        shutil.make_archive(str(tmp_path / "a0"), form, tmp_path / "inside")
    else:
        archive.write_bytes(b"PK not one" * (part == "damaged"))
    with pytest.raises(InputError) as error, open_checkpoint(archive):
        pass
    assert str(error.value).startswith(f"{archive} must ")
    assert "\n" not in str(error.value)


def test_half_a_checkpoint_says_what_is_missing(folder):
    (folder / DATA).unlink()
    with pytest.raises(InputError, match=rf"must lie beside `{DATA}`"):
        checkpoint_path(folder / INDEX)
    (folder / INDEX).unlink()
    (folder / DATA).write_text("back")
    with pytest.raises(InputError, match=rf"must be beside `{INDEX}`"):
        checkpoint_path(folder / DATA)


def test_other_paths_say_which_would_do(folder, tmp_path):
    shutil.copytree(folder, folder.with_name("movinet_a1_base"))
    with pytest.raises(InputError, match=r"would do: .*a0_base, .*a1_base\.$"):
        checkpoint_path(folder.parent)
    (tmp_path / "runs" / "a2").mkdir(parents=True)
    (tmp_path / "runs" / "a2" / "weights.npz").write_text("own")
    with pytest.raises(InputError, match=r"would do: .*runs.a2.weights\.npz\.$"):
        checkpoint_path(tmp_path / "runs")
    (tmp_path / "x.keras").write_text("Keras")
    with pytest.raises(InputError, match=r"another file\. `keras.models.load_model`"):
        checkpoint_path(tmp_path / "x.keras")
    with pytest.raises(InputError, match="there is nothing"):
        checkpoint_path(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"nothing; these would do: .*/ckpt-1\.$"):
        checkpoint_path(folder / "ckpt")
