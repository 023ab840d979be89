"""Spaces draw, and strategies propose, what they did before the rooms were moved."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from proposals import golden  # noqa: E402

sys.path.remove(str(HERE))


def test_every_draw_and_proposal_is_what_it_was():
    before = json.loads((HERE / "proposals.json").read_text(encoding="utf-8"))
    now = json.loads(json.dumps(golden()))
    assert list(now) == list(before)
    for name, facts in before.items():
        if not isinstance(facts, dict):
            continue
        for fact, was in facts.items():
            if fact != "proposals":
                assert now[name][fact] == was, f"{name}: {fact}"
                continue
            for case, proposal in was.items():
                assert now[name][fact][case] == proposal, f"{name}: {case}"
