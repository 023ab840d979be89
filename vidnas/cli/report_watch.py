"""How is a report kept current while a search runs? Written again, until it ends."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from vidnas.cli.output import note
from vidnas.files.mirror import publish
from vidnas.study.history import load_history
from vidnas.views.live.kept_current import Refresh, kept_current
from vidnas.views.live.live_study import LiveStudy, Lookout
from vidnas.views.pages.page_owner import require_own_report
from vidnas.whole_file import write_whole

INTERVAL = 5.0  # between two pages [s]
STORE_INTERVAL = 60.0  # the same of a study in a store, which gets every page
SHARE = 0.1  # of the time, the most that is spent on pages


@dataclass
class ReportWatch:
    """A report that is written again and again.

    Args:
        folder: Study folder.
        path: Page to write.
        interval: Least time between two pages [s].
    """

    folder: Path
    path: Path
    interval: float = INTERVAL
    _page: str = field(default="", init=False)
    _took: float = field(default=0.0, init=False)

    def run(self) -> LiveStudy:
        """Writes the page until no search runs any more; the study as it ended.

        Whatever ends this, the page that is left does not promise to go on.
        """
        lookout = Lookout(self.folder)
        study = self._look(lookout)
        try:
            while study.status.state == "running":
                self._write(kept_current(self._page, study, self._refresh()))
                time.sleep(self._pause)
                study = self._look(lookout)
            self._make()  # what ran is interrupted now
        finally:
            self._write(self._page)
        return study

    @property
    def _pause(self) -> float:
        return max(self.interval, self._took / SHARE)

    def _refresh(self) -> Refresh:
        return Refresh(self._pause, time.strftime("%H:%M:%S"))

    def _look(self, lookout: Lookout) -> LiveStudy:
        """The study now; its page is made anew where a trial began or ended.

        Storage that does not answer is waited for, as a search does.
        """
        told = False
        while True:
            try:
                study, changed = lookout.look()
                if changed or not self._page:
                    self._make()
                return study
            except OSError as wrong:
                if not self._page:
                    raise
                if not told:
                    note(f"{self.folder} cannot be read: {wrong.strerror}; waiting")
                told = True
                time.sleep(self.interval)

    def _make(self) -> None:
        from vidnas.views.pages.report import report_page

        began = time.monotonic()
        history = load_history(self.folder)
        require_own_report(self.path, history)
        self._page = report_page(history)
        self._took = time.monotonic() - began

    def _write(self, page: str) -> None:
        if page:
            write_whole(self.path, page)
            publish(self.folder)
