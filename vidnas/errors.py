"""What can go wrong, as one tree.

VidnasError
├── InputError (ValueError)     the user's input is wrong; the command line exits 2
│   ├── SpaceError              a search space cannot be read or has no candidate
│   │   └── PlacedError         ... in one place of its document
│   ├── ShapeError              sizes do not fit one another
│   ├── ClipError               a video dataset or file cannot be used
│   ├── InfeasibleError         no candidate meets the budgets
│   └── StudyError              a study or training folder does not fit the command
├── EvaluationError             one trial failed; the study goes on
│   └── OutOfMemoryError        it needed more memory than its worker has
├── SurroundingsError           what every trial needs is missing; the study stops
└── JournalError                a journal is damaged beyond its last line
"""


class VidnasError(Exception):
    """Anything vidnas raises for what users or hardware cause."""


class InputError(VidnasError, ValueError):
    """The user's input is wrong: says what must hold, what came, and where."""


class SpaceError(InputError):
    """A search space, or a candidate for it, breaks the space language's rules."""


class PlacedError(SpaceError):
    """A search space is wrong in one place of its document.

    Args:
        message: What must hold, what came.
        path: Keys in the document that lead to the place.
    """

    def __init__(self, message: str, path: tuple[str | int, ...]) -> None:
        super().__init__(message)
        self.path = path


class ShapeError(InputError):
    """Sizes do not fit: kernels, strides, widths or clip shapes."""


class ClipError(InputError):
    """A video dataset or a video file cannot be used as asked."""


class InfeasibleError(InputError):
    """No candidate of the space meets the hard budgets."""


class StudyError(InputError):
    """The folder of a study or a training does not fit what was asked of it."""


class EvaluationError(VidnasError):
    """One trial could not be measured; the message becomes its recorded reason."""


class OutOfMemoryError(EvaluationError):
    """A training needed more memory than there was; a smaller micro-batch may fit."""


class SurroundingsError(VidnasError):
    """What trials need is not there: clips, files, libraries, a device.

    It is no trial's failure: a study stops, and goes on once that is mended.

    Args:
        message: What is missing.
        host: Machine that misses it; empty where that is not known.
    """

    def __init__(self, message: str, host: str = "") -> None:
        super().__init__(message)
        self.host = host


class JournalError(VidnasError):
    """A journal holds a line that is no record, before its last line."""
