"""How long a window is, and how it is called."""

import pytest

from vidnas.clips.window import Window, longest


@pytest.mark.parametrize(
    ("window", "seconds", "words"),
    [
        # 15 steps of 1/25 s and the last frame
        (Window(16), 0.64, "16 frames"),
        # 7 steps of 2/25 s and the last frame
        (Window(8, 2), 0.6, "8 frames of stride 2"),
        # 3 steps of 1/2 s and one source frame
        (Window(4, fps=2.0), 1.54, "4 frames at 2 a second"),
        (Window(1), 0.04, "1 frame"),
    ],
)
def test_a_window_lasts_from_its_first_frame_to_the_end_of_its_last(
    window, seconds, words
):
    assert window.seconds(25.0) == pytest.approx(seconds)
    assert window.words == words


def test_the_longest_window_is_that_of_most_time_then_of_most_frames():
    assert longest([Window(16), Window(4, fps=2.0), Window(8, 2)]) == Window(4, fps=2.0)
    # 3 steps of 2 and 6 of 1 take the same time
    assert longest([Window(4, 2), Window(7)]) == Window(7)
