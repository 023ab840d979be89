"""How are probabilities smoothed over time? By a mean that forgets exponentially."""

import math

from vidnas.arrays import Floats


class Smoothing:
    """A moving mean of probabilities, by the clock of the video.

    The mean is over what was seen: the first value is itself, and values of long ago
    weigh `exp(-age / seconds)`.

    Args:
        seconds: Time after which a value weighs a third; 0 for no smoothing.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._before: float | None = None
        self._sum: Floats | None = None
        self._weight = 0.0

    def smooth(self, probabilities: Floats, seconds: float) -> Floats:
        """The mean up to a moment.

        Args:
            probabilities: Probability of each class at that moment `[K]`.
            seconds: Moment of the video [s], no earlier than the last.
        """
        if not self._seconds:
            return probabilities
        if self._sum is None or self._before is None:
            fading, total = 0.0, probabilities
        else:
            fading = math.exp(-max(0.0, seconds - self._before) / self._seconds)
            total = self._sum * fading + probabilities
        self._before, self._sum = seconds, total
        self._weight = self._weight * fading + 1.0
        return total / self._weight

    def restart(self) -> None:
        """Forgets what was seen."""
        self._before, self._sum, self._weight = None, None, 0.0
