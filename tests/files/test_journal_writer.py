from vidnas.files.journal import Journal
from vidnas.files.journal_writer import has_writer


def test_a_journal_has_a_writer_while_it_is_open(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path):
        assert has_writer(path)
    assert not has_writer(path)


def test_asking_disturbs_no_writer(tmp_path):
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        has_writer(path)
        journal.append({"event": "study"})
        assert has_writer(path)
    assert not has_writer(path)
    with Journal(path) as journal:
        assert journal.records == [{"event": "study"}]
