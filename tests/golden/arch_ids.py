"""Writes arch_ids.json: identities that journals and family files already carry.

Run: .venv/bin/python tests/golden/arch_ids.py

A changed identity orphans every study on disk, so regenerate only when `arch_id` is
meant to change, and say so in the change log.
"""

import json
from pathlib import Path

from vidnas.architecture.published import published, published_names


def main() -> None:
    identities = {}
    for name in published_names():
        identities[name] = published(name).arch_id
        if name.startswith("movinet"):
            identities[f"{name} stream"] = published(name, stream=True).arch_id
    golden = {
        "regenerate": ".venv/bin/python tests/golden/arch_ids.py",
        "arch_ids": identities,
    }
    text = json.dumps(golden, indent=2) + "\n"
    Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
