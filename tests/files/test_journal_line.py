import io
import json
import zlib

import pytest

from vidnas.errors import JournalError
from vidnas.files import journal_line
from vidnas.files.journal import Journal, read_journal, record_text
from vidnas.files.journal_line import has_wrong_seal, seal, whole_lines

RECORD = {"event": "done", "trial": 0, "measured": {"top1": 12.5}}


def test_a_line_ends_with_the_checksum_of_what_is_before_it():
    body = '{"event":"done","trial":0'
    assert seal(body + "}") == f'{body},"crc":"{zlib.crc32(body.encode()):08x}"}}'


def test_every_other_byte_in_a_line_is_noticed(tmp_path):
    line = record_text(RECORD).encode().rstrip()
    path = tmp_path / "journal.jsonl"
    for at in range(len(line)):
        path.write_bytes(line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :] + b"\n")
        if b'"crc"' in path.read_bytes():  # else it reads as one of an older version
            with pytest.raises(JournalError, match="line 1"):
                read_journal(path)


def test_lines_of_older_versions_have_no_checksum():
    assert not has_wrong_seal(json.dumps(RECORD).encode())


def test_a_line_that_was_spelled_anew_is_another():
    line = json.dumps(json.loads(record_text(RECORD))).encode()
    assert has_wrong_seal(line)


def test_a_record_is_read_without_its_checksum(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        journal.append(dict(RECORD))
    assert read_journal(path) == [RECORD]
    with Journal(path) as journal:
        assert journal.records == [RECORD]


@pytest.mark.parametrize("chunk", [1, 3, 7, 1000])
def test_lines_are_the_same_however_the_file_is_read(monkeypatch, chunk):
    monkeypatch.setattr(journal_line, "_CHUNK", chunk)
    lines = whole_lines(io.BytesIO(b"one\n\ntwo\r\nthree\nhalf"))
    assert list(lines) == [(1, b"one"), (2, b""), (3, b"two"), (4, b"three")]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_longer_than_any_record_is_refused_unread(tmp_path, monkeypatch, end):
    monkeypatch.setattr(journal_line, "MOST_LINE", 2**20)
    path = tmp_path / "journal.jsonl"
    path.write_bytes(record_text(RECORD).encode())
    with path.open("ab") as file:
        file.truncate(2**33)  # eight gigabytes of zero bytes, none of them on the disk
        file.seek(0, 2)
        file.write(end)
    with pytest.raises(JournalError, match="line 2 is longer than 1 MiB"):
        read_journal(path)
    with pytest.raises(JournalError, match="line 2 is longer than 1 MiB"):
        Journal(path)


@pytest.mark.parametrize(
    "line",
    [b"\x00" * 100, b"\xff\xfe\x00", b"[" * 100_000, b'{"a":' * 50_000, b"9" * 9999],
)
def test_rubbish_is_refused_in_one_line(tmp_path, line):
    path = tmp_path / "journal.jsonl"
    path.write_bytes(line + b"\n")
    with pytest.raises(JournalError, match=r"journal\.jsonl, line 1 is not") as refused:
        read_journal(path)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 500
