"""How does a report stay current while it is open? It shows itself again.

A file loads itself anew from time to time; a page of the board asks first whether there
is anything new. What its reader typed, sorted, opened and paused is kept.
"""

import json
from dataclasses import asdict, dataclass
from importlib import resources

from vidnas.views.live.card import (
    chip,
    found_words,
    live_style,
    running_list,
    spent_words,
)
from vidnas.views.live.live_study import LiveStudy
from vidnas.views.pages.policy import POLICY
from vidnas.views.text.escaping import escape

ASKING_POLICY = f"{POLICY}; connect-src 'self'"
SCRIPT = "kept_current.js"


@dataclass(frozen=True, slots=True)
class Refresh:
    """When a page shows itself again.

    Args:
        seconds: Time between two looks [s].
        written: Time of day at which it was written, in words.
        ask: Address that says how the study stands; empty for a file, which asks
            nobody.
        version: Mark of what the page tells; another one is worth loading it anew.
        back: Address of the page that it came from; empty for none.
    """

    seconds: float
    written: str
    ask: str = ""
    version: str = ""
    back: str = ""


def kept_current(page: str, study: LiveStudy, refresh: Refresh) -> str:
    """A report with a line on top that tells how the study stands, and a script.

    Args:
        page: Report of the study.
        study: Study as it stands.
        refresh: When the page shows itself again.
    """
    head = f"<style>{live_style()}</style>"
    if refresh.ask:
        page = page.replace(POLICY, ASKING_POLICY, 1)
        head += '<link rel="icon" href="data:,">'
    else:
        again = f'<meta http-equiv="refresh" content="{refresh.seconds:.0f}">'
        head += f"<noscript>{again}</noscript>"
    back = f'<a href="{escape(refresh.back)}">all studies</a>' if refresh.back else ""
    bar = (
        f'<aside id="vl-live" class="vl-page">{back}<div id="vl-now">'
        f'{now(study)}</div><span id="vl-when"><output>as of {escape(refresh.written)}'
        '</output> <button type="button" id="vl-pause" hidden>pause</button></span>'
        "</aside>"
    )
    facts = json.dumps(asdict(refresh)).replace("<", "\\u003c")
    script = resources.files("vidnas.views.live").joinpath(SCRIPT)
    end = (
        f'<script type="application/json" id="vl-facts">{facts}</script>'
        # A module runs after those of the page, whose table it sorts again.
        f'<script type="module">{script.read_text(encoding="utf-8")}</script>'
    )
    page = page.replace("</head>", f"{head}</head>", 1)
    page = page.replace("<body>", f"<body>{bar}", 1)
    before, _, after = page.rpartition("</body>")
    return f"{before}{end}</body>{after}"


def now(study: LiveStudy) -> str:
    """How a study stands, in a line; what it found and runs is seen when opened."""
    status = study.status
    return (
        f"<details><summary>{chip(status.state)} {escape(spent_words(status))}"
        f"</summary><p>{escape(found_words(study))}</p>{running_list(status)}</details>"
    )
