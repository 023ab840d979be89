"""How are a hundred thousand architectures read? Each different piece of them once.

A journal writes architectures in one way, and most of their layers are alike. So the
text of a layer, and the text around the stages, is read with every check when it comes
for the first time, and networks are put together from what is known after that. A text
of any other form is left to `vidnas.architecture.reader`, which says what is wrong
with it.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from vidnas.architecture.architecture import Architecture, identity_text
from vidnas.architecture.fields import LAYER_WORDS
from vidnas.architecture.parts import Layer, Stage
from vidnas.architecture.reader import architecture_from
from vidnas.errors import VidnasError

# What is between the stages of a text, and around them.
_BEFORE, _BETWEEN, _BEHIND = b',"stages":[{"width":', b'}]},{"width":', b"}]}]"
_PLAIN = b'24,"layers":[{"expand":24,"kernel":"3x3x3","stride":1,"squeeze_excite":0'
_MARK = '"@"'  # where layers stand in the text that is hashed
_TEMPORAL = re.compile(rb'"kernel":"(?!1x)')  # of a layer that sees several frames
_SPECIAL = {*LAYER_WORDS, "temporal_stride"}  # keys of layers that not all can have


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is around the stages.

    Args:
        facts: Fields of an architecture by name, its stages left out.
        identity: Texts that are hashed before the layers and behind them.
        spatial: Network of that form whose layers see one frame.
    """

    facts: dict[str, Any]
    identity: tuple[bytes, bytes]
    spatial: tuple[bytes, bytes]

    def allows(self, layers: Iterable[Layer]) -> bool:
        """Whether layers can stand in it as they are written."""
        causal, facts = self.facts["causal"], self.facts
        return not any(
            (causal and layer.temporal_stride > 1)
            or any(getattr(layer, word) == facts[word] for word in LAYER_WORDS)
            for layer in layers
        )


class _Layers:
    """Layers of stages of one width, by their texts.

    Args:
        width: Width of the stages, as it is written.
    """

    def __init__(self, width: bytes) -> None:
        self._width = width
        self.plain: dict[bytes, Layer] = {}  # those that every network can have
        self.every: dict[bytes, Layer] = {}
        self.identities: dict[bytes, bytes] = {}  # texts that are hashed

    def know(self, texts: Iterable[bytes]) -> bool:
        """Reads those that are new; whether all are written as journals do."""
        return all(text in self.every or self._read(text) for text in texts)

    def _read(self, text: bytes) -> bool:
        inside = b'%b,"layers":[{%b' % (self._width, text)
        for around in _AROUND:
            found = _read(around.replace(b"@", inside))
            if found is None or len(found.layers) > 1:
                continue
            (stage,) = found.stages
            (layer,) = stage.layers
            document = layer.to_document()
            hashed = {"width": stage.width, **document}
            written = json.dumps(hashed, sort_keys=True, separators=(",", ":"))
            self.every[text], self.identities[text] = layer, written.encode()
            if not _SPECIAL & document.keys():
                self.plain[text] = layer
            return True
        return False


class Pieces:
    """Reads texts of architectures, and remembers their pieces.

    Args:
        classes: Outputs of the classifiers that they were found with, where known.
    """

    def __init__(self, classes: int | None = None) -> None:
        self._classes = classes
        self._frames: dict[tuple[bytes, bytes], _Frame | None] = {}
        self._layers: dict[bytes, _Layers] = {}  # by width

    def read(self, text: bytes) -> Architecture | None:
        """The architecture of a text; None where it is not written as journals do.

        Args:
            text: JSON of `Architecture.to_document`, without spaces.
        """
        before, _, rest = text.partition(_BEFORE)
        middle, _, behind = rest.rpartition(_BEHIND)
        around = before, behind
        if around not in self._frames:
            self._frames[around] = self._frame(before, behind)
        frame = self._frames[around]
        if frame is None:
            return None
        stages: list[Stage] = []
        identities: list[bytes] = []
        for part in middle.split(_BETWEEN):
            width, _, inside = part.partition(b',"layers":[{')
            known, texts = self._layers_of(width), inside.split(b"},{")
            try:
                layers = tuple(map(known.plain.__getitem__, texts))
            except KeyError:
                if not known.know(texts):
                    return None
                layers = tuple(map(known.every.__getitem__, texts))
                if not frame.allows(layers):
                    return None
            stages.append(Stage(int(width), layers))
            identities += map(known.identities.__getitem__, texts)
        is_spatial = _TEMPORAL.search(middle) is None
        head, tail = frame.spatial if is_spatial else frame.identity
        hashed = b"".join((head, b",".join(identities), tail))
        found = object.__new__(Architecture)  # each piece of it was checked
        facts = vars(found)
        facts.update(frame.facts)
        facts["stages"] = tuple(stages)
        facts["arch_id"] = hashlib.sha256(hashed).hexdigest()[:16]
        return found

    def _layers_of(self, width: bytes) -> _Layers:
        """The layers of stages of a width."""
        try:
            return self._layers[width]
        except KeyError:
            return self._layers.setdefault(width, _Layers(width))

    def _frame(self, before: bytes, behind: bytes) -> _Frame | None:
        """What these texts say around the stages; None where they say it otherwise."""
        found = _read(b"".join((before, _BEFORE, _PLAIN, _BEHIND, behind)))
        if found is None:
            return None
        facts = {k: v for k, v in vars(found).items() if k not in ("stages", "arch_id")}
        document = found.to_document()
        head, tail, *more = identity_text(document, ["@"]).split(_MARK)
        spatial = identity_text(document, ["@"], is_spatial=True).split(_MARK)
        if more:
            return None
        return _Frame(
            facts | {"classes": self._classes},
            (head.encode(), tail.encode()),
            (spatial[0].encode(), spatial[1].encode()),
        )


# Networks around a layer, whose words are others, since a layer repeats none of them.
_AROUND = tuple(
    b'{"block":"movinet","clip":{"frames":8,"resolution":64,"frame_stride":1},"stem":'
    b'{"width":8,"kernel":"1x3x3","stride":2},"stages":[{"width":@}]}],"head":'
    b'{"project":8,"hidden":8},"activation":"%b","convolution":"%b"}' % words
    for words in ((b"relu", b"3d"), (b"swish", b"2plus1d"))
)


def _read(text: bytes) -> Architecture | None:
    """The architecture of a text that is written as journals do."""
    with suppress(VidnasError, ValueError, RecursionError):
        found = architecture_from(json.loads(text))
        written = json.dumps(found.to_document(), separators=(",", ":"))
        if written.encode() == text:
            return found
    return None
