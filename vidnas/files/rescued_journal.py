"""What becomes of a journal that was taken from under its writer? It is kept beside.

The writer has every record in memory. It leaves them in `journal.rescued.jsonl`; the
next writer takes them back where the journal then is an earlier state of them, as after
`rm`, a cut or a sync tool that brought back an old version.
"""

import os
from pathlib import Path

from vidnas.whole_file import write_whole


def rescue(journal: Path, raw: bytes) -> Path:
    """Writes what a journal held beside it; the file that it is in."""
    for path in (_name(journal, number) for number in range(1, 1000)):
        if not path.exists() or raw.startswith(path.read_bytes()):
            break
    write_whole(path, raw)
    return path


def adopt_rescued(journal: Path, file: int) -> list[str]:
    """Brings a journal up to what was rescued of it; what to tell the user.

    Args:
        journal: Journal file, which this process alone writes.
        file: Descriptor of it, open for appending.
    """
    notices = []
    for path in rescued_files(journal):
        before, kept = journal.read_bytes(), path.read_bytes()
        whole = before[: before.rfind(b"\n") + 1]
        if not whole.startswith(kept):
            if not kept.startswith(whole):
                notices.append(
                    f"{path} holds another course of this study than {journal.name}; "
                    "rename it to that to go on from it instead"
                )
                continue
            os.ftruncate(file, len(whole))
            _write(file, kept[len(whole) :])
            count = kept.count(b"\n") - whole.count(b"\n")
            notices.append(f"{count} records of {path} were taken back")
        path.unlink()
    return notices


def rescued_files(journal: Path) -> list[Path]:
    """What was rescued of a journal and not taken back yet."""
    return sorted(journal.parent.glob(f"{journal.stem}.rescued*.jsonl"))


def _name(journal: Path, number: int) -> Path:
    suffix = f"-{number}" if number > 1 else ""
    return journal.with_name(f"{journal.stem}.rescued{suffix}.jsonl")


def _write(file: int, raw: bytes) -> None:
    while raw:
        raw = raw[os.write(file, raw) :]
    os.fsync(file)
