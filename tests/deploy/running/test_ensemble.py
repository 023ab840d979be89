import numpy as np

from vidnas.deploy.running.ensemble import TemporalClips, TemporalStream


class Weighted:
    """Stands for a network: its logits are a weighted sum of all frames it saw."""

    runtime = "weights"
    streams = 2

    def __init__(self, weight):
        self._weight = weight
        self.restart()

    def restart(self):
        self._seen, self._sum = 0, 0.0

    def frame_logits(self, frames):
        self._seen += 1
        self._sum = self._sum + self._seen * self._weight * frames[:, 0, 0]
        return self._sum

    def clip_logits(self, clips):
        counts = np.arange(1, clips.shape[1] + 1)
        return self._weight * np.einsum("t,btc->bc", counts, clips[:, :, 0, 0])


CLIPS = np.random.default_rng(0).normal(size=(2, 6, 4, 4, 3)).astype(np.float32)


def test_each_network_sees_every_other_frame_and_logits_are_averaged():
    ensemble = TemporalClips([Weighted(1.0), Weighted(3.0)])
    # Frames 0, 2, 4 by one network and 1, 3, 5 by the other, counted 1, 2, 3 by each.
    pixels = CLIPS[:, :, 0, 0]
    first = pixels[:, 0] + 2 * pixels[:, 2] + 3 * pixels[:, 4]
    second = 3.0 * (pixels[:, 1] + 2 * pixels[:, 3] + 3 * pixels[:, 5])
    np.testing.assert_allclose(
        ensemble.clip_logits(CLIPS), (first + second) / 2, rtol=1e-5
    )
    assert ensemble.runtime == "weights"


def test_a_stream_answers_from_the_first_frame_and_ends_as_the_clip():
    stream = TemporalStream([Weighted(1.0), Weighted(3.0)])
    for _ in range(2):  # after a restart as at first
        answers = [stream.frame_logits(CLIPS[:, t]) for t in range(6)]
        np.testing.assert_allclose(answers[0], CLIPS[:, 0, 0, 0], rtol=1e-6)
        halves = (CLIPS[:, 0, 0, 0] + 3.0 * CLIPS[:, 1, 0, 0]) / 2
        np.testing.assert_allclose(answers[1], halves, rtol=1e-5)
        whole = TemporalClips([Weighted(1.0), Weighted(3.0)]).clip_logits(CLIPS)
        np.testing.assert_allclose(answers[-1], whole, rtol=1e-4, atol=1e-5)
        stream.restart()
    assert stream.streams == 2
