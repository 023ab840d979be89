"""Where does a line that moves appear? On a terminal's stderr, and nowhere else."""

from collections.abc import Callable

from rich.console import Console, RenderableType
from rich.live import Live


class LiveView:
    """One view on stderr that is drawn anew while a command works.

    Args:
        draw: Function that gives what is to be seen now.
        stays: Whether the last view stays when the command has ended.
    """

    def __init__(
        self, draw: Callable[[], RenderableType], *, stays: bool = False
    ) -> None:
        self.console = Console(stderr=True, highlight=False)
        self._live = Live(
            console=self.console,
            refresh_per_second=2,
            get_renderable=draw,
            transient=not stays,
        )

    @property
    def is_seen(self) -> bool:
        """Whether somebody looks: stderr is a terminal."""
        return bool(self.console.is_terminal)

    def start(self) -> None:
        """Begins to draw where somebody looks."""
        if self.is_seen:
            self._live.start()

    def stop(self) -> None:
        """Draws no more."""
        if self.is_seen:
            self._live.stop()
