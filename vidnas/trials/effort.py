"""What may a study spend, and what has it spent? The first limit reached ends it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from vidnas.documents.quantity import format_duration, rounded

LIMITS = ("trials", "hours", "gpu_hours", "epochs")
_WORDS = {"trials": "trials", "gpu_hours": "GPU hours", "epochs": "epochs"}


@dataclass(frozen=True, slots=True)
class Spent:
    """What a study has spent so far, failed and interrupted tries included.

    Args:
        trials: Number of different networks that it tried.
        hours: Time that drivers worked on it, breaks left out [h].
        gpu_hours: Time of GPUs, of fractions of them in proportion [h].
        epochs: Number of epochs trained.
        cost: Price of the workers' time, of those whose price is stated; None where
            none is.
    """

    trials: int = 0
    hours: float = 0.0
    gpu_hours: float = 0.0
    epochs: int = 0
    cost: float | None = None

    def to_document(self) -> dict[str, float]:
        """The sums as plain data, without a cost that nobody knows."""
        return {key: rounded(value) for key, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class Effort:
    """What a study may spend; None for any amount.

    Args:
        trials: Number of different networks that are tried; promotions come on top.
        hours: Time that drivers work on the study, breaks left out [h].
        gpu_hours: Time of GPUs, of fractions of them in proportion [h].
        epochs: Number of epochs trained, by all trials together.
        grace_minutes: Time that running trials get once one of the last three is
            reached [min]; None until they have ended.
    """

    trials: int | None = None
    hours: float | None = None
    gpu_hours: float | None = None
    epochs: int | None = None
    grace_minutes: float | None = None

    @property
    def stated(self) -> dict[str, float]:
        """The limits that end the study, by name."""
        named = {key: getattr(self, key) for key in LIMITS}
        return {key: value for key, value in named.items() if value is not None}

    def to_document(self) -> dict[str, float]:
        """The effort as plain data, without what is not stated."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    def reached(self, spent: Spent) -> str:
        """Name of a limit that is reached; empty while there is none.

        Trials are named first: a study that tried all of them has done what was asked.
        """
        reached = (k for k, most in self.stated.items() if getattr(spent, k) >= most)
        return next(reached, "")

    def runs_out(self, spent: Spent) -> str:
        """Name of a reached limit of time or epochs, which no trial may begin beyond.

        Unlike these, `trials` limits new networks alone.
        """
        return replace(self, trials=None).reached(spent)

    def raised(self, limits: Mapping[str, Any]) -> "Effort":
        """The effort with some limits in place of its own."""
        return replace(self, **limits)

    def hours_left(self, spent: Spent) -> float | None:
        """Time of work until a limit is reached [h], at the rate so far."""
        left = [
            max(0.0, most - done) / (done / spent.hours)
            for most, done in ((m, getattr(spent, k)) for k, m in self.stated.items())
            if done and spent.hours
        ]
        return min(left, default=None)

    def part(self, spent: Spent) -> float:
        """Largest part of a limit that is spent, 1 where one is reached."""
        parts = (getattr(spent, k) / most for k, most in self.stated.items())
        return min(1.0, max(parts, default=0.0))

    def __str__(self) -> str:
        words = [limit_text(key, most) for key, most in self.stated.items()]
        text = " or ".join(words) + (", whichever is first" if len(words) > 1 else "")
        if self.grace_minutes is None:
            return text
        grace = format_duration(60 * self.grace_minutes)
        return f"{text}; running trials get {grace} then"


def limit_text(name: str, amount: float) -> str:
    """An amount of what is limited, in words: `48 trials`, `2 h 0 min`, `10 GPU hours`.

    Args:
        name: Name of a limit.
        amount: How much of it.
    """
    if name == "hours":
        return format_duration(3600 * amount)
    word = _WORDS[name] if amount != 1 else _WORDS[name].removesuffix("s")
    shown = rounded(round(amount, 2))
    return f"{shown} {word}"
