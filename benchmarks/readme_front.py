"""Which front does README show? Table and picture of one study, written together.

Run:     make readme, after `make run`
Expect:  the text block of README, what it says of the best, and docs/front.png, all of
         that study. The picture says which networks it shows, so a test can compare.
"""

import re
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

from vidnas.study.history import load_history
from vidnas.views.charts.figures import front_chart

ROOT = Path(__file__).parents[1]
README, PICTURE = ROOT / "README.md", ROOT / "docs" / "front.png"
SHOWN = re.compile(r"(?<=```text\n)\d+ trials: .*?(?=```)", re.DOTALL)
BEST = re.compile(r"(?<=candidate above reaches )[0-9.]+")
SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"front"


def with_text(png: bytes, text: str) -> bytes:
    """The picture with a text chunk before its end."""
    body = b"tEXt" + KEYWORD + b"\0" + text.encode("latin-1")
    chunk = (
        struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    )
    return png[:-12] + chunk + png[-12:]


def text_of(png: bytes) -> str:
    """The text that `with_text` put there; empty where there is none."""
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        if kind == b"tEXt" and body.startswith(KEYWORD + b"\0"):
            return body.split(b"\0", 1)[1].decode("latin-1")
        at += 12 + length
    return ""


def main() -> None:
    """Writes both."""
    history = load_history(ROOT / "runs" / "quickstart")
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        front_chart(history, history.family()).save(file.name, scale_factor=2)
        png = Path(file.name).read_bytes()
    networks = " ".join(trial.arch_id for trial in history.front().trials)
    PICTURE.write_bytes(with_text(png, networks))
    # A finished study trains nothing more and says again what it found.
    again = [sys.executable, "-m", "vidnas", "search", "experiments/quickstart.yaml"]
    said = subprocess.run(
        again, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    text, count = SHOWN.subn(lambda _: said, README.read_text(encoding="utf-8"))
    if count != 1:
        raise SystemExit("README must show one search.")
    (best,) = re.findall(r"^best +([0-9.]+) %", said, re.MULTILINE)
    text, count = BEST.subn(best, text)
    if count != 1:
        raise SystemExit("README must say once what the best candidate reaches.")
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
