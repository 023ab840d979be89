"""Which networks can be searched: a space, and its candidates.

```text
language/   how a space is written    declaration, expressions, options, documents
compiling/  declaration -> program    the steps from option indices to values
space       a declaration, compiled   choice_space  the same without architectures
candidate   option indices            variation, candidate_matrix  drawn, changed, many
decoding    candidate -> architecture encoding      architecture -> candidate
```

Downwards it is the flow: declared, compiled, drawn, decoded. `Searchable` is what
strategies and budgets ask of any space. Pure: the standard library and numpy.
"""

from vidnas.space.candidate import Candidate
from vidnas.space.candidate_matrix import CandidateMatrix
from vidnas.space.candidate_text import read_candidate
from vidnas.space.choice_space import ChoiceSpace, ChosenValues
from vidnas.space.language.declaration import (
    ClipSpace,
    HeadSpace,
    SpaceDeclaration,
    StageSpace,
    StemSpace,
)
from vidnas.space.language.expression import Name, round8_of, same, where
from vidnas.space.language.options import Options, Width, choice
from vidnas.space.reading import read_space
from vidnas.space.searchable import Searchable
from vidnas.space.space import Space

__all__ = [
    "Candidate",
    "CandidateMatrix",
    "ChoiceSpace",
    "ChosenValues",
    "ClipSpace",
    "HeadSpace",
    "Name",
    "Options",
    "Searchable",
    "Space",
    "SpaceDeclaration",
    "StageSpace",
    "StemSpace",
    "Width",
    "choice",
    "read_candidate",
    "read_space",
    "round8_of",
    "same",
    "where",
]
