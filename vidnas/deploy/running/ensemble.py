"""How do several networks answer as one? Each sees every n-th frame, in turn.

A temporal ensemble costs what one of its networks costs at the full frame rate; the
mean of their logits is taken before the softmax.

Source:
    MoViNets, arXiv 2103.11511, temporal ensembles.
"""

from collections.abc import Sequence

import numpy as np

from vidnas.deploy.running.runner import ClipRunner, StreamRunner, Values


class TemporalClips:
    """Networks on whole clips of the full frame rate; see `ClipRunner`.

    Args:
        members: Runners of the n networks; number k gets frames k, k + n, ...
    """

    def __init__(self, members: Sequence[ClipRunner]) -> None:
        self._members = tuple(members)
        self.runtime = _runtime(self._members)

    def clip_logits(self, clips: Values) -> Values:
        """Mean logits `[B, K]` of clips `[B, T, H, W, C]` of the full rate."""
        count = len(self._members)
        found = [
            member.clip_logits(np.ascontiguousarray(clips[:, number::count]))
            for number, member in enumerate(self._members)
        ]
        return np.asarray(np.mean(found, axis=0), np.float32)


class TemporalStream:
    """Networks on frames as they arrive, in turn; see `StreamRunner`.

    After a frame only one network has computed; the others answer as they did last.

    Args:
        members: Runners of the n networks, of as many streams each.
    """

    def __init__(self, members: Sequence[StreamRunner]) -> None:
        self._members = tuple(members)
        self.runtime = _runtime(self._members)
        self.streams = self._members[0].streams
        self._answers: dict[int, Values] = {}
        self._frames = 0

    def frame_logits(self, frames: Values) -> Values:
        """Mean of the last logits `[B, K]` of all that have seen a frame."""
        number = self._frames % len(self._members)
        self._answers[number] = self._members[number].frame_logits(frames)
        self._frames += 1
        return np.asarray(np.mean(list(self._answers.values()), axis=0), np.float32)

    def restart(self) -> None:
        """Forgets every frame: the next one is the first network's."""
        for member in self._members:
            member.restart()
        self._answers, self._frames = {}, 0


def _runtime(members: Sequence[ClipRunner] | Sequence[StreamRunner]) -> str:
    return " and ".join(dict.fromkeys(member.runtime for member in members))
