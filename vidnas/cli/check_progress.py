"""What does a running check show? One line that moves; nothing where nobody looks."""

import time

from rich.text import Text

from vidnas.cli.live_view import LiveView
from vidnas.clips.clip_check import CheckedClip
from vidnas.documents.quantity import format_duration

_ENOUGH_SECONDS = 2.0  # before a time is estimated


class CheckProgress:
    """Renders how many clips are read; a context manager.

    Args:
        total: Number of clips.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._read = self._found = 0
        self._began = time.monotonic()
        self._live = LiveView(self._view)

    def __enter__(self) -> "CheckProgress":
        self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def hear(self, clip: CheckedClip) -> None:
        """Takes news of a clip that is read."""
        self._read += 1
        self._found += bool(clip.findings)

    def _view(self) -> Text:
        width = len(str(self._total))
        text = f"[{self._read:{width}d}/{self._total}] clips read"
        if self._found:
            text += f", something found in {self._found}"
        passed = time.monotonic() - self._began
        if passed > _ENOUGH_SECONDS and self._read:
            left = passed / self._read * (self._total - self._read)
            text += f"  {format_duration(left)} left"
        return Text(text)
