"""Files with the state of a training: whole, or refused without harm."""

import io
import json
import zipfile

import numpy as np
import pytest

from vidnas.files.state_file import pack_state, unpack_state

STATE = {"trained": np.arange(6, dtype=np.float32), "steps": np.array(12)}
CONTENT = pack_state({"epoch": 2}, STATE)


class Harm:
    """What runs a command where it is unpickled."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('harmed')",))


def packed(save=np.savez, **arrays):
    content = io.BytesIO()
    save(content, **arrays)
    return content.getvalue()


def with_huge_shape():
    """An array that claims to hold 8 TB."""
    header = io.BytesIO()
    shape = {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
    np.lib.format.write_array_header_1_0(header, shape)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("trained.npy", header.getvalue())
    return content.getvalue()


def test_a_state_comes_back_as_it_was():
    about, state = unpack_state(CONTENT)
    assert about == {"epoch": 2}
    assert list(state) == list(STATE)
    for name, array in STATE.items():
        assert state[name].dtype == array.dtype
        np.testing.assert_array_equal(state[name], array)


@pytest.mark.parametrize("length", range(0, len(CONTENT), 37))
def test_half_a_state_is_none(length):
    with pytest.raises(ValueError, match="no state of a training"):
        unpack_state(CONTENT[:length])


def test_a_turned_byte_among_the_numbers_is_found():
    at = CONTENT.index(STATE["trained"].tobytes())
    turned = CONTENT[:at] + bytes([CONTENT[at] ^ 1]) + CONTENT[at + 1 :]
    with pytest.raises(ValueError, match="no state of a training"):
        unpack_state(turned)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no archive",
        packed(trained=np.arange(3)),
        packed(about=np.array("[1]")),
        packed(about=np.array("[" * 100_000)),
        packed(about=np.array([Harm()], dtype=object)),
        packed(about=np.array("{}"), trained=np.array([Harm()], dtype=object)),
        packed(np.savez_compressed, about=np.array("{}"), trained=np.zeros(10**6)),
        with_huge_shape(),
    ],
    ids=[
        "nothing",
        "text",
        "about nothing",
        "a list",
        "deep",
        "pickled",
        "pickled weights",
        "compressed",
        "huge",
    ],
)
def test_a_doctored_state_is_refused_and_nothing_of_it_runs(content):
    with pytest.raises(ValueError, match="no state of a training"):
        unpack_state(content)


def test_facts_are_plain_json():
    about = {"report": {"loss": 0.5}, "name": "ü"}
    assert unpack_state(pack_state(about, {}))[0] == json.loads(json.dumps(about))
