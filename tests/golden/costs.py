"""Writes costs.json from the published networks' reference file.

Run: .venv/bin/python tests/golden/costs.py

The numbers come from the reference, never from vidnas: they are what it must reproduce.
"""

import json
import os
from pathlib import Path

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("VIDNAS_SHARED", HERE.parents[1].parent / "shared"))


def main() -> None:
    source = SHARED / "reference" / "published_networks.json"
    published = json.loads(source.read_text(encoding="utf-8"))
    golden = {
        "source": published["sources"],
        "flops": published["conventions"]["flops"],
        "regenerate": ".venv/bin/python tests/golden/costs.py",
        "costs": published["golden_costs"],
    }
    text = json.dumps(golden, indent=2) + "\n"
    (HERE / "costs.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
