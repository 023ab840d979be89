"""Records are found wherever they lie in a damaged journal."""

import codecs

import pytest

from vidnas.files.journal import record_text
from vidnas.files.salvage import DamagedLine, FoundRecord, salvage

RECORDS = [{"event": "study", "name": "añ"}, {"event": "started", "trial": 0}]
RECORDS += [{"event": "done", "trial": 0, "measured": {"top1": 1.5}}]
ONE, TWO, THREE = (record_text(record).encode() for record in RECORDS)
WHOLE = ONE + TWO + THREE


def found(*lines):
    records = zip(lines, RECORDS, strict=True)
    return [FoundRecord(line, record) for line, record in records]


def test_a_sound_journal_is_found_as_it_is():
    assert salvage(WHOLE) == (found(1, 2, 3), [])
    assert salvage(b"") == ([], [])


@pytest.mark.parametrize(
    ("raw", "lines", "damaged"),
    [
        (ONE[:-1] + TWO + THREE, (1, 1, 2), []),
        (WHOLE[:-1], (1, 2, 3), []),
        (codecs.BOM_UTF8 + WHOLE.replace(b"\n", b"\r\n"), (1, 2, 3), []),
        (WHOLE.replace(b"\n", b"\r"), (1, 2, 3), []),
        (WHOLE.decode().encode("utf-16"), (1, 2, 3), []),
        (b"\n" + ONE + b"\n\n" + TWO + THREE, (2, 5, 6), []),
        (
            ONE + b"\x00" * 40 + TWO + THREE,
            (1, 2, 3),
            [DamagedLine(2, "holds zero bytes besides 1 that is kept")],
        ),
        (
            ONE + b"\xff\xfe\x07 rubbish\n" + TWO + THREE,
            (1, 3, 4),
            [DamagedLine(2, "holds what is no record")],
        ),
        (
            ONE + b'{"event":"done","tri' + TWO + THREE,
            (1, 2, 3),
            [DamagedLine(2, "holds what is no record besides 1 that is kept")],
        ),
        (
            ONE + TWO[:-1] + THREE[:-1] + b'{"event":"do\n',
            (1, 2, 2),
            [DamagedLine(2, "holds what is no record besides 2 that are kept")],
        ),
        (
            ONE + TWO + THREE + b'{"event":"do',
            (1, 2, 3),
            [DamagedLine(4, "holds what is no record")],
        ),
        (
            ONE + b"[" * 100_000 + b"\n" + TWO + b'{"event": 3}\n' + THREE,
            (1, 3, 5),
            [
                DamagedLine(2, "holds what is no record"),
                DamagedLine(4, "holds what is no record"),
            ],
        ),
    ],
    ids=[
        "glued",
        "no end",
        "as Windows writes",
        "as old Macs wrote",
        "in UTF-16",
        "empty lines",
        "zero bytes",
        "rubbish",
        "half a record before one",
        "three on a line",
        "half a last line",
        "no records",
    ],
)
def test_records_are_found_and_damage_is_named_by_line(raw, lines, damaged):
    assert salvage(raw) == (found(*lines), damaged)
